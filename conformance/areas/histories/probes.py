"""Conversations that differ from a plain one in one thing: the order of roles, a content, an image, a result.

`ends`, `order`, `result` and `types` mark what OpenAI takes; what is only to make no server fail is `odd-history`.
"""

from __future__ import annotations

from conformance.areas.questions import HELLO, LIMIT, WEATHER
from conformance.exchange.probe import Body, Depth, Probe, user
from conformance.exchange.shipped import encoded

ASKED = "Name a colour."
SYSTEM: Body = {"role": "system", "content": "You answer in few words."}
ANSWER: Body = {"role": "assistant", "content": "Blue."}
BEGUN: Body = {"role": "assistant", "content": "One that I"}
CALL_ID = "call_His4nWd8KqM1xBv6TjC5LsG"
LONG_RESULT = "violet fog, " * 1000
"""Some 3,000 tokens: a page that a tool read."""
TYPES = {"png": "png", "jpeg": "jpg", "webp": "webp", "gif": "gif"}
"""The documented types of images, each with the ending of our file of it."""


def image(kind: str) -> Body:
    """An image of a documented type, as a part."""
    url = f"data:image/{kind};base64,{encoded(f'yellow.{TYPES[kind]}')}"
    return {"type": "image_url", "image_url": {"url": url, "detail": "low"}}


def called(arguments: object = '{"city": "Paris"}', id: str = CALL_ID, **more: object) -> Body:
    """A message of the assistant with one call."""
    call = {"id": id, "type": "function", "function": {"name": "get_weather", "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call], **more}


def result(content: object = "violet fog", **more: object) -> Body:
    return {"role": "tool", "tool_call_id": CALL_ID, "content": content, **more}


def _probe(name: str, messages: list[Body], *intent: str, depth: Depth = "deep", **more: object) -> Probe:
    body = {"messages": messages, "temperature": 0, "max_completion_tokens": LIMIT, **more}
    return Probe(f"histories.{name}", body, intent=frozenset(intent), depth=depth)


def _round(name: str, content: object) -> Probe:
    """A call with a result, and nothing after it."""
    return _probe(
        f"result-{name}", [*user("The weather in Paris?"), called(), result(content)], "result", tools=[WEATHER]
    )


_ASKED = user(ASKED)
_PART = {"type": "text", "text": HELLO}
"""The text beside the one image of surface.image, with whose cost that of two is compared."""

PROBES = (
    _probe("ends-assistant", [*_ASKED, BEGUN], "edge", "ends", depth="normal"),
    _probe("images", user([_PART, image("png"), image("png")]), "optional", depth="normal"),
    _probe("image-types", user([_PART, *map(image, TYPES)]), "optional", "types", depth="normal"),
    *(_probe(f"ends-{name}", messages, "edge", "ends") for name, messages in {
        "twice": [*_ASKED, ANSWER, BEGUN],
        "system-alone": [{"role": "system", "content": ASKED}],
    }.items()),
    *(_probe(f"order-{name}", messages, "edge", "order") for name, messages in {
        "two-systems": [SYSTEM, SYSTEM, *_ASKED],
        "system-last": [*_ASKED, SYSTEM],
        "system-late": [*_ASKED, ANSWER, SYSTEM, *_ASKED],
        "developer-late": [*_ASKED, ANSWER, {**SYSTEM, "role": "developer"}, *_ASKED],
        "system-each": [SYSTEM, *_ASKED, SYSTEM, ANSWER, SYSTEM, *_ASKED],
        "assistants": [*_ASKED, ANSWER, ANSWER, *_ASKED],
        "assistant-first": [ANSWER, *_ASKED],
        "users": [*_ASKED, *_ASKED, *_ASKED],
        "system-empty": [{"role": "system", "content": ""}, *_ASKED],
        "assistant-empty": [*_ASKED, {"role": "assistant", "content": ""}, *_ASKED],
    }.items()),
    *(_probe(f"image-{kind}", user([_PART, image(kind)]), "optional", "types") for kind in TYPES if kind != "png"),
    *(_round(name, content) for name, content in {
        "text": "violet fog", "empty": "",
        "object": '{"sky": "violet fog", "at": {"hour": 9}}', "list": "[1, 2]", "number": "17", "null": "null",
        "long": LONG_RESULT,
    }.items()),
    *(_probe(f"edge-{name}", messages, "edge", "odd-history", tools=[WEATHER]) for name, messages in {
        "assistant-null": [*_ASKED, {"role": "assistant", "content": None}, *_ASKED],
        "assistant-bare": [*_ASKED, {"role": "assistant"}, *_ASKED],
        "user-null": user(None),
        "user-bare": [{"role": "user"}],
        "no-parts": user([]),
        "empty-part": user([{"type": "text", "text": ""}]),
        "part-without-text": user([{"type": "text"}]),
        "part-of-no-type": user([{"text": ASKED}]),
        "part-a-text": user([ASKED]),
        "part-null": user([None]),
        "image-without-url": user([_PART, {"type": "image_url"}]),
        "image-url-a-text": user([_PART, {"type": "image_url", "image_url": image("png")["image_url"]["url"]}]),
        "message-empty": [{}],
        "message-null": [None],
        "message-a-text": [ASKED],
        "role-null": [{"role": None, "content": ASKED}],
        "no-calls": [*_ASKED, {**ANSWER, "tool_calls": []}, *_ASKED],
        "calls-null": [*_ASKED, {**ANSWER, "tool_calls": None}, *_ASKED],
        "arguments-empty": [*_ASKED, called(""), result(), *_ASKED],
        "arguments-cut": [*_ASKED, called('{"city": "Par'), result(), *_ASKED],
        "arguments-object": [*_ASKED, called({"city": "Paris"}), result(), *_ASKED],
        "arguments-null": [*_ASKED, called(None), result(), *_ASKED],
        "call-bare": [*_ASKED, {"role": "assistant", "tool_calls": [{}]}],
        "result-null": [*_ASKED, called(), result(None), *_ASKED],
        "result-object": [*_ASKED, called(), result({"sky": "violet fog"}), *_ASKED],
        "result-twice": [*_ASKED, called(), result(), result(), *_ASKED],
        "result-without-id": [*_ASKED, called(), {"role": "tool", "content": "violet fog"}, *_ASKED],
    }.items()),
)  # fmt: skip
