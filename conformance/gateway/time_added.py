"""What a gateway costs in time: how much later than the upstream sends it a client has the first token, and each further one.

Each end is timed by itself, from when the request was sent, or had come, to when a token was there: the difference is the gateway's and
the network's. The upstream takes a while for each token, so that there is something to hold up. The same requests go to the upstream
itself, too: what they take longer at the client's end is this process's own. It must not judge.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.exchange import Exchange, Unreadable
from conformance.exchange.probe import Probe, user
from conformance.exchange.spoken import token_times
from conformance.gateway.pair import Pair
from conformance.gateway.pairing import MARK, marked
from conformance.gateway.streams import Stream
from conformance.gateway.upstream_end import TIMED

LEVELS: tuple[tuple[int, int], ...] = ((1, 24), (8, 48), (64, 192))
"""(requests in flight, requests) of each level."""
LEAST = 20
"""Values that a percentile is made of, at least."""
Ask = Callable[[Probe, bool], Awaitable[Pair]]
"""Asks through the gateway, or its upstream itself."""


def probe(number: int, way: str) -> Probe:
    """A request of its own: a stream of a dozen tokens with a mark that no other has."""
    mark = f"mark-{number}-{way}"
    text = f"Repeat exactly this line and nothing else: {mark} one two three four five six seven eight nine ten"
    body = {"messages": user(text), "temperature": 0, "max_completion_tokens": 100, "stream": True}
    return Probe(f"cost.{mark}", body, intent=frozenset({TIMED}))


@dataclass
class Level:
    """One number of requests in flight: seconds that were added to the first token and between two, through the gateway and without."""

    at_once: int
    requests: int = 0
    failed: int = 0
    strangers: int = 0
    """Answers with the mark of another request."""
    first: list[float] = field(default_factory=list)
    between: list[float] = field(default_factory=list)
    own_first: list[float] = field(default_factory=list)
    own_between: list[float] = field(default_factory=list)

    @property
    def record(self) -> dict[str, Any]:
        """For the run file, in milliseconds."""
        times = {name: _percentiles(getattr(self, name)) for name in ("first", "between", "own_first", "own_between")}
        counts = {name: getattr(self, name) for name in ("at_once", "requests", "failed", "strangers")}
        return counts | times


def _percentiles(seconds: Sequence[float]) -> dict[str, float] | None:
    if len(seconds) < LEAST:
        return None
    ordered = sorted(seconds)
    return {
        f"p{share}": round(1000 * ordered[math.ceil(share / 100 * len(ordered)) - 1], 2) + 0.0 for share in (50, 95)
    }


def asked(levels: Sequence[tuple[int, int]] = LEVELS) -> int:
    """How many requests that takes."""
    return 2 * sum(number for _, number in levels)


async def measure(ask: Ask, levels: Sequence[tuple[int, int]] = LEVELS) -> list[Level]:
    """Ask at each level, first without the gateway."""
    found, number = [], 0
    for at_once, count in levels:
        level = Level(at_once)
        for through in (False, True):
            probes = [probe(number + n, "through" if through else "beside") for n in range(count)]
            number += count
            for pair in await _in_flight(probes, at_once, ask, through):
                _count(level, pair, through)
        found.append(level)
    return found


async def _in_flight(probes: Sequence[Probe], at_once: int, ask: Ask, through: bool) -> list[Pair]:
    waiting, done = list(reversed(probes)), []

    async def one() -> None:
        while waiting:
            done.append(await ask(waiting.pop(), through))

    await asyncio.gather(*(one() for _ in range(min(at_once, len(probes)))))
    return done


def _count(level: Level, pair: Pair, through: bool) -> None:
    mine, theirs = token_times(pair.outer), token_times(pair.answered) if pair.reached else []
    firsts, betweens = (level.first, level.between) if through else (level.own_first, level.own_between)
    if through:
        level.requests += 1
        level.failed += not mine
        level.strangers += _strange(pair.outer)
    if mine and theirs:
        firsts.append(mine[0] - theirs[0])
        if len(mine) == len(theirs):
            betweens += [(b - a) - (d - c) for a, b, c, d in zip(mine, mine[1:], theirs, theirs[1:], strict=False)]


def _strange(x: Exchange) -> bool:
    """Whether an answer holds a mark that its request has not."""
    try:
        said = "".join(Stream(x).texts.values()) if x.ok else ""
    except Unreadable:
        return False
    return any(mark != marked(x.request_body) for mark in MARK.findall(said.encode("utf-8", "replace")))
