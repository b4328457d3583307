"""A gateway beside a run: its upstream and its clients are ours, and all that passes goes to the book, both ends of it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx

from conformance.exchange import Exchange
from conformance.exchange.probe import Probe
from conformance.gateway.asked_through import PROBES
from conformance.gateway.keys_seen import told_keys
from conformance.gateway.lie_cells import WORSE
from conformance.gateway.lied_to import WAIT, Told, tell
from conformance.gateway.pair import UPSTREAM, Pair, beside
from conformance.gateway.pairing import STRAYS, Desk, UnderWay
from conformance.gateway.provoking import Provoked
from conformance.gateway.time_added import Level, measure
from conformance.gateway.upstream_end import PATIENCE, Upstream
from conformance.reference import stopping
from conformance.reference.lies import Lie
from conformance.reference.server import CannotServe
from conformance.reference.watcher import GRACE, watched
from conformance.run.book import Book
from conformance.run.commands_options import MODELS
from conformance.run.gate import DIFFERS
from conformance.run.live import key_of, opened
from conformance.run.options import Options
from conformance.run.user_error import UserError
from conformance.run.words import several
from conformance.send.allowance import Allowance, Share
from conformance.send.limits import Limits
from conformance.send.preflight import CannotJudge, preflight
from conformance.send.requests import Request, requests
from conformance.send.sender import Unsendable, client
from conformance.send.target import Target

STEP = 0.1
"""Seconds between two looks at whether the command has ended."""
ROUTES = 2.0
"""Seconds in which a gateway that has just begun to listen has its routes, too: Traefik answers 404 until then."""
LOCAL = "127.0.0.1,localhost"


@dataclass
class Gateway:
    """What is between: where its upstream listens, the command that starts it, if any, and the variable of the key that the upstream
    must get."""

    listen: tuple[str, int] = ("127.0.0.1", 0)
    command: tuple[str, ...] = ()
    upstream_key_env: str | None = None
    announce: Callable[[str], None] = lambda address: None
    """Told the base URL of the upstream, before anything is asked."""
    lies: Sequence[Provoked] = ()
    """What the upstream lies about, when all else is asked."""
    none_worse: bool = False
    """Whether a lie that the gateway makes worse fails the run."""
    told: Told | None = None
    """What came of the lies."""
    levels: Sequence[tuple[int, int]] = ()
    """At how many requests in flight, and by how many, it is measured what the gateway adds to their times."""
    added: Sequence[Level] = ()
    """What it adds."""
    over: str | None = None
    """Why not all was asked."""


def take_in(options: Options, gateway: Gateway, book: Book) -> dict[str, Any]:
    """Ask through the gateway and take in both ends; what the footer says of it. Raises UserError, CannotJudge."""
    own = key_of(gateway.upstream_key_env) if gateway.upstream_key_env else None
    if gateway.upstream_key_env and not own:
        raise UserError(f"--upstream-key-env names ${gateway.upstream_key_env}, which is not set")
    desk, kept = Desk(), []
    with opened(options.base_url, options.header, options.api_key_env) as target:
        upstream = Upstream(desk, kept.append, *gateway.listen, own=own, client=target.key)
        try:
            with upstream:
                gateway.announce(upstream.base_url)
                with _started(gateway.command, upstream.base_url) as running:
                    asked = asyncio.run(_ask(options, target, upstream, gateway, desk, kept, book, running))
        except CannotServe as reason:
            raise UserError(f"--upstream-listen: {reason}") from None
    lost = [f"not all was asked: {gateway.over}"] if gateway.over else []
    remarks = [*_remarks(desk.strays), *_faults(gateway)]
    return {"exchanges": asked, "remarks": remarks, "lost": lost, **_of_more(gateway)}


def _faults(gateway: Gateway) -> list[str]:
    """What beside the laws makes the run red."""
    worse = gateway.told.states()[WORSE] if gateway.told is not None and gateway.none_worse else 0
    found = [f"lies of the upstream that get worse: {worse}, and --none-worse wants none"] if worse else []
    return found + [
        f"{level.strangers} of {level.requests} answers were those of another request, at {level.at_once} in flight"
        for level in gateway.added
        if level.strangers
    ]


def _of_more(gateway: Gateway) -> dict[str, Any]:
    """What the run file says of the lies that the upstream told, and of times; the exit code where either is a fault."""
    said: dict[str, Any] = {}
    if gateway.told is not None:
        said |= {"lies": {"requests": gateway.told.asked, "states": gateway.told.states()}, "lines": gateway.told.lines}
    if gateway.added:
        said["times_added"] = [level.record for level in gateway.added]
    return said | ({"exit_code": DIFFERS} if _faults(gateway) else {})


async def _ask(
    options: Options, target: Target, upstream: Upstream, gateway: Gateway, desk: Desk, kept: list[Exchange], book: Book,
    running: subprocess.Popen | None,
) -> int:  # fmt: skip
    limits = Limits(whole=options.timeout)
    first = partial(preflight, target, options.model, limits, key_env=options.api_key_env, wait=options.wait)
    model = await _up(first, running)
    target = replace(target, model=model, models=_models(options, model))
    book.open(
        {"base_url": target.redactor.url(target.base_url), "model": model, "asked_by": "gateway", "whole": True},
        target.redactor,
    )
    asked: list[Exchange] = []
    allowance = Allowance(limits, share=Share())
    try:
        sending = client(target.base_url)
    except Unsendable as why:
        raise CannotJudge(str(why)) from None
    async with sending as http:
        for probe in PROBES:
            for request in requests(probe, target.asked_by(probe)):
                if allowance.over:
                    break
                whose, x = await _pass(request, target, allowance, http, desk, upstream.own)
                asked.append(x)
                book.take(x)
        await asyncio.to_thread(desk.settled, whose, PATIENCE)
        if not kept:
            raise CannotJudge(
                f"no request came through to the upstream at {upstream.base_url}: is the gateway set up to ask there, for this model?"
                + (f" ({allowance.over})" if allowance.over else "")
            )
        for x in kept:
            book.take(x)
        desk.strays += [f"{x.method} {urlsplit(x.url).path}" for x in beside([*asked, *kept])]
        if gateway.lies:
            allowance.limits = replace(allowance.limits, whole=min(limits.whole, WAIT))
            gateway.told = await _lied_to(gateway.lies, target, allowance, http, upstream, desk, kept)
            for x in gateway.told.evidence:
                book.keep(x)
        if gateway.levels:
            upstream.tell(None)
            gateway.added = await _timed(gateway.levels, target, allowance, http, upstream, desk, kept)
    gateway.over = allowance.over
    return len(asked)


async def _timed(
    levels: Sequence[tuple[int, int]], target: Target, allowance: Allowance, http: httpx.AsyncClient, upstream: Upstream, desk: Desk,
    kept: list[Exchange],
) -> list[Level]:  # fmt: skip
    """Ask many at once, through the gateway and beside it."""
    beside = Target(upstream.base_url, upstream.model, upstream.key)
    ours = Allowance(allowance.limits, share=Share())
    allowance.at_once = max(at_once for at_once, _ in levels)
    kept.clear()

    async def ask(probe: Probe, through: bool) -> Pair:
        way = target if through else beside
        request = requests(probe, way.model)[0]
        whose = desk.begin_beside(request.id, probe, request.body or b"")
        x = await (allowance if through else ours).send(request, way, http, whose.seen.set)
        await asyncio.to_thread(desk.settled, whose, PATIENCE)
        return Pair(x, tuple(each for each in kept if each.id.partition(UPSTREAM)[0] == request.id))

    return await measure(ask, levels)


async def _lied_to(
    plan: Sequence[Provoked], target: Target, allowance: Allowance, http: httpx.AsyncClient, upstream: Upstream, desk: Desk,
    kept: list[Exchange],
) -> Told:  # fmt: skip
    """Ask through the gateway while its upstream lies."""

    async def ask(request: Request, id: str, lie: Lie | None) -> Pair:
        upstream.tell(lie)
        before = len(kept)
        mine = next(r for r in requests(request.probe, target.asked_by(request.probe)) if r.id == request.id)
        _, x = await _pass(replace(mine, id=id), target, allowance, http, desk, upstream.own)
        return Pair(x, tuple(each for each in kept[before:] if each.id.partition(UPSTREAM)[0] == id))

    return await tell(plan, ask, lambda: allowance.over)


async def _pass(
    request: Request, target: Target, allowance: Allowance, http: httpx.AsyncClient, desk: Desk, own: str | None
) -> tuple[UnderWay, Exchange]:
    """Ask through the gateway, and wait until the upstream's end is over, too."""
    whose = desk.begin(request.id, request.probe, request.body or b"")
    x = told_keys(own, await allowance.send(request, target, http, whose.seen.set))
    if not await asyncio.to_thread(desk.settled, whose, PATIENCE + 1):
        allowance.waited(PATIENCE + 1)
    return whose, x


def _models(options: Options, model: str) -> dict[str, str]:
    named = {task: getattr(options, option) for task, option in MODELS.items()}
    return {task: given or (model if task == "responses" else f"{model}-{task}") for task, given in named.items()}


async def _up(first: Callable[[], Awaitable[tuple[str, Exchange]]], running: subprocess.Popen | None) -> str:
    """The model, as soon as the gateway answers; what a command says that has just begun to answer need not last, and one that has
    ended is not waited for. Raises CannotJudge."""
    try:
        return await _asked(first(), running)
    except CannotJudge:
        if running is None or running.poll() is not None:
            raise
        await asyncio.sleep(ROUTES)
        return await _asked(first(), running)


async def _asked(asking: Awaitable[tuple[str, Exchange]], running: subprocess.Popen | None) -> str:
    first = asyncio.ensure_future(asking)
    while running is not None and running.poll() is None and not first.done():
        await asyncio.wait([first], timeout=STEP)
    if running is not None and running.poll() is not None and not first.done():
        first.cancel()
        raise CannotJudge(
            f"the command that starts the gateway ended with code {running.returncode} before it answered"
        )
    return (await first)[0]


def _remarks(strays: Sequence[str]) -> list[str]:
    if not strays:
        return []
    named = several(tuple(dict.fromkeys(strays)), STRAYS)
    return [f"{len(strays):,} requests reached the upstream that belong to none of the client's: {named}"]


@contextmanager
def _started(command: tuple[str, ...], address: str) -> Iterator[subprocess.Popen | None]:
    """The gateway for as long as it is needed, with all that it starts; what it says goes to standard error. Raises UserError."""
    if not command:
        yield None
        return
    words = [word.replace("{upstream}", address) for word in command]
    local = {name: ",".join(filter(None, (os.environ.get(name), LOCAL))) for name in ("NO_PROXY", "no_proxy")}
    try:
        running = subprocess.Popen(
            words, env=os.environ | local | {"OPENAI_CONFORMANCE_UPSTREAM": address}, stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(),
            **stopping.leading(),
        )  # fmt: skip
    except OSError as error:
        raise UserError(f"cannot run {words[0]}: {error.strerror}") from None
    with watched(running, group=True):
        try:
            yield running
        finally:
            with suppress(OSError):
                stopping.ask(running.pid, group=True)
            with suppress(subprocess.TimeoutExpired):
                running.wait(GRACE)
            with suppress(OSError):
                stopping.force(running.pid, group=True)
            running.wait()
