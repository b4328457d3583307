"""`openai-conformance clients`: which real clients work with an endpoint, scenario by scenario."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import process
from conformance.cli.adding import options_of
from conformance.cli.exits import EXITS, say
from conformance.cli.judging import judged
from conformance.run.commands_options import LOAD, MODELS
from conformance.run.options import Options

if TYPE_CHECKING:
    from conformance.watch.trials.roster import Client
    from conformance.watch.trials.scenarios import Scenario

NOT_OURS = ("budget_requests", "budget_tokens")
"""Options of a load that have no meaning where clients ask."""
CLIENTS = (*(name for name in LOAD if name not in NOT_OURS), *MODELS.values(), "format")


@click.command(epilog=EXITS)
@options_of(CLIENTS)
@click.option(
    "--client",
    multiple=True,
    metavar="CLIENT,...",
    help="Only these. Default: all libraries; programs, which do what a model says, only where they are named. May be given several times.",
)
@click.option("--scenario", multiple=True, metavar="SCENARIO,...", help="Only these. May be given several times.")
@click.option(
    "--require-client",
    multiple=True,
    metavar="CLIENT,...",
    help="Red where one of these does not work in all that it offers. May be given several times.",
)
@click.option("--list", "as_list", is_flag=True, help="List clients and scenarios; ask nothing.")
@click.option("--prepare", is_flag=True, help="Install what the clients need, and ask nothing.")
def clients(
    client: tuple[str, ...],
    scenario: tuple[str, ...],
    require_client: tuple[str, ...],
    as_list: bool,
    prepare: bool,
    **given: Any,
) -> None:
    """Let real clients ask an endpoint, each in its own idiom, and hold what their users see against the wire.

    Each client is the published package at a pinned version, in an environment of its own, which is made on first use below the user's
    cache (OPENAI_CONFORMANCE_CACHE names another folder). All traffic goes through the proxy of the sub-command watch and is judged, so
    that a client that fails names the checks that fail with it. Some scenarios only the embedded reference can bring about.
    """
    from conformance.watch.trials.roster import ENDINGS, chosen, required_of
    from conformance.watch.trials.scenarios import named

    wanted = chosen(client or (ENDINGS if as_list or prepare else ()))
    if as_list:
        _list(wanted)
        return
    if prepare:
        sys.exit(_prepare(wanted))
    options = Options.make({**given, "asked_by": "clients"})
    sys.exit(
        _try(
            options,
            wanted,
            named(scenario),
            required_of(require_client, wanted, "--client"),
        )
    )


def _try(options: Options, wanted: Sequence[Client], scenarios: Sequence[Scenario], required: Sequence[str]) -> int:
    from pathlib import Path

    from conformance.report.trial_table import show_trials
    from conformance.run.gate import INTERRUPTED
    from conformance.run.report_names import RUN
    from conformance.run.run_file import read
    from conformance.watch.trials.filling import Trials
    from conformance.watch.trials.trying import take_in

    trials = Trials(wanted, scenarios, options.timeout, required, told=_quiet if options.quiet else say)
    code = judged(options, partial(take_in, options, trials), lambda: trials.code)
    if options.format == "text" and not options.quiet and trials.cells and code < INTERRUPTED - 1:
        with process.printing(code):
            show_trials(read(Path(options.report) / RUN, skip=("exchange", "sdk")), process.console())
    return code


def _quiet(line: str) -> None:
    pass


def _prepare(wanted: Sequence[Client]) -> int:
    """Make the environments, one line each; the exit code is 1 where one could not be made."""
    from conformance.watch.trials.environments import CannotPrepare, prepare, ready

    code = 0
    for each in wanted:
        was = ready(each)
        try:
            prepare(each)
        except CannotPrepare as why:
            say(f"{each.name} cannot be had: {why}")
            code = 1
        else:
            say(f"{each.name} is {'there' if was else 'ready'}: {', '.join(each.packages)}")
    return code


def _list(wanted: Sequence[Client]) -> None:
    from rich.table import Table

    from conformance.watch.trials.environments import ready
    from conformance.watch.trials.scenarios import SCENARIOS

    table = Table(box=None, pad_edge=False)
    for column in ("client", "what it is", "packages", "scenarios", "installed"):
        table.add_column(column)
    for each in wanted:
        offers = f"{len(each.offers)} of {len(SCENARIOS)}"
        table.add_row(each.name, each.words, " ".join(each.packages), offers, "yes" if ready(each) else "no")
    console = process.console()
    console.print(table)
    console.print()
    for name, each in SCENARIOS.items():
        console.print(f"{name:18}{each.words}", soft_wrap=True)
