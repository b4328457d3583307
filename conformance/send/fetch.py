"""Sends probes to a live endpoint: concurrently, in the order in which they depend on each other, each request once.

It must not judge what comes back, and gives out only exchanges that are bounded and without secrets (see sender.py).
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from conformance.exchange import REFUSED, Exchange, Unreadable
from conformance.exchange.probe import EARLIER, TIDYING, Probe
from conformance.send import leaner
from conformance.send.allowance import Allowance
from conformance.send.aside import aside
from conformance.send.budget import Budget
from conformance.send.doors import behind_shut_door
from conformance.send.limits import Limits
from conformance.send.lines import Lines, Place
from conformance.send.pace import Pace
from conformance.send.patience import Patience, later, unfinished
from conformance.send.plan import planned_requests
from conformance.send.requests import Request, built, waited_for
from conformance.send.retries import Asker, longer
from conformance.send.sender import send
from conformance.send.sockets import Sockets
from conformance.send.target import Target

__all__ = ["Skipped", "Target", "fetch"]


class Skipped(NamedTuple):
    """A request that was not sent, and why."""

    id: str
    reason: str


class NotThere(NamedTuple):
    """A request that was not sent because its route is not there, or because there is nothing for it to undo: nobody misses it."""

    id: str


async def fetch(
    probes: Sequence[Probe],
    target: Target,
    limits: Limits,
    *,
    concurrency: int | Pace = 8,
    budget: Budget | None = None,
    have: Mapping[str, Exchange] | None = None,
    wait: float = 0.0,
    allowance: Allowance | None = None,
    on_exchange: Callable[[Exchange], None],
) -> list[Skipped]:
    """Send every request of the probes, at most `concurrency` at once: first what others wait for, and each as soon as what
    it is built from is there. `on_exchange` gets each exchange as soon as it is complete.

    Those in `have` (by request id) are not sent again and not handed out again, and what the `budget` has no room for is not
    sent. What the endpoint is too busy for is asked again for `wait` seconds. A request whose `after` is not among the probes is
    built from None. Returns what was not sent, and why, but for what was not meant for this target: probes with a `stage`, and those
    of a route that is not there, as their `door` says.
    """
    have, pace = have or {}, Pace.of(concurrency)
    left_out = {name for x in have.values() if (name := leaner.refused(x))}
    done = {id: x for id, x in have.items() if REFUSED not in id}
    refusals = Counter(id.partition(REFUSED)[0] for id in have if REFUSED in id)
    planned = planned_requests(probes, target)
    planned = [request for request in planned if request.id not in done]
    skipped: list[Skipped] = []
    budget = budget or Budget()
    ids = {EARLIER, *(request.id for request in planned)}
    ready: list[Place] = []
    waiting: dict[str, list[Place]] = {}
    for place in enumerate(planned):
        before = next((id for id in (place[1].after, place[1].probe.door) if id in ids), None)
        (waiting.setdefault(before, []) if before else ready).append(place)
    outcomes, running = deque(), dict[asyncio.Task, Request]()
    closed: set[str] = set()
    allowance = allowance or Allowance(limits)
    async with Lines(planned, target, pace) as lines, Sockets(planned, target, limits) as sockets:

        async def once(request: Request) -> Exchange:
            if request.probe.socket:
                return await sockets.send(request, allowance.room)
            clock = asyncio.get_running_loop().time
            pace.sent(request, clock())
            x = await send(
                leaner.without(request, left_out), target, allowance.limits, lines.of(request), allowance.room
            )
            pace.came(request, x, clock())
            return x

        served = any(x.ok and x.request_body for x in done.values())
        rules = (Patience(wait, served=served), leaner.rule(left_out), later, unfinished, longer(target.model))
        asker = Asker(once, on_exchange, budget, rules, refusals)

        async def attend(request: Request) -> Exchange | Skipped | NotThere:
            door = done.get(request.probe.door or "")
            if await aside([door] if door else (), behind_shut_door, request, done, closed):
                closed.add(request.id)
                return NotThere(request.id)
            built_from = waited_for(request, done) if request.probe.build else None
            read = [built_from] if isinstance(built_from, Exchange) else built_from or ()
            complete = await aside(read, _complete, request, target, done, dict(skipped))
            if isinstance(complete, Skipped):
                return NotThere(request.id) if TIDYING in request.probe.intent else complete
            if allowance.full:
                return allowance.unsent(complete, target)
            if allowance.weary:
                return Skipped(request.id, budget.stop("--timeout", f"{allowance.weary} (--timeout)"))
            way = sockets if request.probe.socket else lines
            if (reason := await way.why_not(complete) or budget.admit(complete)) is not None:
                return Skipped(request.id, reason)
            began = time.perf_counter()
            x = await asker.ask(complete)
            took = time.perf_counter() - began
            budget.took(took, late=is_late(x, took, limits), planned=len(planned), at_once=pace.now)
            allowance.came(x, took)
            return x

        def next_batch() -> list[Request]:
            if ready and ready[0][1].probe.last and any(_counts(request) for request in running.values()):
                return []
            free = budget.under_way(pace.now) - sum(map(lines.room, running.values()))
            return lines.next(ready, free) or ([] if running else lines.next(ready, pace.now))

        try:
            while ready or running or EARLIER in waiting:
                if not running and (not ready or ready[0][1].probe.last):
                    for place in waiting.pop(EARLIER, ()):
                        heapq.heappush(ready, place)
                while batch := next_batch():
                    running |= {asyncio.create_task(attend(request)): request for request in batch}
                finished, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                running = {task: sent for task, sent in running.items() if task not in finished}
                outcomes = deque(task.result() for task in finished)
                while outcomes:
                    outcome = outcomes.popleft()
                    if isinstance(outcome, Skipped):
                        skipped.append(outcome)
                    elif isinstance(outcome, Exchange):
                        done[outcome.id] = outcome
                        budget.settle(outcome)
                        await aside([outcome], on_exchange, outcome)
                    for place in waiting.pop(outcome.id, ()):
                        heapq.heappush(ready, place)
        finally:
            for task in running:
                task.cancel()
            outcomes += await asyncio.gather(*running, return_exceptions=True)
            for outcome in outcomes:  # complete when this was cancelled
                if isinstance(outcome, Exchange):
                    on_exchange(outcome)
    return skipped


def _counts(request: Request) -> bool:
    """Whether the last ones wait for this one: it may be about what they undo, unless it was planned when all else was known."""
    return not request.probe.last and request.after != EARLIER


def is_late(x: Exchange, took: float, limits: Limits) -> bool:
    """Whether it was given up after having been waited for; one that said all, and stayed open, was not."""
    return x.ended == "timeout" and took >= limits.silence


def _complete(
    request: Request, target: Target, done: Mapping[str, Exchange], skipped: Mapping[str, str]
) -> Request | Skipped:
    """The request with what is built from an earlier answer, which may be damaged in any way. Where nothing is to be sent because that
    was not sent either, the reason is the same."""
    if request.probe.build is None:
        return request
    what = "what was answered before" if request.after == EARLIER else f"the answer to {request.after}"
    nothing = Skipped(request.id, skipped.get(request.after or "", f"{what} gives nothing to send"))
    try:
        return built(request, target.asked_by(request.probe), waited_for(request, done)) or nothing
    except Unreadable as reason:
        return Skipped(request.id, str(reason))
    except (LookupError, TypeError, ValueError, AttributeError):
        return nothing
