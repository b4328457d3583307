"""The requests of a live run: which they are, in which order the parts come, and within which budget.

It must not judge or print. What the endpoint does never raises, but for what makes judging pointless (`CannotJudge`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

from conformance.areas.catalogue import features, probes
from conformance.areas.questions import LIST
from conformance.exchange import Exchange
from conformance.exchange.probe import Probe, Task
from conformance.judge.verdicts import Check
from conformance.run.book import Book, place
from conformance.run.commands_options import MODELS
from conformance.run.options import DEPTHS, Options
from conformance.run.selection import endpoint, endpoints, required
from conformance.run.user_error import UserError
from conformance.send import apart, leaner, plan, tasks
from conformance.send.allowance import Allowances
from conformance.send.aside import aside
from conformance.send.budget import Budget
from conformance.send.burst import reach_limits
from conformance.send.doors import shut
from conformance.send.fetch import Skipped, fetch, is_late
from conformance.send.limits import Limits
from conformance.send.pace import BEGIN, Pace
from conformance.send.plan import planned_requests
from conformance.send.preflight import preflight
from conformance.send.requests import requests
from conformance.send.retries import set_aside
from conformance.send.target import Target

Watch = Callable[[int, int], None]
"""Told (exchanges that are there, exchanges to come in all) as a run goes on; of recordings, bytes."""


def live(
    options: Options, checks: Sequence[Check], book: Book, budget: Budget, watch: Watch, allowances: Allowances
) -> list[Skipped]:
    """Send all that these checks need, into the book. Gives what was not sent, and why. Raises CannotJudge."""
    chosen = asked(options, checks)
    with opened(options.base_url, options.header, options.api_key_env, options.limited_key_env) as target:
        return asyncio.run(_send(target, options, chosen, book, budget, watch, allowances))


def asked(options: Options, checks: Sequence[Check]) -> list[Probe]:
    """The probes that these checks and the features that must be supported need, down to the depth asked for, of the endpoints asked
    for. Raises UserError where the options leave none."""
    asking = {name for each in required(options.require, options.profile) for name in features()[each].probes}
    asking |= {probe.name for probe in plan.needed(checks)}
    depths = DEPTHS[: DEPTHS.index(options.depth) + 1]
    chosen = [probe for probe in probes() if probe.name in asking and probe.depth in depths]
    if only := endpoints(options.endpoints):
        chosen = [probe for probe in chosen if endpoint(probe) in only or probe.name == LIST.name]
    chosen = [
        probe for probe in chosen if not (options.cheap and probe.dear) and (options.websocket or not probe.socket)
    ]
    if (only or options.cheap) and not any(probe.name != LIST.name for probe in chosen):
        raise UserError(f"nothing is left to send: {_narrowed(options)}")
    return chosen


def asked_all(options: Options, checks: Sequence[Check], unsent: Collection[str]) -> Callable[[Check], bool]:
    """Says of a check whether all requests that it may be about were sent, down to the usual depth or the one asked for. `unsent` are the
    ids of those that the budget left out."""
    sent = {probe.name for probe in asked(options, checks)}
    depths = DEPTHS[: DEPTHS.index(max(options.depth, "normal", key=DEPTHS.index)) + 1]

    @cache
    def whole(check: Check) -> bool:
        of_it = [probe for probe in plan.needed([check]) if probe.depth in depths]
        ids = {request.id for probe in of_it for request in requests(probe, plan.MODEL)}
        return all(probe.name in sent for probe in of_it) and ids.isdisjoint(unsent)

    return whole


def _narrowed(options: Options) -> str:
    """The options that leave requests out, as they were typed."""
    named = [f"--only {word}" for word in options.only] + [f"--endpoints {word}" for word in options.endpoints]
    named += ["--cheap"] if options.cheap else []
    return f"{' with '.join(named)}, at --depth {options.depth}"


def key_of(variable: str | None) -> str | None:
    """The key in an environment variable, None where there is none."""
    return os.environ.get(variable or "", "").strip() or None


@contextlib.contextmanager
def opened(
    base_url: str | None, header: Sequence[str], api_key_env: str, limited_key_env: str | None = None
) -> Iterator[Target]:
    """Where to send, but for the model, by the options of those names; the reference runs as long as it is needed."""
    headers = tuple(tuple(each.split("=", 1)) for each in header)
    if base_url is not None:
        key, limited = (key_of(name) for name in (api_key_env, limited_key_env))
        yield Target(base_url, "", key, headers, other_keys=(limited,) if limited else ())
        return
    from conformance.send.embedded import Reference

    with Reference() as server:
        yield Target(server.base_url, "", server.key, headers, stages=True)


async def _send(
    target: Target, options: Options, chosen: Sequence[Probe], book: Book, budget: Budget, watch: Watch, allowances: Allowances
) -> list[Skipped]:  # fmt: skip
    limits = Limits(whole=options.timeout)
    allowance = allowances.of(target.base_url, limits)
    pace = Pace(options.concurrency or (None if options.base_url else BEGIN))  # the reference is in this very process
    waited: list[Exchange] = []
    began = time.perf_counter()
    model, first = await preflight(
        target,
        options.model,
        limits,
        key_env=options.api_key_env,
        wait=options.wait,
        on_refusal=waited.append,
        chats="chat" in (endpoints(options.endpoints) or {"chat"}),
        allowance=allowance,
    )
    target = replace(target, model=model, models={task: given for task in MODELS if (given := _named(options, task))})
    book.open({"base_url": target.redactor.url(target.base_url), "model": model}, target.redactor)
    ids = {first.id, *(request.id for request in planned_requests(chosen, target))}
    total = min(len(ids), budget.requests or len(ids)) + (options.burst or 0)
    seen: list[Exchange] = []

    def take(x: Exchange) -> None:
        book.take(x)
        seen.append(x)
        watch(len(seen), max(len(seen), total))

    if first.ok and first.arrivals:
        pace.alone(first.arrivals[-1][0])
    if is_late(first, took := time.perf_counter() - began, limits):
        budget.took(took, late=True, planned=total, at_once=pace.now, alone=True)
    budget.settle(first, 0)
    first = set_aside(first, len(waited) + 1) if await aside([first], leaner.refused, first) else first
    for x in (*_telling(waited), first):
        await aside([x], take, x)
    sending = {"concurrency": pace, "budget": budget, "wait": options.wait, "allowance": allowance, "on_exchange": take}
    send = partial(fetch, target=target, limits=limits, **sending)
    skipped = []
    if {probe.task for probe in chosen} - {"chat", "responses"}:
        skipped += await send([LIST], have={x.id: x for x in (*waited, *seen)})
        models = [x for x in seen if x.id == LIST.name]
        ids = await aside(models, tasks.listed, *(models[:1] or [None]))
        target = replace(target, models=tasks.models(target.models, ids))
        send = partial(send, target=target)
    skipped += await send([probe for probe in chosen if not _ends(probe)], have={x.id: x for x in (*waited, *seen)})
    skipped += await _ask_on(send, seen)
    skipped += await send([probe for probe in chosen if _ends(probe)], have={x.id: x for x in (*waited, *seen)})
    book.models = answering(chosen, target, seen)
    return skipped + await reach_limits(
        target,
        limits,
        most=options.burst,
        limited_key=key_of(options.limited_key_env),
        at_once=options.concurrency or BEGIN,
        budget=budget,
        on_exchange=take,
    )


def _ends(probe: Probe) -> bool:
    """Whether it is sent when all else is known: what may cost the endpoint more than all others."""
    return probe.last and probe.alone


def answering(chosen: Sequence[Probe], target: Target, seen: Sequence[Exchange]) -> dict[str, str | None]:
    """By endpoint that a few requests tell of: the model that answers there, None where it answers none of them."""
    doors, got = {probe.door for probe in chosen if probe.door}, {x.id: x for x in seen}
    told: dict[str, str | None] = {}
    for probe in (probe for probe in chosen if probe.name in doors & got.keys()):
        known = told.setdefault(endpoint(probe), None)
        told[endpoint(probe)] = known or (None if shut(got[probe.name]) else target.asked_by(probe))
    return told


def _named(options: Options, task: Task) -> str | None:
    """The model that the user names for a task."""
    return getattr(options, MODELS[task])


def _telling(refusals: Sequence[Exchange]) -> list[Exchange]:
    """The first answer of each status while the endpoint was waited for: the others only repeat it."""
    first: dict[int, Exchange] = {}
    for x in refusals:
        if x.status is not None:
            first.setdefault(x.status, x)
    return list(first.values())


async def _ask_on(send: Callable[[list[Probe]], Awaitable[list[Skipped]]], seen: list[Exchange]) -> list[Skipped]:
    """Find out for what valid requests were refused; `seen` holds all exchanges, and each that comes."""
    steps, skipped = apart.plan(sorted(seen, key=place)), []  # not as answers came, which is chance
    asking = await aside(seen, apart.following, steps, None)
    while asking:
        before = len(seen)
        skipped += await send(asking)
        asking = await aside(seen, apart.following, steps, sorted(seen[before:], key=place))
    return skipped
