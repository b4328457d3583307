"""Sends a ladder of load: so many requests in flight, level by level, each with a mark of its own. It must not judge or print.

The client must not be what is measured: answers are judged in another process (alongside.py), and how late our own event loop was
is said.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any, Protocol

from conformance.exchange.probe import Probe
from conformance.judge.marks import MARKS, mark
from conformance.load.alongside import Said
from conformance.load.asked_under_load import KINDS, STAND_IN, TURNS
from conformance.load.gauges import Gauges
from conformance.send.allowance import Allowance
from conformance.send.letters import Got, Letter, letter
from conformance.send.requests import requests
from conformance.send.target import Target, url_of

_ERROR = re.compile(rb'^data: ?\{ ?"error"', re.M)
LATE = 0.05
"""Seconds of our own event loop's lag, p95, from which on no time of an answer is held against the endpoint."""
OVERLOAD = 0.5
"""The share of a level's requests without a success from which on no higher level is tried."""
LOOK = 0.01
"""Seconds between two looks at how late the event loop is."""
ALONE = 3
"""Requests one by one before all levels, and after each that clients left, to compare with."""


@dataclass(frozen=True)
class Climb:
    """What to do: the levels, how long or with how many requests each, the share of streams that clients leave, what it may cost."""

    levels: tuple[int, ...]
    seconds: float
    requests: int | None = None
    cut: float = 0.0
    budget_requests: int | None = None
    budget_tokens: int | None = None
    connections: bool = True
    """Whether it is asked, too, what the endpoint makes of connections (connections.py)."""


@dataclass
class Level:
    """What came of one level. Times in seconds; `first` are those to the first token of streams, `lag` how late our event loop was."""

    at_once: int
    requests: int = 0
    left: int = 0
    seconds: float = 0.0
    tokens: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    lag: float = 0.0
    busy: float = 0.0
    """The share of the time for which this process was at work itself."""
    others: int = 0
    """Answers to the question that is always the same that were none of those given alone, and `repeated`: of so many."""
    repeated: int = 0
    broken: int = 0
    """Streams that began with 200 and had an error among their events: too late for a client to ask again."""
    after: float | None = None
    """How long a short request took alone when clients had left, by what it took before."""
    remaining: int | None = None
    """How many requests more than before the endpoint said were still under way when clients had left; None where it does not say."""
    violations: dict[str, int] = field(default_factory=dict)
    """Of each check, how often it failed; whoever judges fills it in."""
    firsts: dict[str, list[str]] = field(default_factory=dict)
    """Of each check that failed for the first time: the exchange, and what was wrong with it."""

    @property
    def record(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def overloaded(self) -> bool:
        return sum(self.errors.values()) > OVERLOAD * self.requests


class Asks(Protocol):
    """Sends a letter (send/kept_lines.py: KeptLines)."""

    def ask(self, id: str, letter: Letter, text: bytes, *, midway: bool = False) -> Awaitable[Got]: ...


class Judges(Protocol):
    """Takes what came (alongside.py: Beside)."""

    def take(self, got: Got, mark: str, *, timed: bool = True) -> Said: ...
    def ready(self) -> Awaitable[None]: ...


class Ladder:
    """Climbs: `async for level in ladder.climb()`. `stopped` says why it ended before the last level."""

    def __init__(
        self,
        target: Target,
        climb: Climb,
        lines: Asks,
        judge: Judges,
        allowance: Allowance,
        gauges: Gauges | None = None,
    ) -> None:
        self._climb, self._lines, self._judge, self._allowance, self._gauges = climb, lines, judge, allowance, gauges
        made = {kind: requests(Probe(f"load.{kind}", body(STAND_IN)), target.model)[0] for kind, body in KINDS.items()}
        self._letters = {
            kind: letter(each, target, url_of(target.base_url, each), STAND_IN) for kind, each in made.items()
        }
        self._marks = count(secrets.randbelow(MARKS // 2))
        self._ids = count(1)
        self._late = Lateness()
        self.requests = self.tokens = 0
        self.stopped: str | None = None
        self._texts: set[str] = set()
        """What the question that is always the same is answered alone."""
        self.left_over = 0
        """How many of the requests that were asked one by one in the end failed."""

    async def climb(self) -> AsyncIterator[Level]:
        before = await self._alone("before")
        usual = _took(before)
        same = await self._alone("before", "same")
        self._texts = {text for got in same if (text := _text(got)) is not None}
        gauges = self._gauges if self._climb.cut else None
        running = await gauges.running() if gauges else None
        yield Level(1, requests=len(before) + len(same))
        for at_once in self._climb.levels:
            level = await self._level(at_once)
            if self._climb.cut:
                level.remaining = await gauges.remaining(running) if gauges else None
                after = _took(await self._alone(f"after-{at_once}"))
                level.after = after / usual if usual else None
            if self.stopped is None and level.overloaded:
                self.stopped = f"more than half of the requests failed at {at_once} in flight"
            yield level
            if self.stopped:
                break
        if self._climb.levels:  # what was too much has gone away with the load
            last = await self._alone("after-all")
            self.left_over = sum(not got.ok for got in last)
            yield Level(1, requests=len(last))

    async def _alone(self, name: str, kind: str = "text") -> list[Got]:
        self._allowance.at_once = 1
        return [(await self._ask(f"load.{name}", kind, False))[0] for _ in range(ALONE) if not self._allowance.over]

    async def _level(self, at_once: int) -> Level:
        self._allowance.at_once = at_once
        level, errors, first = Level(at_once), Counter[str](), list[float]()
        turns, most = count(), self._climb.requests
        before = self.tokens
        began, worked = time.perf_counter(), time.process_time()
        until = began + self._climb.seconds

        def over(turn: int) -> bool:
            spent = self.spent()
            self.stopped = self.stopped or spent
            return bool(spent) or (turn >= most if most is not None else time.perf_counter() >= until)

        async def work() -> None:
            while not over(turn := next(turns)):
                kind = TURNS[turn % len(TURNS)]
                streams = "stream" in kind or kind == "long"
                leaves = bool(self._climb.cut) and streams and secrets.randbelow(1000) < 1000 * self._climb.cut
                got, said = await self._ask(f"load.{at_once}", kind, leaves)
                level.requests += 1
                level.left += got.ended == "left"
                if said.first is not None:
                    first.append(said.first)
                level.broken += got.ok and streams and _ERROR.search(got.body) is not None
                if kind == "same" and (text := _text(got)) is not None and len(self._texts) == 1:
                    level.repeated += 1
                    level.others += text not in self._texts
                if not (got.ok or got.ended == "left"):
                    errors[str(got.status) if got.status is not None else got.ended] += 1

        async with self._late as late:
            await asyncio.gather(*(work() for _ in range(at_once)))
        level.seconds = time.perf_counter() - began
        level.busy = (time.process_time() - worked) / max(level.seconds, 1e-9)
        level.tokens = self.tokens - before
        level.errors = dict(errors)
        level.first, level.lag = _shares(first), _shares(late.seen).get("p95", 0.0)
        return level

    async def _ask(self, name: str, kind: str, leaves: bool) -> tuple[Got, Said]:
        self.requests += 1
        await self._judge.ready()
        own = mark(next(self._marks))
        id = f"{name}.{kind}.{next(self._ids)}"
        got = await self._lines.ask(id, self._letters[kind], own.encode(), midway=leaves)
        said = self._judge.take(got, own, timed=not self._late.since(got.sent))
        self.tokens += said.tokens
        return got, said

    def spent(self) -> str | None:
        """Which budget is spent, if any."""
        if self._climb.budget_requests is not None and self.requests >= self._climb.budget_requests:
            return f"the budget of {self._climb.budget_requests:,} requests is spent"
        if self._climb.budget_tokens is not None and self.tokens >= self._climb.budget_tokens:
            return f"the budget of {self._climb.budget_tokens:,} tokens is spent"
        return self._allowance.over


class Lateness:
    """`async with Lateness() as late`: how late the event loop is, looked at again and again: what it takes from others is in no time."""

    def __init__(self) -> None:
        self.seen: list[float] = []
        self._last = float("-inf")

    async def __aenter__(self) -> Lateness:
        self.seen = []
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._looking.cancel()

    def since(self, sent: float) -> bool:
        """Whether it was so late since then (as time.perf_counter) that no time is held against anyone."""
        return self._last >= sent

    async def _look(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(LOOK)
            now = time.perf_counter()
            self.seen.append(now - began - LOOK)
            if now - began - LOOK > LATE:
                self._last = now


def _text(got: Got) -> str | None:
    """The text of a plain answer; None of any other."""
    try:
        return str(json.loads(got.body)["choices"][0]["message"]["content"]) if got.ok else None
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def _took(got: list[Got]) -> float:
    """The median of the seconds that these took; 0 where none was answered."""
    times = [each.arrivals[-1][0] for each in got if each.ok and each.arrivals]
    return statistics.median(times) if times else 0.0


def _shares(values: list[float]) -> dict[str, float]:
    """p50 and p95, the latter of no fewer than 20 values."""
    found = {"p50": statistics.median(values)} if values else {}
    return found | ({"p95": statistics.quantiles(values, n=20)[-1]} if len(values) >= 20 else {})
