"""A load beside a run: what the ladder brings goes to the judge level by level, and what begins to fail at a level is told apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.exchange import Exchange
from conformance.load.alongside import Beside
from conformance.load.bench import Process
from conformance.load.connections import asked
from conformance.load.gauges import Gauges
from conformance.load.ladder import ALONE, LATE, Climb, Ladder, Level
from conformance.run.book import Book
from conformance.run.gate import DIFFERS
from conformance.run.live import opened
from conformance.run.options import Options
from conformance.run.words import several
from conformance.send.allowance import Allowance, Share
from conformance.send.budget import Budget
from conformance.send.fetch import Skipped, fetch
from conformance.send.kept_lines import KeptLines
from conformance.send.letters import Alone
from conformance.send.limits import Limits
from conformance.send.preflight import CannotJudge, preflight
from conformance.send.sender import Unsendable, client, proxied
from conformance.send.target import Target

BUSY = 0.9
"""The share of its time for which this process may be at work itself: beyond, what is measured may be its own."""
NAMED = 3
"""Requests that are named of those that could not be sent for one reason."""
SLOWER = 3.0
"""How many times as long a short request may take when clients have left: less is chance."""


@dataclass
class Load:
    """A load to be put on an endpoint, and what came of it."""

    climb: Climb
    levels: list[Level] = field(default_factory=list)
    began: dict[int, list[str]] = field(default_factory=dict)
    """The checks that first failed at each number in flight."""
    cost: tuple[int, int] = (0, 0)
    """Requests, and tokens as far as answers say."""
    left_over: int = 0
    """How many of the requests that were asked one by one in the end failed."""
    carried: int = 0
    """The most requests that one connection carried, and `unsent`: what was not asked about connections, and why."""
    unsent: list[Skipped] = field(default_factory=list)


def take_in(options: Options, load: Load, book: Book) -> dict[str, Any]:
    """Put the load on, and take all that comes into the book; what the footer says of it. Raises CannotJudge."""
    limits, waited = Limits(whole=options.timeout), list[Exchange]()
    with (
        Process(options, book.ledger.checks, sorted(book.ledger.asking)) as process,
        opened(options.base_url, options.header, options.api_key_env) as target,
        asyncio.Runner() as runner,
    ):
        checking = preflight(
            target, options.model, limits, key_env=options.api_key_env, wait=options.wait, on_refusal=waited.append
        )
        model, first = runner.run(checking)
        target = replace(target, model=model)
        about = {"base_url": target.redactor.url(target.base_url), "model": model, "asked_by": "load"}
        book.open(about, target.redactor)
        with closing(Climber(options, book, process, target, limits, runner)) as climber:
            climber.climb(load, [*waited[:1], first])  # the others only repeat it
        ladder = climber.ladder
    load.left_over = ladder.left_over
    load.cost = (ladder.requests + 1, ladder.tokens)
    stopped = [f"No higher level was tried: {ladder.stopped}"] if ladder.stopped else []
    return {
        "exchanges": ladder.requests + 1,
        "load": [level.record for level in load.levels],
        "remarks": [*_remarks(load), *stopped],
        **({"exit_code": DIFFERS} if load.left_over else {}),
    }


class Climber:
    """Climbs a ladder step by step. The official client, to whom answers are shown, wants a loop of its own: so ours stands still while
    a level is shown to it. Raises CannotJudge."""

    def __init__(
        self, options: Options, book: Book, process: Process, target: Target, limits: Limits, runner: asyncio.Runner
    ) -> None:
        self._options, self._book, self._runner, self._target, self._limits = options, book, runner, target, limits
        self._judge = Beside(process, target)
        try:
            self._http = client(target.base_url)
        except Unsendable as why:
            raise CannotJudge(str(why)) from None
        foreign = proxied(target.base_url)
        self._allowance = Allowance(limits, share=Share())
        self._lines = Alone(target, self._allowance, self._http) if foreign else KeptLines(target, self._allowance)
        self.ladder: Ladder

    def climb(self, load: Load, before_it: Sequence[Exchange]) -> None:
        """All levels, and what came of each."""
        self._runner.run(self._begin(load.climb))
        for x in before_it:
            self._judge.give(x)
        steps = self.ladder.climb()
        before: dict[str, int] = {}
        while (level := self._runner.run(_next(steps))) is not None:
            failing, news = self._runner.run(self._judge.level())
            level.violations = {id: more for id, now in failing.items() if (more := now - before.get(id, 0))}
            before = failing
            for id, ids, problem in news:
                load.began.setdefault(level.at_once, []).append(id)
                level.firsts[id] = [ids, problem]
            if level.seconds:
                load.levels.append(level)
            self._show()
        if load.climb.connections and not self.ladder.spent():
            self._runner.run(self._connections(load))
        load.carried = getattr(self._lines, "most", 0)
        self._book.take_sum(self._runner.run(self._judge.sum()))
        self._book.show_evidence()

    async def _connections(self, load: Load) -> None:
        """Ask what the endpoint makes of connections, within what is left of the budgets."""
        ladder, climb = self.ladder, load.climb
        budget = Budget(
            climb.budget_requests and climb.budget_requests - ladder.requests,
            climb.budget_tokens and climb.budget_tokens - ladder.tokens,
        )
        load.unsent = await fetch(
            asked(), self._target, self._limits, budget=budget, allowance=self._allowance, on_exchange=self._judge.give
        )
        ladder.requests += budget.sent
        ladder.tokens += budget.spent
        await self._judge.level()

    async def _begin(self, climb: Climb) -> None:
        await self._judge.__aenter__()
        await self._lines.__aenter__()
        record = self._book.record if self._options.record else None
        gauges = Gauges(self._target.base_url, self._http, self._target.key)
        self.ladder = Ladder(self._target, climb, self._lines, self._judge, self._allowance, gauges)
        self._judge.every = self._options.sdk == "on"
        self._judge.record = record

    def _show(self) -> None:
        """Let the official client look at what was judged, until it has seen enough."""
        sample, self._judge.sample = self._judge.sample, []
        self._judge.samples = all(map(self._book.sample, sample))

    def close(self) -> None:
        self._runner.run(self._end())

    async def _end(self) -> None:
        await self._lines.__aexit__()
        await self._http.aclose()
        await self._judge.__aexit__()


async def _next(steps: AsyncIterator[Level]) -> Level | None:
    return await anext(steps, None)


def _remarks(load: Load) -> list[str]:
    said = [
        f"Begins at {at_once} in flight: {', '.join(ids)}" for at_once, ids in load.began.items() if at_once > 1 and ids
    ]
    said += [
        f"After clients left at {level.at_once} in flight, a short request takes {level.after:.1f} times as long as before"
        for level in load.levels
        if level.after is not None and level.after > SLOWER
    ]
    said += [
        f"After clients left at {level.at_once} in flight, it says that {level.remaining:,} requests more are under way than before"
        for level in load.levels
        if level.remaining
    ]
    said += [
        f"At {level.at_once} in flight this process was late itself ({1000 * level.lag:.0f} ms, p95): times of answers then are not judged"
        for level in load.levels
        if level.lag > LATE
    ]
    said += [
        f"At {level.at_once} in flight {level.broken} streams began with 200 and ended in an error: 429 or 503 before the first byte lets "
        "clients ask again"
        for level in load.levels
        if level.broken
    ]
    said += [
        f"At {level.at_once} in flight {level.others} of {level.repeated} answers to one question (temperature 0, the same seed) "
        "are not what the endpoint says alone"
        for level in load.levels
        if level.others
    ]
    said += [
        f"At {level.at_once} in flight this process was at work for {level.busy:.0%} of the time: rates and times may be its own"
        for level in load.levels
        if level.busy > BUSY
    ]
    said += (
        [f"When the load was over, {load.left_over} of {ALONE} requests one by one failed"] if load.left_over else []
    )
    for why in dict.fromkeys(why for _, why in load.unsent):
        said.append(
            f"Not asked about connections: {several(tuple(id for id, reason in load.unsent if reason == why), NAMED)}: {why}"
        )
    said += [f"One connection carried {load.carried:,} requests"] if load.carried else []
    requests, tokens = load.cost
    return [*said, f"The load cost {requests:,} requests and {tokens:,} tokens"]
