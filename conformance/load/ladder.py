"""Sends a ladder of load: so many requests in flight, level by level, each with a mark of its own. It must not judge or print.

The client must not be what is measured: answers are judged when a level is over, and how late our own event loop was is said.
"""

from __future__ import annotations

import asyncio
import secrets
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from typing import Any

import httpx

from conformance.areas.questions import ENDLESS, LIMIT, closed, named, repeating, strict
from conformance.exchange import Exchange, Unreadable, need
from conformance.exchange.probe import Body, Manner, Probe, user
from conformance.exchange.spoken import first_token
from conformance.judge.marks import MARKS, mark
from conformance.send.answer import Room
from conformance.send.limits import GIB, Limits
from conformance.send.requests import Request, requests
from conformance.send.sender import send
from conformance.send.target import Target


def _schema(text: str) -> Body:
    return closed(text={"type": "string", "enum": [text]})


def called(text: str) -> Body:
    """A request for a call whose argument is this text."""
    keep = {"name": "keep_text", "description": "Keep a text as it is.", "parameters": _schema(text)}
    asked = {"messages": user("Keep the text."), "tools": [{"type": "function", "function": keep}]}
    return {**asked, "tool_choice": named("keep_text"), "temperature": 0, "max_completion_tokens": LIMIT}


def written(text: str) -> Body:
    """A request for an object that holds this text."""
    form = {"response_format": strict("text", _schema(text))}
    return {"messages": user("Write the text."), **form, "temperature": 0, "max_completion_tokens": LIMIT}


STREAM: Body = {"stream": True, "stream_options": {"include_usage": True}}
KINDS: dict[str, Callable[[str], Body]] = {
    "text": repeating,
    "stream": lambda text: repeating(text) | STREAM,
    "call-stream": lambda text: called(text) | STREAM,
    "json": lambda text: written(text),
    "call": lambda text: called(text),
    "long": lambda _: ENDLESS | STREAM,
    "json-stream": lambda text: written(text) | STREAM,
}
"""What is asked in turn: with the mark as text, as an argument and as a JSON value, plain and streamed, and long answers among them."""
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
    after: float | None = None
    """How long a short request took alone when clients had left, by what it took before."""
    violations: dict[str, int] = field(default_factory=dict)
    """Of each check, how often it failed; whoever judges fills it in."""

    @property
    def record(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def overloaded(self) -> bool:
        return sum(self.errors.values()) > OVERLOAD * self.requests


class Ladder:
    """Climbs: `async for level, exchanges in ladder.climb()`. `stopped` says why it ended before the last level."""

    def __init__(self, target: Target, limits: Limits, http: httpx.AsyncClient, climb: Climb) -> None:
        self._target, self._http, self._climb = target, http, climb
        self._limits = replace(limits, run_bytes=GIB)
        self._marks = count(secrets.randbelow(MARKS // 2))
        self._ids = count(1)
        self.requests = self.tokens = 0
        self.stopped: str | None = None

    async def climb(self) -> AsyncIterator[tuple[Level, list[Exchange]]]:
        before = self._counted(await self._alone("before"))
        yield Level(1, requests=len(before)), before
        usual = _took(before)
        for at_once in self._climb.levels:
            level, got = await self._level(at_once)
            if self._climb.cut:
                after = await self._alone(f"after-{at_once}")
                level.after = _took(after) / usual if usual else None
                got += after
            yield level, self._counted(got)
            if self.stopped is None and level.overloaded:
                self.stopped = f"more than half of the requests failed at {at_once} in flight"
            if self.stopped:
                break
        if self._climb.levels:  # what was too much has gone away with the load
            last = self._counted(await self._alone("after-all"))
            yield Level(1, requests=len(last)), last

    async def _alone(self, name: str) -> list[Exchange]:
        return [await self._ask(f"load.{name}", "text", False) for _ in range(ALONE)]

    async def _level(self, at_once: int) -> tuple[Level, list[Exchange]]:
        level, got = Level(at_once), []
        began = time.perf_counter()
        turns = count()
        until = began + self._climb.seconds
        most = self._climb.requests

        def over(turn: int) -> bool:
            spent = self._spent()
            self.stopped = self.stopped or spent
            return bool(spent) or (turn >= most if most is not None else time.perf_counter() >= until)

        async def work() -> None:
            while not over(turn := next(turns)):
                kind = [*KINDS][turn % len(KINDS)]
                streams = "stream" in kind or kind == "long"
                leaves = streams and secrets.randbelow(1000) < 1000 * self._climb.cut
                got.append(await self._ask(f"load.{at_once}", kind, leaves))

        late: list[float] = []
        looking = asyncio.create_task(_lateness(late))
        try:
            await asyncio.gather(*(work() for _ in range(at_once)))
        finally:
            looking.cancel()
        level.seconds = time.perf_counter() - began
        level.requests, level.left = len(got), sum(x.ended == "left" for x in got)
        level.tokens = sum(map(tokens, got))
        level.errors = dict(Counter(_error(x) for x in got if not x.ok and x.ended != "left"))
        level.first = _shares([at for x in got if x.streaming and (at := first_token(x)) is not None])
        level.lag = _shares(late).get("p95", 0.0)
        if level.lag > LATE:
            got = [replace(x, arrivals=()) for x in got]
        return level, got

    async def _ask(self, name: str, kind: str, leaves: bool) -> Exchange:
        number = next(self._ids)
        left = {"manner": Manner(leaves="midway"), "intent": frozenset({"leaves"})} if leaves else {}
        probe = Probe(f"{name}.{kind}", KINDS[kind](mark(next(self._marks))), **left)
        request: Request = replace(requests(probe, self._target.model)[0], id=f"{name}.{kind}.{number}")
        self.requests += 1
        room = Room(self._limits.run_bytes)
        x = await send(request, self._target, self._limits, self._http, room)
        if self._climb.budget_tokens is not None:
            self.tokens += tokens(x)
        return x

    def _counted(self, exchanges: list[Exchange]) -> list[Exchange]:
        """Count the tokens of these; where no budget asks for it at once, after their level: to read them takes time from the others."""
        if self._climb.budget_tokens is None:
            self.tokens += sum(map(tokens, exchanges))
        return exchanges

    def _spent(self) -> str | None:
        if self._climb.budget_requests is not None and self.requests >= self._climb.budget_requests:
            return f"the budget of {self._climb.budget_requests:,} requests is spent"
        if self._climb.budget_tokens is not None and self.tokens >= self._climb.budget_tokens:
            return f"the budget of {self._climb.budget_tokens:,} tokens is spent"
        return None


def tokens(x: Exchange) -> int:
    """The tokens that an answer says it cost, 0 where it says none."""
    with suppress(Unreadable):
        return need(x.usage, "total_tokens", int)
    return 0


def _took(exchanges: list[Exchange]) -> float:
    """The median of the seconds that these took; 0 where none was answered."""
    times = [x.arrivals[-1][0] for x in exchanges if x.ok and x.arrivals]
    return statistics.median(times) if times else 0.0


def _error(x: Exchange) -> str:
    return str(x.status) if x.status is not None else x.ended


def _shares(values: list[float]) -> dict[str, float]:
    """p50 and p95, the latter of no fewer than 20 values."""
    found = {"p50": statistics.median(values)} if values else {}
    return found | ({"p95": statistics.quantiles(values, n=20)[-1]} if len(values) >= 20 else {})


async def _lateness(late: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(LOOK)
        late.append(time.perf_counter() - began - LOOK)
