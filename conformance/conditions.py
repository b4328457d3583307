"""When a check applies: named questions about one exchange, joined with &, | and ~.

A condition never judges and never reads the clock or the network. It answers True, False, or None where only a usable
answer could tell and none came: then the checks that hang on it are untestable, not passed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.exchange import Exchange, Unreadable

Answer = bool | None


class Condition:
    """A named, remembered question about an exchange; `name` reads as the end of "no exchange ..."."""

    __slots__ = ("name", "test")

    def __init__(self, name: str, test: Callable[[Exchange], Answer]) -> None:
        self.name = name
        self.test = test

    def __call__(self, x: Exchange) -> Answer:
        if self not in x.memo:
            x.memo[self] = self.test(x)
        return x.memo[self]

    def __and__(self, other: Condition) -> Condition:
        def both(x: Exchange) -> Answer:
            mine = self(x)
            if mine is False:
                return False
            theirs = other(x)
            return False if theirs is False else None if mine is None or theirs is None else True

        return Condition(f"{self.name}, {other.name}", both)

    def __or__(self, other: Condition) -> Condition:
        return ~(~self & ~other)._named(f"{self.name} or {other.name}")

    def __invert__(self) -> Condition:
        def opposite(x: Exchange) -> Answer:
            return None if (mine := self(x)) is None else not mine

        return Condition(f"not ({self.name})", opposite)

    def _named(self, name: str) -> Condition:
        self.name = name
        return self


def request(name: str) -> Callable[[Callable[[Exchange], Any]], Condition]:
    """A condition on the request alone: always decided."""
    return lambda test: Condition(name, lambda x: bool(test(x)))


def response(name: str) -> Callable[[Callable[[Exchange], Any]], Condition]:
    """A condition on the answer: undecided where the answer is not whole or cannot be read."""

    def make(test: Callable[[Exchange], Any]) -> Condition:
        def decide(x: Exchange) -> Answer:
            if not whole(x):
                return None
            try:
                return bool(test(x))
            except Unreadable:
                return None

        return Condition(name, decide)

    return make


def asked(parameter: str) -> Condition:
    """The request set this parameter to something other than null."""
    return Condition(f"that sets {parameter}", lambda x: x.asked.get(parameter) is not None)


def intent(name: str) -> Condition:
    """The probe meant this by its request; a recording does not say."""
    return Condition(f"meant as {name}", lambda x: name in x.intent)


def route(*names: str) -> Condition:
    return Condition(f"to {' or '.join(names)}", lambda x: x.route in names)


def status(*codes: int) -> Condition:
    return response(f"answered {' or '.join(map(str, codes))}")(lambda x: x.status in codes)


@request("whose answer is whole")
def whole(x: Exchange) -> bool:
    """The answer came to its end: of the body, or at [DONE] where the server then kept the connection open."""
    if x.status is None or x.ended == "undecodable":
        return False
    return x.ended == "complete" or (x.streaming and b"data: [DONE]" in x.body)


@request("with any answer")
def answered(x: Exchange) -> bool:
    return x.status is not None


@request("whose headers were kept")
def headers_known(x: Exchange) -> bool:
    return x.headers_known


@request("that asks for a stream")
def streaming(x: Exchange) -> bool:
    return x.streaming


@request("sent with POST")
def post(x: Exchange) -> bool:
    return x.method == "POST"


@response("answered 2xx")
def ok(x: Exchange) -> bool:
    return x.ok


@response("answered 4xx or 5xx")
def failed(x: Exchange) -> bool:
    return x.status >= 400


chat_request = Condition("to chat completions", (route("chat") & post).test)
completion = Condition("of a chat completion", (chat_request & ok).test)
chat = Condition("of a plain chat completion", (completion & ~streaming).test)
chat_stream = Condition("of a streamed chat completion", (completion & streaming).test)


@request("that offers tools")
def offers_tools(x: Exchange) -> bool:
    return bool(x.asked.get("tools"))


@response("that calls a tool")
def calls_tool(x: Exchange) -> bool:
    return any(choice.tool_calls for choice in x.choices)


@response("with a finish_reason of length")
def cut_by_limit(x: Exchange) -> bool:
    return any(choice.finish_reason == "length" for choice in x.choices)


@request("that asks for the usage of a stream")
def asked_usage(x: Exchange) -> bool:
    options = x.asked.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


tool_calls = Condition("of a chat completion that calls a tool", (completion & calls_tool).test)
tool_stream = Condition("of a streamed chat completion that calls a tool", (chat_stream & calls_tool).test)
