"""`openai-conformance explore`: requests that are made up, judged by the same checks, and shrunk to the smallest that fails."""

from __future__ import annotations

import sys
from typing import Any

import click

from conformance.cli import process
from conformance.cli.adding import options_of
from conformance.cli.exits import EXITS
from conformance.explore.explore_options import ExploreOptions, needs


@click.command(epilog=EXITS)
@options_of(cls=ExploreOptions)
def explore(**given: Any) -> None:
    """Make requests up, and find the smallest that some check calls answered wrongly.

    Valid requests, ones with one mistake, and histories, made by Hypothesis from the tables of parameters, go to the endpoint one after
    the other. What fails is shrunk, confirmed by sending it again, and shown as a curl line with the requirement; what failed once is
    tried first the next time. The run file holds every exchange: the sub-command judge finds the same in it.
    """
    options = ExploreOptions.make(given)
    needs()
    from conformance.cli import github
    from conformance.cli.progress import progress
    from conformance.explore.exploration import conduct
    from conformance.report.findings import show_findings
    from conformance.run.gate import INTERRUPTED
    from conformance.run.run_file import read

    with progress(options.quiet) as watch:
        outcome = conduct(options, watch)
    with process.printing(outcome.exit_code), github.guarded(click.echo):
        show_findings(read(outcome.file), str(outcome.file), process.console(), quiet=options.quiet)
    if outcome.exit_code == INTERRUPTED:
        sys.exit(process.interrupted(f"what was found before is in {outcome.file}"))
    sys.exit(outcome.exit_code)
