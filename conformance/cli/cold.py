"""`openai-conformance cold`: what does the first request meet after a long pause?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import process
from conformance.cli.adding import options_of
from conformance.cli.exits import EXITS
from conformance.cli.judging import judged
from conformance.run.commands_options import LOAD
from conformance.run.options import Options
from conformance.run.readers import count, read_flag, seconds
from conformance.run.user_error import UserError

if TYPE_CHECKING:
    from conformance.load.cooling import Cooling

NOT_OURS = ("timeout", "budget_requests", "budget_tokens")
"""Options of a load that have no meaning where the SDKs' own limits hold and few requests are sent."""


@click.command(epilog=EXITS)
@options_of([name for name in LOAD if name not in NOT_OURS])
@click.option("--idle", metavar="SECONDS", help="Wait so long without a request before each round.")
@click.option(
    "--idle-command", metavar="CMD", help="Run this instead, by the shell: what scales the endpoint down to nothing."
)
@click.option("--max-cold", metavar="SECONDS", help="Red where the first token takes longer.")
@click.option("--longest", metavar="SECONDS", help="Ask no more after so long without a token.  [600]")
@click.option("--rounds", metavar="N", help="How often.  [1]")
def cold(
    idle: str | None, idle_command: str | None, max_cold: str | None, longest: str | None, rounds: str | None, **given: Any
) -> None:  # fmt: skip
    """Let an endpoint go cold, then ask as the official SDKs do, with their time limits and retries.

    Said are the seconds until the first token, what was said meanwhile, whether openai-python and openai-node get their answer with their
    defaults, and the time when it is warm again. All answers, the refusals too, are judged by all the checks.
    """
    from conformance.load.cooling import Cooling, take_in
    from conformance.run.gate import INTERRUPTED
    from conformance.send.cold_asking import LONGEST

    if (idle is None) == (idle_command is None):
        raise UserError("cold needs --idle SECONDS or --idle-command CMD, one of them")
    pausing = partial(_run, idle_command) if idle_command is not None else _waiting(idle or "")
    options = Options.make({**given, "asked_by": "cold"})
    what = Cooling(
        pausing,
        1 if rounds is None else read_flag("--rounds", rounds, count),
        None if max_cold is None else read_flag("--max-cold", max_cold, seconds),
        LONGEST if longest is None else read_flag("--longest", longest, seconds),
    )
    code = judged(options, partial(take_in, options, what))
    if options.format == "text" and not options.quiet and what.rounds and code < INTERRUPTED - 1:
        with process.printing(code):
            show(what)
    sys.exit(code)


def _waiting(text: str) -> Callable[[], None]:
    import time

    return partial(time.sleep, read_flag("--idle", text, seconds))


def _run(command: str) -> None:
    """Run the user's own command to its end. Raises UserError where it fails: then nothing is cold."""
    import subprocess

    with subprocess.Popen(command, shell=True, stdout=subprocess.DEVNULL) as running, process.ended_with_us(running):
        code = running.wait()
    if code:
        raise UserError(f"--idle-command ended with {code}, so that the endpoint may not be cold")


def show(what: Cooling) -> None:
    """A row a round: seconds to the first token cold and warm, requests, and whether each SDK gets its answer."""
    from rich.table import Table

    from conformance.send.sdk_patience import SDKS

    table = Table(box=None, pad_edge=False)
    for column in ("round", "cold", "warm", "requests", *(sdk.name for sdk in SDKS)):
        table.add_column(column, justify="right", no_wrap=True)
    for n, each in enumerate(what.rounds, 1):
        times = [each.record[name] for name in ("first_token", "warm")]
        shown = ["-" if time is None else f"{time:,.2f} s" for time in times]
        verdicts = [each.sdks.get(sdk.name, ("untold", ""))[0] for sdk in SDKS]
        table.add_row(f"{n}", *shown, f"{len(each.tries)}", *verdicts)
    console = process.console()
    console.print()
    console.print(table)
