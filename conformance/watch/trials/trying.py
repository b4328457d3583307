"""Real clients as what asks of a run: where they are to ask, with which models, and what the run file says of it."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from conformance.areas.questions import LIST
from conformance.exchange.probe import Task
from conformance.run.book import Book
from conformance.run.commands_options import MODELS
from conformance.run.live import opened
from conformance.run.options import Options
from conformance.run.user_error import UserError
from conformance.send.answer import Room
from conformance.send.limits import Limits
from conformance.send.preflight import preflight
from conformance.send.requests import requests
from conformance.send.sender import client as sending
from conformance.send.sender import send
from conformance.send.target import Target
from conformance.send.tasks import listed, models
from conformance.watch.proxy import CannotListen, Proxy
from conformance.watch.trials import sandbox
from conformance.watch.trials.filling import Table, Trials
from conformance.watch.trials.roster import LIBRARIES
from conformance.watch.upstream import Upstream


def take_in(options: Options, trials: Trials, book: Book) -> dict[str, Any]:
    """Let each client do each scenario, and take all that passes into the book; what the footer says of it. Raises CannotJudge."""
    with opened(options.base_url, options.header, options.api_key_env) as target, asyncio.Runner() as runner:
        upstream = _upstream(target.base_url)
        target = runner.run(_met(target, options))
        about = {"base_url": target.redactor.url(target.base_url), "model": target.model, "asked_by": "clients"}
        book.open(about, target.redactor)
        try:
            with _ways(trials) as ways, Proxy(upstream, doors=max(1, len(trials.clients)), ways=ways) as proxy:
                lost, passed = Table(trials, target, proxy, book).fill()
        except CannotListen as reason:
            raise UserError(str(reason)) from None
    absent = {each.name: trials.absent[each.name] for each in trials.clients if each.name in trials.absent}
    versions = {each.name: trials.versions[each.name] for each in trials.clients if each.name in trials.versions}
    return {
        "exchanges": passed,
        "clients": {"versions": versions, "absent": absent, "required": [*trials.required], "lacking": trials.lacking},
        "lines": [cell.record for cell in trials.cells],
        "lost": [f"{lost:,} exchanges passed faster than they could be judged"] if lost else [],
        "remarks": [f"{name} was left out: {why}" for name, why in absent.items()]
        + [f"required: {name} does not work" for name in trials.lacking],
    }


def _ways(trials: Trials) -> AbstractContextManager[str | None]:
    """The folder of Unix sockets by which programs leave their sandbox; None where there is no program, or no sandbox."""
    programs = any(each.runtime not in LIBRARIES for each in trials.clients)
    return TemporaryDirectory() if programs and sandbox.why_not() is None else nullcontext()


def _upstream(base_url: str) -> Upstream:
    if urlsplit(base_url).query:
        raise UserError("--base-url has a query, which no client sends: give the part before the ?")
    try:
        return Upstream.of(base_url)
    except ValueError as reason:
        raise UserError(str(reason)) from None


async def _met(target: Target, options: Options) -> Target:
    """The target with the model that is asked for, and those of tasks. Raises CannotJudge."""
    limits = Limits(whole=options.timeout)
    model, first = await preflight(target, options.model, limits, key_env=options.api_key_env, wait=options.wait)
    target = replace(target, model=model)
    if options.model is not None:
        async with sending(target.base_url) as http:
            request = requests(LIST, model)[0]
            first = await send(request, target=target, limits=limits, http=http, room=Room(limits.run_bytes))
    given: dict[Task, str | None] = {task: getattr(options, name) for task, name in MODELS.items()}
    return replace(target, models=models(given, listed(first)))
