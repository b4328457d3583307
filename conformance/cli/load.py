"""`openai-conformance load`: is what is right for one request right for many at once?"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import Any

import click

from conformance.cli import process
from conformance.cli.adding import options_of
from conformance.cli.exits import EXITS
from conformance.cli.judging import judged
from conformance.run.commands_options import LOAD
from conformance.run.options import Options
from conformance.run.readers import count, read_flag, seconds
from conformance.run.user_error import UserError

MOST = 512
"""In flight at once: what a client of one process can watch."""


@click.command(epilog=EXITS)
@options_of(LOAD)
@click.option(
    "--levels", default="1,8,32", show_default=True, metavar="N,...", help="Requests in flight, level by level."
)
@click.option("--seconds", metavar="SECONDS", help="How long each level lasts.  [20]")
@click.option("--requests", metavar="N", help="How many requests each level has, in place of --seconds.")
@click.option("--cut", metavar="SHARE", help="The share of streams whose client goes away in the middle.  [0]")
@click.option(
    "--connections/--no-connections", default=True,
    help="Whether it is asked in the end what the endpoint makes of connections: some thirty requests, and 7 s of silence.  [on]",
)  # fmt: skip
def load(
    levels: str, seconds: str | None, requests: str | None, cut: str | None, connections: bool, **given: Any
) -> None:
    """Judge an endpoint under load: a ladder of requests in flight, each with a mark of its own that must come back, and no other's may.

    Every answer is judged by all the checks. What fails at one in flight is the endpoint's own; what begins at a level is said. Levels
    stop where more than half of the requests fail, and --budget-requests and --budget-tokens bound what it costs.
    """
    from conformance.load.loading import Load, take_in
    from conformance.report.load_curve import show_curve
    from conformance.run.gate import INTERRUPTED
    from conformance.run.run_file import Run

    options = Options.make({**given, "asked_by": "load"})
    what = Load(replace(_climb(levels, seconds, requests, cut, options), connections=connections))
    process.files_for(max(what.climb.levels))
    code = judged(options, partial(take_in, options, what))
    if not options.quiet and options.format == "text" and what.levels and code < INTERRUPTED - 1:
        with process.printing(code):
            show_curve(Run({}, footer={"load": [level.record for level in what.levels]}), process.console())
    sys.exit(code)


def _climb(levels: str, lasts: str | None, requests: str | None, cut: str | None, options: Options) -> Any:
    from conformance.load.ladder import Climb

    if lasts is not None and requests is not None:
        raise UserError("--seconds and --requests both say when a level is over: give one of them")
    return Climb(
        levels=tuple(_number("--levels", word, MOST) for word in levels.split(",")),
        seconds=read_flag("--seconds", lasts, seconds) if lasts is not None else 20.0,
        requests=None if requests is None else _number("--requests", requests),
        cut=read_flag("--cut", cut, _share) if cut is not None else 0.0,
        budget_requests=options.budget_requests,
        budget_tokens=options.budget_tokens,
    )


def _number(flag: str, text: str, most: int = 10**9) -> int:
    number = read_flag(flag, text.strip(), count)
    if number > most:
        raise UserError(f"{flag} is {number}, expected at most {most}")
    return number


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError("a number from 0 to 1")
    return share
