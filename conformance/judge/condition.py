"""When a check applies: named questions about one exchange, joined with &, | and ~.

A condition never judges and never reads the clock or the network. It answers True, False, or None where only a usable
answer could tell and none came: then the checks that hang on it are untestable, not passed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from conformance.exchange import Exchange, Unreadable

Answer = bool | None
Fact = tuple[str, str | int]
"""What is known of an exchange without a question: its route, a parameter that it sets, an intent, its status."""

_DONE = re.compile(rb"^data: ?\[DONE\]", re.MULTILINE)
_END = re.compile(rb'"type": ?"response\.(completed|incomplete|failed)"[^\n]*\r?\n\r?\n')
"""The last event of a streamed response, which needs no [DONE]."""


ALIKE = object()
"""The place in an exchange's memo for who can be asked about all that are alike (outlines.py)."""
OPEN, NOTHING = object(), object()
"""What it says where each must be asked, and where what was not recorded is asked for."""


def asked_once(x: Exchange, question: Callable[[Exchange], Any]) -> Any:
    """What a pure function says of an exchange. Where there are many that are alike, it is asked about one of them."""
    alike = x.memo.get(ALIKE)
    known = OPEN if alike is None else alike.ask(question)
    return question(x) if known is OPEN or known is NOTHING else known


class Condition:
    """A named, remembered question about an exchange; `name` reads as the end of "no exchange ..."."""

    __slots__ = ("by_head", "facts", "name", "parts", "sockets", "special", "test")

    def __init__(
        self,
        name: str,
        test: Callable[[Exchange], Answer],
        *,
        special: bool = False,
        facts: tuple[Fact, ...] = (),
        by_head: bool = False,
    ) -> None:
        self.name = name
        self.test = test
        self.special: bool = special or getattr(test, "special", False)
        """It holds only of requests that ask for it: by a mistake, or by what the suite meant."""
        self.sockets: bool = getattr(test, "sockets", False)
        """It asks about WebSockets; without that a law is about HTTP, and judges no turn over one."""
        self.parts: tuple[Condition, ...] = getattr(test, "parts", (self,))
        """What & joined here: one that says no decides for all conditions that begin alike."""
        self.facts = facts
        """It holds of what any one of these is a fact, and of nothing else; no exchange has two of them (ways.py)."""
        self.by_head = by_head
        """The fact is undecided until the answer is whole."""

    def __call__(self, x: Exchange) -> Answer:
        try:
            return x.memo[self]
        except KeyError:
            answer: Answer = asked_once(x, self.test)
            x.memo[self] = answer
            return answer

    def __and__(self, other: Condition) -> Condition:
        return _both(self, other)

    def __or__(self, other: Condition) -> Condition:
        return _either(self, other)

    def __invert__(self) -> Condition:
        return _opposite(self)


# Remembered, so that the same words are the same condition, asked once an exchange.


@cache
def _both(one: Condition, other: Condition) -> Condition:
    def test(x: Exchange) -> Answer:
        mine = one(x)
        if mine is False:
            return False
        theirs = other(x)
        return False if theirs is False else None if mine is None or theirs is None else True

    test.parts, test.special = one.parts + other.parts, one.special or other.special
    test.sockets = one.sockets or other.sockets
    return Condition(f"{one.name}, {other.name}", test)


@cache
def _either(one: Condition, other: Condition) -> Condition:
    def test(x: Exchange) -> Answer:
        mine = one(x)
        if mine is True:
            return True
        theirs = other(x)
        return True if theirs is True else None if mine is None or theirs is None else False

    test.special, test.sockets = one.special and other.special, one.sockets or other.sockets
    return Condition(f"{one.name} or {other.name}", test)


@cache
def _opposite(one: Condition) -> Condition:
    return Condition(f"not ({one.name})", lambda x: None if (answer := one(x)) is None else not answer)


def request(name: str, *, special: bool = False) -> Callable[[Callable[[Exchange], Any]], Condition]:
    """A condition on the request alone: always decided."""
    return lambda test: Condition(name, lambda x: bool(test(x)), special=special)


def _over_socket(x: Exchange) -> bool:
    return x.socket


_over_socket.sockets = True
by_socket = Condition("over a WebSocket", _over_socket)


def about_it(when: Condition, x: Exchange) -> bool:
    """Whether what has this condition is about such an exchange at all."""
    return when.sockets or not x.socket


def response(name: str) -> Callable[[Callable[[Exchange], Any]], Condition]:
    """A condition on the answer: undecided where the answer is not whole or cannot be read."""

    def make(test: Callable[[Exchange], Any]) -> Condition:
        def decide(x: Exchange) -> Answer:
            if not (there := whole(x)):
                return False if there is False and not _owed(x) else None
            try:
                return bool(test(x))
            except Unreadable:
                return None

        return Condition(name, decide)

    return make


@request("whose answer is whole")
def whole(x: Exchange) -> bool:
    """The answer came to its end: of the body, or at [DONE] or a response's last event where the server kept the connection open."""
    if not x.answered or x.ended in ("undecodable", "limit"):
        return False
    if x.ended == "complete":
        return True
    return x.streaming and bool(_DONE.search(x.body) or (x.route == "responses" and _END.search(x.body)))


def _owed(x: Exchange) -> bool:
    """A whole answer is owed: the client did not go away, and the connection was none that may have been closed meanwhile.

    Where none is, no check waits for one.
    """
    return x.ended != "left" and (x.answered or "over-kept" not in x.intent)


def by_head(name: str) -> Callable[[Callable[[Exchange], Any]], Condition]:
    """A condition on the status and the headers: what they rule out is ruled out however the answer then ended; what they do not
    is undecided until the answer is whole."""

    def make(test: Callable[[Exchange], Any]) -> Condition:
        def decide(x: Exchange) -> Answer:
            there = whole(x)
            if there:
                return bool(test(x))
            ruled_out = there is False and (not _owed(x) or (x.answered and not test(x)))
            return False if ruled_out else None

        return Condition(name, decide)

    return make
