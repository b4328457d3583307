"""A real rate limit, provoked: cheap requests until one is turned away, then the same streamed, then one after the wait.

`plan` says what to do next and never sends, so that tests need no network and no clock; `provoke` does it. Neither judges.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from typing import NamedTuple

from conformance.exchange import Exchange
from conformance.exchange.probe import Headers
from conformance.send.answer import Room
from conformance.send.aside import aside
from conformance.send.budget import Budget, estimate
from conformance.send.cheapest import STAGED, cheap
from conformance.send.fetch import Skipped
from conformance.send.limits import Limits
from conformance.send.patience import named_wait
from conformance.send.requests import Request
from conformance.send.sender import client, send
from conformance.send.target import Target

LONGEST_WAIT = 60.0
"""Seconds that a run waits for a limit to pass: limits by the minute are the rule; days are not waited for."""
SLACK = 0.1
"""Seconds beyond the time named: our clock and the server's are not one."""
KEPT_BACK = 2
"""Requests of those allowed that are kept for after the limit: the streamed (or plain) one, and the one after the wait."""
FEWEST = KEPT_BACK + 1
"""Requests that a burst takes: one into the limit and those two. With a key that is used up it needs no more."""


class Wait(NamedTuple):
    """Do nothing for so long."""

    seconds: float


Plan = Generator[list[Request] | Wait, list[Exchange], list[Skipped]]


def plan(
    kind: str, model: str, most: int, at_once: int, *, headers: Headers = (), now: Callable[[], float] = time.time
) -> Plan:
    """What to do next, given the exchanges of what it said last: requests to send at once, or a wait. At most `most` requests.

    `kind` begins their ids and is their intent. Returns what was not sent, and why.
    """
    sent = 0

    def next_one(*intent: str, stream: bool = False) -> Request:
        nonlocal sent
        sent += 1
        name = f"{kind}.recovery" if "recovery" in intent else f"{kind}.{sent}"
        return cheap(name, model, kind, *intent, stream=stream, headers=headers)

    limited: list[Exchange] = []
    while not limited and sent < most - KEPT_BACK:
        batch = [next_one(stream=sent % 2 == 1) for _ in range(min(at_once, most - KEPT_BACK - sent))]
        got = yield batch
        if not any(x.answered for x in got):
            return [Skipped(f"{kind}.recovery", f"no answer came: {got[-1].failure}")]
        limited = [x for x in got if x.status == 429]
    if not limited:
        return [Skipped(f"{kind}.recovery", f"{sent} cheap request{'s' * (sent > 1)} met no limit")]
    if len({x.streaming for x in limited}) == 1:
        other = yield [next_one(stream=not limited[0].streaming)]
        limited += [x for x in other if x.status == 429]
    waits = [wait for x in limited if (wait := named_wait(x, now())) is not None]
    if not waits:
        return [Skipped(f"{kind}.recovery", "the limit names no time after which to ask again")]
    if max(waits) > LONGEST_WAIT:
        seconds = f"{max(waits):,.0f} s, longer than the {LONGEST_WAIT:g} s that a run waits"
        return [Skipped(f"{kind}.recovery", f"the limit asks to wait {seconds}")]
    yield Wait(max(waits) + SLACK)
    yield [next_one("recovery")]
    return []


async def provoke(
    steps: Plan,
    target: Target,
    limits: Limits,
    *,
    room: int,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    on_exchange: Callable[[Exchange], None],
) -> list[Skipped]:
    """Do what the plan says. `on_exchange` gets each exchange as soon as it is complete; `room` are the bytes of all bodies."""
    space = Room(room)
    async with client(target.base_url) as http:

        async def one(request: Request) -> Exchange:
            x = await send(request, target, limits, http, space)
            await aside([x], on_exchange, x)
            return x

        got: list[Exchange] | None = None
        while True:
            try:
                step = steps.send(got)
            except StopIteration as end:
                return end.value
            if isinstance(step, Wait):
                await sleep(step.seconds)
            else:
                got = list(await asyncio.gather(*map(one, step)))


async def reach_limits(
    target: Target,
    limits: Limits,
    *,
    most: int | None,
    limited_key: str | None,
    at_once: int,
    budget: Budget | None = None,
    on_exchange: Callable[[Exchange], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[Skipped]:
    """Run into the limit of the target's key by at most `most` requests, and into that of a key that is used up, each
    where it is given, within what is left of the budget. Returns what was not sent, and why."""
    planned: list[tuple[str, int, Target]] = []
    if most:
        planned.append(("burst", most, target))
    if limited_key:
        planned.append(("limited-key", FEWEST, target.with_key(limited_key)))
    skipped, budget = [], budget or Budget()
    cost = estimate(cheap("burst", target.model)).total

    one_at_a_time = threading.Lock()

    def take(x: Exchange) -> None:
        with one_at_a_time:
            budget.settle(x, cost)
            on_exchange(x)

    for kind, wanted, whose in planned:
        left = budget.left(cost)
        allowed = wanted if left is None else min(wanted, left)
        if allowed < FEWEST:
            skipped.append(Skipped(f"{kind}.1", budget.too_few()))
            continue
        steps = plan(kind, target.model, allowed, at_once, headers=STAGED if target.stages else ())
        skipped += await provoke(steps, whose, limits, room=limits.body_bytes, sleep=sleep, on_exchange=take)
    return skipped
