"""`openai-conformance gateway`: what does a gateway make of requests and answers, seen from both its ends?"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import process
from conformance.cli.adding import options_of
from conformance.cli.exits import EXITS, say
from conformance.cli.judging import judged
from conformance.run.commands_options import MODELS, WATCH
from conformance.run.options import Options
from conformance.run.readers import variable
from conformance.run.user_error import UserError

if TYPE_CHECKING:
    from conformance.gateway.provoking import Provoked

_NOT_OF_BOTH_ENDS = ("failed", "require", "profile", "sdk", "record")
OPTIONS = (
    *(name for name in WATCH if name not in _NOT_OF_BOTH_ENDS), "model", *MODELS.values(), "api_key_env", "header",
    "timeout", "wait", "format",
)  # fmt: skip
REPORT = "reports/gateway"
"""Where the reports go unless --report says: those of other runs stay."""


@click.command(epilog=EXITS)
@options_of(OPTIONS)
@click.option(
    "--upstream-listen", metavar="HOST:PORT", help="Where the gateway's upstream listens.  [127.0.0.1:0, a free port]"
)
@click.option(
    "--upstream-key-env", metavar="NAME",
    help="The environment variable with the key that the upstream must get from the gateway. Default: any will do.",
)  # fmt: skip
@click.option(
    "--lies", is_flag=False, flag_value="some", metavar="[some|all|N|NAME,...]",
    help="What does the gateway do with the lies of its upstream? Some of each kind, all, so many, or those named.",
)  # fmt: skip
@click.option(
    "--cost", "costs", is_flag=True,
    help="What does the gateway add to the time of the first token and of each further one, at 1, 8 and 64 in flight?",
)  # fmt: skip
@click.option("--none-worse", is_flag=True, help="Fail where the gateway makes a lie worse.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
def gateway(
    upstream_listen: str | None, upstream_key_env: str | None, lies: str | None, costs: bool,
    none_worse: bool, command: tuple[str, ...], **given: Any
) -> None:  # fmt: skip
    """Judge a gateway from both its ends: the reference is its upstream, the suite asks through it.

    Each request is seen as the client sent it and as the upstream got it, each answer likewise, and laws over both say what was lost,
    added and changed. COMMAND starts the gateway: {upstream} in it is replaced by the upstream's base URL, which stands in
    OPENAI_CONFORMANCE_UPSTREAM, too; without COMMAND the gateway is one that is there already. One that is not up yet is waited for.
    """
    from conformance.gateway.laws import laws
    from conformance.gateway.passing import Gateway, take_in
    from conformance.report.lie_table import show_lies
    from conformance.report.times_added import show_times_added
    from conformance.run.gate import INTERRUPTED
    from conformance.run.report_names import RUN
    from conformance.run.run_file import read
    from conformance.run.selection import chosen

    options = Options.make({**given, "asked_by": "gateway"})
    if not options.base_url:
        raise UserError("gateway needs --base-url: the gateway, up to and with its /v1")
    if none_worse and lies is None:
        raise UserError("--none-worse is about --lies, which is not given")
    if given.get("report") is None:
        options = replace(options, report=REPORT)
    options = replace(options, sdk="off")
    what = Gateway(
        listen=_address(upstream_listen),
        command=command,
        upstream_key_env=upstream_key_env and variable("--upstream-key-env")(upstream_key_env),
        announce=partial(_announce, options.quiet),
        lies=_plan(lies, options) if lies is not None else (),
        none_worse=none_worse,
        levels=_levels(options) if costs else (),
    )
    if costs:
        process.files_for(2 * max(at_once for at_once, _ in what.levels))
    checks = chosen(options.only, options.exclude, laws())
    code = judged(options, partial(take_in, options, what), checks=checks)
    if (what.told or what.added) and options.format == "text" and not options.quiet and code < INTERRUPTED - 1:
        run = read(Path(options.report) / RUN, skip=("exchange", "verdict"))
        with process.printing(code):
            show_lies(run, process.console())
            show_times_added(run, process.console())
    sys.exit(code)


def _plan(text: str, options: Options) -> list[Provoked]:
    """The lies, and the requests that provoke them; says what they will cost. Raises UserError."""
    from conformance.gateway.lie_kinds import wanted
    from conformance.gateway.lied_to import WAIT, cost
    from conformance.gateway.provoking import provoked

    plan = [provoked(kind, lie) for kind, lie in wanted(text)]
    told, asked = cost(plan)
    if not options.quiet:
        say(f"{told} lies of the upstream take {asked} requests, each of {min(WAIT, options.timeout):g} s at most")
    return plan


def _levels(options: Options) -> tuple[tuple[int, int], ...]:
    """The levels of --cost; says what they will cost."""
    from conformance.gateway.time_added import LEVELS, asked

    if not options.quiet:
        say(f"what the gateway costs in time takes {asked()} requests, half of them to the upstream itself")
    return LEVELS


def _address(text: str | None) -> tuple[str, int]:
    if text is None:
        return "127.0.0.1", 0
    found = re.fullmatch(r"(?:\[?([^\[\]]*?)\]?:)?([0-9]{1,5})", text)
    if not found or int(found[2]) > 65535:
        raise UserError("--upstream-listen is not of the form HOST:PORT, such as 127.0.0.1:9000")
    return found[1] or "127.0.0.1", int(found[2])


def _announce(quiet: bool, address: str) -> None:
    if not quiet:
        say(f"the gateway's upstream is {address}")
