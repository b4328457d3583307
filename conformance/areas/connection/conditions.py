"""Which requests of a run share a connection, a moment, or the fate of the server: what the laws of this area are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import permutations

from conformance.exchange import Exchange
from conformance.judge import Relation
from conformance.judge.condition import request, response
from conformance.judge.marks import marks

KINDS = ("three", "eight")
"""The groups of marked requests that are sent at the same moment."""


PATIENCE = 50
"""Times that an answer took before: what was left, of some twenty times its length, is over by then."""
_WAITED = re.compile(r"([0-9.]+) s \(limit")


def marks_asked(x: Exchange) -> list[str]:
    """The marks in a request."""
    return marks(x.request_body.decode("utf-8", "replace"))


def mark_of(x: Exchange) -> str:
    """The mark by which a marked request is told from the others."""
    return next(iter(marks_asked(x)), "no mark")


def said(x: Exchange) -> str:
    """What the answer says, in its text and in the arguments of its calls. Raises Unreadable."""
    said = ((choice.content, *(call.arguments for call in choice.tool_calls)) for choice in x.choices)
    return "\n".join(text for texts in said for text in texts if text)


@response("whose answer repeats a mark")
def repeats_a_mark(x: Exchange) -> bool:
    """A model that repeats none tells nothing."""
    return bool(marks(said(x)))


@request("that was left, if it was meant to be")
def left_if_meant(x: Exchange) -> bool:
    return "leaves" not in x.intent or x.ended == "left"


def slow(usual: Exchange, x: Exchange) -> bool:
    """The answer did not come in time, and might have come in the time that the one before gives reason to wait."""
    waited, took = _WAITED.search(x.failure or ""), usual.arrivals[-1][0] if usual.arrivals else 0.0
    return x.ended == "timeout" and (waited is None or float(waited[1]) < PATIENCE * took)


def _served(exchanges: Sequence[Exchange], like: Exchange) -> Exchange | None:
    """The same request over a connection of its own, where it was answered 2xx."""
    asked = (like.url, like.request_body)
    alike = (
        x for x in exchanges if x.ok and (x.url, x.request_body) == asked and not x.intent & {"over-kept", "after-left"}
    )
    return next(alike, None)


def _reused(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    for x in exchanges:
        if "over-kept" in x.intent and (usual := _served(exchanges, x)) is not None:
            yield usual, x


def _survived(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    left = [x for x in exchanges if "leaves" in x.intent]
    if not any(x.answered for x in left):  # the server was gone, or silent, before
        return
    for x in exchanges:
        if "after-left" in x.intent and (usual := _served(exchanges, x)) is not None and not slow(usual, x):
            yield from ((usual, each, x) for each in left)


def _beside(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    for kind in KINDS:
        marked = [x for x in exchanges if {"marked", kind} <= x.intent and x.ok]
        yield from permutations(marked, 2)


reused = Relation("request over a connection that was kept, and the same one served over its own", _reused)
"""(the one over its own, the one over the kept)"""
survived = Relation("request after a client went away in mid-answer, and the same one served before", _survived)
"""(the one before, the one that was left, the one after)"""
beside = Relation("run of marked requests at the same moment", _beside)
"""(one, another)"""
