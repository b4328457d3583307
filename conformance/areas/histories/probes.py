"""Conversations that differ from a plain one in one thing: the order of roles, a content, an image, a result.

`order`, `result` and `types` mark what OpenAI takes; what is only to make no server fail is marked `edge`.
"""

from __future__ import annotations

from conformance.areas.questions import HELLO, LIMIT, WEATHER
from conformance.exchange.probe import Body, Depth, Probe, user
from conformance.exchange.shipped import encoded

SYSTEM: Body = {"role": "system", "content": "You answer in few words."}
ANSWER: Body = {"role": "assistant", "content": "Hello!"}
BEGUN: Body = {"role": "assistant", "content": "Hello! How"}
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


_HELLO = user(HELLO)
_PART = {"type": "text", "text": HELLO}

PROBES = (
    _probe("ends-assistant", [*_HELLO, BEGUN], "order", "ends", depth="normal"),
    _probe("images", user([_PART, image("png"), image("png")]), "optional", depth="normal"),
    _probe("image-types", user([_PART, *map(image, TYPES)]), "optional", "types", depth="normal"),
    *(_probe(f"ends-{name}", messages, "order", "ends") for name, messages in {
        "system": [*_HELLO, SYSTEM],
        "twice": [*_HELLO, ANSWER, BEGUN],
        "system-alone": [{"role": "system", "content": HELLO}],
    }.items()),
    *(_probe(f"order-{name}", messages, "order") for name, messages in {
        "two-systems": [SYSTEM, SYSTEM, *_HELLO],
        "system-late": [*_HELLO, ANSWER, SYSTEM, *_HELLO],
        "system-each": [SYSTEM, *_HELLO, SYSTEM, ANSWER, SYSTEM, *_HELLO],
        "assistants": [*_HELLO, ANSWER, ANSWER, *_HELLO],
        "assistant-first": [ANSWER, *_HELLO],
        "users": [*_HELLO, *_HELLO, *_HELLO],
        "system-empty": [{"role": "system", "content": ""}, *_HELLO],
        "assistant-empty": [*_HELLO, {"role": "assistant", "content": ""}, *_HELLO],
    }.items()),
    *(_probe(f"image-{kind}", user([_PART, image(kind)]), "optional", "types") for kind in TYPES if kind != "png"),
    *(_round(name, content) for name, content in {
        "text": "violet fog", "empty": "", "parts": [{"type": "text", "text": text} for text in ("violet", " ", "fog")],
        "object": '{"sky": "violet fog", "at": {"hour": 9}}', "list": "[1, 2]", "number": "17", "null": "null",
        "long": LONG_RESULT,
    }.items()),
    *(_probe(f"edge-{name}", messages, "edge", "odd-history", tools=[WEATHER]) for name, messages in {
        "assistant-null": [*_HELLO, {"role": "assistant", "content": None}, *_HELLO],
        "assistant-bare": [*_HELLO, {"role": "assistant"}, *_HELLO],
        "user-null": user(None),
        "user-bare": [{"role": "user"}],
        "no-parts": user([]),
        "empty-part": user([{"type": "text", "text": ""}]),
        "part-without-text": user([{"type": "text"}]),
        "part-of-no-type": user([{"text": HELLO}]),
        "part-a-text": user([HELLO]),
        "part-null": user([None]),
        "image-without-url": user([_PART, {"type": "image_url"}]),
        "image-url-a-text": user([_PART, {"type": "image_url", "image_url": image("png")["image_url"]["url"]}]),
        "message-empty": [{}],
        "message-null": [None],
        "message-a-text": [HELLO],
        "role-null": [{"role": None, "content": HELLO}],
        "no-calls": [*_HELLO, {**ANSWER, "tool_calls": []}, *_HELLO],
        "calls-null": [*_HELLO, {**ANSWER, "tool_calls": None}, *_HELLO],
        "arguments-empty": [*_HELLO, called(""), result(), *_HELLO],
        "arguments-cut": [*_HELLO, called('{"city": "Par'), result(), *_HELLO],
        "arguments-object": [*_HELLO, called({"city": "Paris"}), result(), *_HELLO],
        "arguments-null": [*_HELLO, called(None), result(), *_HELLO],
        "call-bare": [*_HELLO, {"role": "assistant", "tool_calls": [{}]}],
        "result-null": [*_HELLO, called(), result(None), *_HELLO],
        "result-object": [*_HELLO, called(), result({"sky": "violet fog"}), *_HELLO],
        "result-twice": [*_HELLO, called(), result(), result(), *_HELLO],
        "result-without-id": [*_HELLO, called(), {"role": "tool", "content": "violet fog"}, *_HELLO],
    }.items()),
)  # fmt: skip
