"""The requests of a burst, and what came after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.exchange import Exchange
from conformance.judge import Relation


def _bursts(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The like requests of each burst; the one after the wait is none of them."""
    for kind in ("burst", "limited-key"):
        yield tuple(x for x in exchanges if kind in x.intent and "recovery" not in x.intent)


def _partly_served(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The bursts of which some were served, so that what was turned away was so for their number."""
    yield from (burst for burst in _bursts(exchanges) if len(burst) > 1 and any(x.ok for x in burst))


def _streamed_in_burst(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """An answer of 429 with each stream that began in the same burst."""
    for burst in _bursts(exchanges):
        for limited in [x for x in burst if x.status == 429][:1]:
            yield from ((limited, x) for x in burst if x.ok and x.streaming)


def _recovered(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The last answer of 429 in a burst with that of the request sent after the time which it named."""
    after = [x for x in exchanges if "recovery" in x.intent]
    for burst in _bursts(exchanges):
        for limited in [x for x in burst if x.status == 429][-1:]:
            yield from ((limited, x) for x in after if x.intent > limited.intent)


burst = Relation("burst of like requests, some of them served", _partly_served)
"""Every request of the burst."""
streamed_in_burst = Relation("stream that began in a burst in which others were limited", _streamed_in_burst)
"""(an answer of 429, the stream)"""
recovered = Relation("request sent after the time that a limit named", _recovered)
"""(the answer of 429, the one after the wait)"""
