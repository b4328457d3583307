"""A request at both ends of a gateway: as the client sent it, and each time that it reached the upstream, with both answers.

Exchanges of the upstream's end are named after those of the client's, so a run file holds pairs, too. It must not judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.exchange import Exchange
from conformance.gateway.changes import Change, changes, read
from conformance.gateway.owners import answered_owner, asked_owner
from conformance.gateway.streams import Stream

UPSTREAM = "@upstream"
"""Follows the id of a request in that of its other end, and a number where it reached the upstream more than once."""
WAITED_FOR = frozenset({"paced", "leaves"})
"""The intents of requests for which the upstream waits until the client has its first event."""
IN_VAIN = "waited-in-vain"
"""The intent of an other end whose upstream waited, after its first event, for the client to have it, and the client had nothing."""
UNFRAMED = "http-1.0"
"""The intent of an other end that was asked by HTTP/1.0: a body without a length has no end but that of the connection."""


def upstream_id(id: str, time: int) -> str:
    """The id of a request at the upstream, when it is there for so many times."""
    return f"{id}{UPSTREAM}" if time == 1 else f"{id}{UPSTREAM}.{time}"


@dataclass(frozen=True)
class Pair:
    """`outer` is the client's end, `inners` are what reached the upstream, in order; none where nothing did."""

    outer: Exchange
    inners: tuple[Exchange, ...]

    @property
    def asked(self) -> Exchange:
        """What the upstream was asked first."""
        return self.inners[0]

    @property
    def answered(self) -> Exchange:
        """What the upstream answered last: this is what the gateway had in its hands."""
        return self.inners[-1]

    @property
    def reached(self) -> bool:
        return bool(self.inners)

    @property
    def served(self) -> bool:
        """The upstream answered as a success, and whole."""
        return self.reached and self.answered.ok and self.answered.ended == "complete"

    @property
    def passed(self) -> bool:
        """So did the gateway."""
        return self.served and self.outer.ok and self.outer.ended == "complete"

    @property
    def plain(self) -> bool:
        """Both gave one JSON text."""
        return self.passed and not self.streams and self.answered.not_json is None and self.outer.not_json is None

    @property
    def streams(self) -> bool:
        """The upstream gave a stream."""
        return self.reached and self.answered.media_type == "text/event-stream"

    @property
    def streamed(self) -> bool:
        """Both gave a stream, and whole."""
        return self.passed and self.streams and self.outer.media_type == "text/event-stream"

    @property
    def refused(self) -> bool:
        """The upstream refused, or failed, in a whole answer."""
        return self.reached and self.answered.failed and self.answered.ended == "complete"

    @cached_property
    def _asked(self) -> dict[str, list[Change]]:
        return _by_owner(changes(asked_of(self.outer), asked_of(self.asked)), asked_owner)

    def asked_changes(self, owner: str) -> list[Change]:
        """What the gateway changed of the request's body, of the part that a law owns. Raises Unreadable."""
        return self._asked.get(owner, [])

    @cached_property
    def _answered(self) -> dict[str, list[Change]]:
        return _by_owner(changes(read(self.answered.body), read(self.outer.body)), answered_owner)

    def answered_changes(self, owner: str) -> list[Change]:
        """What it changed of a plain answer. Raises Unreadable."""
        return self._answered.get(owner, [])

    @cached_property
    def both_streams(self) -> tuple[Stream, Stream]:
        """The stream of the upstream, and that of the gateway."""
        return Stream(self.answered), Stream(self.outer)


def asked_of(x: Exchange) -> Any:
    """What a request asks: its JSON with numbers as they were written, or the texts of its form. Raises Unreadable."""
    return x.asked if x.form else read(x.request_body)


def _by_owner(found: list[Change], owner: Callable[[Change], str]) -> dict[str, list[Change]]:
    owned: dict[str, list[Change]] = {}
    for change in found:
        owned.setdefault(owner(change), []).append(change)
    return owned


def pair_of(group: Sequence[Exchange]) -> Pair:
    """The pair of a client's exchange and those upstream; made once, as long as these are the same."""
    outer, inners = group[0], tuple(group[1:])
    kept = outer.memo.get("pair")
    if (
        kept is None
        or len(kept.inners) != len(inners)
        or any(a is not b for a, b in zip(kept.inners, inners, strict=True))
    ):
        kept = outer.memo["pair"] = Pair(outer, inners)
    return kept


def pairs(exchanges: Sequence[Exchange]) -> Iterator[Pair]:
    """Every request of the client's end with its other ends: where one of them is on its route, what a gateway asks meanwhile on others,
    to count tokens or to have a text judged, is its own."""
    inners: dict[str, list[Exchange]] = {}
    for x in exchanges:
        if UPSTREAM in x.id:
            inners.setdefault(x.id.partition(UPSTREAM)[0], []).append(x)
    for x in exchanges:
        if UPSTREAM not in x.id:
            found = sorted(inners.get(x.id, ()), key=_time)
            alike = [inner for inner in found if (inner.method, inner.route) == (x.method, x.route)]
            yield pair_of((x, *(alike or found)))


def beside(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """What a gateway asked of its upstream, while a client's request was under way, for itself."""
    paired = {id(x) for pair in pairs(exchanges) for x in pair.inners}
    return [x for x in exchanges if UPSTREAM in x.id and id(x) not in paired]


def _time(x: Exchange) -> int:
    return int(x.id.partition(UPSTREAM)[2].lstrip(".") or 1)
