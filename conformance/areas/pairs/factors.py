"""The features that are asked for together: what each adds to a request, which requests ask for it, and what goes with what.

It must not judge. What OpenAI itself refuses together, or what makes no sense, is left out here, each with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from conformance.areas.questions import HELLO, TEXT, WEATHER, closed, named, strict
from conformance.exchange import Exchange, find, is_a, remembered
from conformance.exchange.probe import Body, user
from conformance.exchange.shipped import encoded
from conformance.judge.blame import names
from conformance.judge.mistakes import mistaken

TOKENS = 100
"""Room for a call, an object or a greeting."""
IN_JSON = f'{HELLO} Answer as JSON, with "greeting" as the only key.'
IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded('yellow.png')}", "detail": "low"}}
ROLES = ("system", "developer")


@dataclass(frozen=True)
class Factor:
    """One feature. `adds` are the members of a request that ask for it, none for what is in its messages.

    `asks` tells a request that does, in the same way. Of one `kind` a request has one. `needs` are features without which it
    means nothing. `words` are what a refusal calls it.
    """

    name: str
    adds: Body
    asks: Callable[[Body], Any]
    kind: str = ""
    needs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def named(self, x: Exchange) -> bool:
        """Whether a refusal names it."""
        return names(x, *(self.words or (self.name,)))


def _set(name: str, value: Any, **more: Any) -> Factor:
    """A parameter by its own name."""
    return Factor(name, {name: value}, lambda body: body.get(name).__class__ is value.__class__, **more)


def _penalty(name: str) -> Factor:
    return Factor(name, {name: 0.5}, lambda body: is_a(body.get(name), float) and body[name] != 0)


def _format(kind: str, value: Body) -> Factor:
    return Factor(
        kind, {"response_format": value}, lambda body: find(body, "response_format.type") == kind, kind="format",
        words=("response_format", kind, "structured output"),
    )  # fmt: skip


def _choice(name: str, value: Any, asks: Callable[[Any], Any]) -> Factor:
    return Factor(name, {"tool_choice": value}, lambda body: bool(body.get("tools")) and asks(body.get("tool_choice")),
                  kind="choice", needs=("tools",), words=("tool_choice",))  # fmt: skip


def _parts(body: Body) -> Iterator[Any]:
    """The content of the messages that is in parts."""
    messages = body.get("messages")
    contents = (find(message, "content") for message in (messages if isinstance(messages, list) else ()))
    return (part for content in contents if isinstance(content, list) for part in content)


def _has_role(role: str) -> Callable[[Body], bool]:
    def asks(body: Body) -> bool:
        messages = body.get("messages")
        return isinstance(messages, list) and any(find(message, "role") == role for message in messages)

    return asks


FACTORS = {
    factor.name: factor
    for factor in (
        Factor("stream", {"stream": True}, lambda body: body.get("stream") is True),
        Factor("include_usage", {"stream_options": {"include_usage": True}},
               lambda body: find(body, "stream_options.include_usage") is True, needs=("stream",),
               words=("stream_options",)),
        Factor("n", {"n": 2}, lambda body: is_a(body.get("n"), int) and body["n"] > 1),
        _set("stop", ["@@", "##"]),
        Factor("logprobs", {"logprobs": True}, lambda body: body.get("logprobs") is True),
        _set("top_logprobs", 2, needs=("logprobs",)),
        _set("tools", [WEATHER]),
        _choice("tool_choice required", "required", lambda choice: choice == "required"),
        _choice("a named tool_choice", named("get_weather"), lambda choice: find(choice, "type") == "function"),
        _choice("tool_choice none", "none", lambda choice: choice == "none"),
        _set("parallel_tool_calls", False, needs=("tools",)),
        _format("json_object", {"type": "json_object"}),
        _format("json_schema", strict("greeting", closed(greeting=TEXT))),
        Factor("an image", {}, lambda body: any(find(part, "type") == "image_url" for part in _parts(body)),
               needs=("content in parts",), words=("image",)),
        Factor("content in parts", {}, lambda body: any(find(part, "type") == "text" for part in _parts(body)),
               words=("parts", "string")),
        *(Factor(f"a {role} message", {}, _has_role(role), kind="role", words=(role,)) for role in ROLES),
        Factor("temperature", {"temperature": 0}, lambda body: body.get("temperature") == 0),
        Factor("top_p", {"top_p": 1}, lambda body: body.get("top_p") == 1),
        _penalty("presence_penalty"),
        _penalty("frequency_penalty"),
        _set("seed", 7),
        _set("max_tokens", TOKENS),
        _set("reasoning_effort", "low"),
        Factor("store", {"store": True}, lambda body: body.get("store") is True),
        _set("metadata", {"suite": "conformance"}, needs=("store",)),
        _set("user", "conformance"),
    )
}  # fmt: skip
NEEDS = {factor.name: factor.needs for factor in FACTORS.values()}

_TOOLS = "GPT-5.4 to 5.6 take no function tools beside a reasoning_effort on this route (openai/openai-openapi#541)"
_SAMPLING = "OpenAI's reasoning models take no sampling parameters beside an effort above none"
_ROOM = "a model that reasons may want its limit by the newer name"
APART = {
    frozenset({"reasoning_effort", name}): reason
    for reason, names in (
        (_TOOLS, ("tools",)),
        (_SAMPLING, ("temperature", "top_p", "presence_penalty", "frequency_penalty", "logprobs", "stop")),
        (_ROOM, ("max_tokens",)),
    )
    for name in names
}
"""Pairs that are not asked for together, and why. `prediction`, `audio` and `web_search_options` are no factors at all: the
documents say of each that it takes few others beside it."""


def fits(names: Collection[str]) -> bool:
    """Whether one request may ask for all of these."""
    return not any(
        frozenset(pair) in APART or (FACTORS[pair[0]].kind and FACTORS[pair[0]].kind == FACTORS[pair[1]].kind)
        for pair in combinations(names, 2)
    )


_ODD = frozenset({"pairs", "edge", "staged"})


def alone(exchanges: Iterable[Exchange]) -> list[tuple[Exchange, frozenset[str]]]:
    """The chat requests that tell what is supported by itself, each with its features: none with a mistake, or at an edge."""
    chats = (x for x in exchanges if x.route == "chat" and not x.intent & _ODD and mistaken(x) is not True)
    return [(x, asked_by(x)) for x in chats]


@remembered
def asked_by(x: Exchange) -> frozenset[str]:
    """The features that an exchange asks for."""
    return asked_in(x.asked)


def asked_in(body: Body) -> frozenset[str]:
    """The features that a request asks for."""
    return frozenset(factor.name for factor in FACTORS.values() if factor.asks(body))


def body_of(names: Collection[str]) -> Body:
    """A request that asks for these features."""
    text = IN_JSON if "json_object" in names else HELLO
    image = [IMAGE] if "an image" in names else []
    content = [{"type": "text", "text": text}, *image] if "content in parts" in names else text
    roles = [{"role": role, "content": "You answer in few words."} for role in ROLES if f"a {role} message" in names]
    body: Body = {"messages": [*roles, *user(content)], "max_completion_tokens": TOKENS}
    if "max_tokens" in names:
        del body["max_completion_tokens"]
    for name in FACTORS:
        body |= FACTORS[name].adds if name in names else {}
    return body
