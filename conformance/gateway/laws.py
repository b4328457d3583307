"""How a law over both ends of a gateway is declared, and all of them. They are checks like any others, but none of the catalogue.

    @law("gateway.model", MUST, about=sends("model"), source=REQUEST, breaks="model-renamed", fix="...")
    def model_is_kept(pair: Pair) -> Problems:

A law is about the pairs that its `about` picks: where it picks none, there was nothing to judge. It must not send.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from conformance.exchange import Exchange, Unreadable
from conformance.gateway.changes import Change, apart, said
from conformance.gateway.pair import Pair, pairs
from conformance.judge.condition import Condition
from conformance.judge.registry import check
from conformance.judge.verdicts import Check, Level, Problems, Relation
from conformance.reference.lying_gateway import GatewayLie, declared

AREA = "gateway"
TOPICS = (
    "requests_passed", "parameters_passed", "messages_passed", "tools_passed", "answers_passed", "choices_passed", "streams_passed",
    "stream_ends_passed", "media_passed", "failures_passed",
)  # fmt: skip
"""The files that hold laws, with their lies beside them."""
_LAWS: dict[str, Check] = {}
_FIXES: dict[str, str] = {}
seen = Condition("seen at both ends", lambda x: True)


@dataclass(frozen=True)
class About:
    """Which pairs a law is about, in words that end "no ..."."""

    name: str
    test: Callable[[Pair], Any]

    def __and__(self, other: About) -> About:
        return About(f"{self.name}, {other.name}", lambda pair: self.test(pair) and other.test(pair))

    def groups(self, exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
        for pair in pairs(exchanges):
            try:
                if self.test(pair):
                    yield (pair.outer, *pair.inners)
            except Unreadable:
                continue


def about(name: str) -> Callable[[Callable[[Pair], Any]], About]:
    return lambda test: About(name, test)


def law(
    id: str, level: Level, *, about: About, source: str | Sequence[str], fix: str, breaks: str | Sequence[str]
) -> Callable[[Callable[[Pair], Problems]], Callable[[Pair], Problems]]:
    """Declare a law. `breaks` are the lies of a gateway that prove it, `fix` is what its author does about it, in a sentence."""

    def declare(judge: Callable[[Pair], Problems]) -> Callable[[Pair], Problems]:
        @wraps(judge)
        def of_group(*group: Exchange) -> Problems:
            from conformance.gateway.pair import pair_of

            return judge(pair_of(group))

        together = Relation(about.name, about.groups)
        check(id, level, when=seen, together=together, source=source, breaks=breaks, into=_LAWS)(of_group)
        _FIXES[id] = fix
        return judge

    return declare


@cache
def laws() -> dict[str, Check]:
    """Every law by id."""
    for topic in TOPICS:
        importlib.import_module(f"conformance.gateway.{topic}")
    return dict(_LAWS)


def fix_of(id: str) -> str:
    """What the author of a gateway does where the law is broken."""
    laws()
    return _FIXES[id]


@cache
def lies() -> dict[str, GatewayLie]:
    """Every lie that proves a law, by name."""
    for topic in TOPICS:
        importlib.import_module(f"conformance.gateway.{topic}_lies")
    return declared()


# ---------------------------------------------------------------------- what laws are about, and how they say what they saw


reached = About("request that reached the upstream", lambda pair: pair.reached)
plain = About("plain answer that came through", lambda pair: pair.plain)
streamed = About("stream that came through", lambda pair: pair.streamed)
whole = About("success of the upstream", lambda pair: pair.served and pair.outer.ended != "left")
refused = About("refusal of the upstream", lambda pair: pair.refused)


def streamed_where(test: Callable[[Any], Any], name: str) -> About:
    """A stream that came through, of which the upstream's is so."""
    return streamed & About(name, lambda pair: test(pair.both_streams[0]))


def sends(*names: str) -> About:
    """A request whose body holds any of these members."""
    name = f"request with {' or '.join(names)}"
    return About(name, lambda pair: pair.reached and any(each in pair.outer.asked for each in names))


def edited(changes: Sequence[Change], whose: str) -> Problems:
    """What is not as it was."""
    for change in changes:
        was, now = apart(change.was, change.now)
        what = change.place
        if change.order:
            was, now = "that of the other end", str([change.was.index(each) for each in change.now])
            what = f"the order of {what}"
        yield f"{what} is {now}, expected {was}, {whose}"


def asked(pair: Pair, owner: str) -> Problems:
    """What the gateway changed of this part of the request."""
    yield from edited(pair.asked_changes(owner), "as the client sent it")


def answered(pair: Pair, owner: str) -> Problems:
    """What it changed of this part of a plain answer."""
    yield from edited(pair.answered_changes(owner), "as the upstream answered")


def differing(what: str, now: Any, was: Any, whose: str = "as the upstream sent it") -> Problems:
    """The same of two values."""
    if now != was:
        yield f"{what} is {said(now)}, expected {said(was)}, {whose}"
