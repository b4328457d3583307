"""A load beside a run: what the ladder brings goes to the judge level by level, and what begins to fail at a level is told apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.exchange import Exchange
from conformance.load.ladder import LATE, Climb, Ladder, Level
from conformance.run.book import Book
from conformance.run.live import opened
from conformance.run.options import Options
from conformance.send.limits import Limits
from conformance.send.preflight import CannotJudge, preflight
from conformance.send.sender import Unsendable, client

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


def take_in(options: Options, load: Load, book: Book) -> dict[str, Any]:
    """Put the load on, and take all that comes into the book; what the footer says of it. Raises CannotJudge."""
    limits = Limits(whole=options.timeout)
    # The official client, to whom answers are shown, wants a loop of its own: so ours stands still while a level is judged.
    with opened(options.base_url, options.header, options.api_key_env) as target, asyncio.Runner() as runner:
        waited: list[Exchange] = []
        checking = preflight(
            target, options.model, limits, key_env=options.api_key_env, wait=options.wait, on_refusal=waited.append
        )
        model, first = runner.run(checking)
        target = replace(target, model=model)
        about = {"base_url": target.redactor.url(target.base_url), "model": model, "asked_by": "load"}
        book.open(about, target.redactor)
        for x in (*waited[:1], first):  # the others only repeat it
            book.take_recorded(x)
        try:
            http = client(target.base_url)
        except Unsendable as why:
            raise CannotJudge(str(why)) from None
        ladder = Ladder(target, limits, http, load.climb)
        steps = ladder.climb()
        while (step := runner.run(_next(steps))) is not None:
            _judge(*step, load, book)
        runner.run(http.aclose())
    load.cost = (ladder.requests + 1, ladder.tokens)
    stopped = [f"No higher level was tried: {ladder.stopped}"] if ladder.stopped else []
    return {
        "exchanges": ladder.requests + 1,
        "load": [level.record for level in load.levels],
        "remarks": [*_remarks(load), *stopped],
    }


async def _next(steps: AsyncIterator[tuple[Level, list[Exchange]]]) -> tuple[Level, list[Exchange]] | None:
    return await anext(steps, None)


def _judge(level: Level, exchanges: list[Exchange], load: Load, book: Book) -> None:
    """Take the exchanges of a level into the book, and note what fails there, and what did not before."""
    before = book.failing()
    for x in exchanges:
        for check, _, _ in book.take_recorded(x):
            load.began.setdefault(level.at_once, []).append(check.id)
    book.end_of_recording()
    level.violations = {id: more for id, now in book.failing().items() if (more := now - before.get(id, 0))}
    if level.seconds:
        load.levels.append(level)


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
        f"At {level.at_once} in flight this process was late itself ({1000 * level.lag:.0f} ms, p95): times there are not judged"
        for level in load.levels
        if level.lag > LATE
    ]
    requests, tokens = load.cost
    return [*said, f"The load cost {requests:,} requests and {tokens:,} tokens"]
