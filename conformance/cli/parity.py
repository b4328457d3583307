"""`openai-conformance parity`: a target beside a baseline, on golden prompts."""

from __future__ import annotations

import sys
from typing import Any

import click

from conformance import __version__
from conformance.cli import process
from conformance.cli.adding import options_of
from conformance.cli.exits import fail
from conformance.parity.parity_options import ParityOptions


@click.command()
@options_of(cls=ParityOptions)
def parity(**given: Any) -> None:
    """Ask the target and a baseline the same golden prompts and compare the answers, tokens and times.

    Every sampling parameter is pinned. The baseline is asked twice, and what differs between its own answers is not held
    against the target. Exit code 1: the target is worse than the baseline on more than --max-gap prompts, or misses
    another gate. With --same-model, a statistical test says whether both serve the same weights the same way.
    """

    from conformance.cli import github
    from conformance.cli.progress import progress
    from conformance.parity.session import conduct
    from conformance.report import document
    from conformance.report.html import write_html
    from conformance.report.parity_summary import show_parity
    from conformance.run.run_file import read
    from conformance.send.preflight import CannotJudge

    options = ParityOptions.make(given)
    try:
        with progress(options.quiet) as watch:
            outcome = conduct(options, given, watch, page=write_html)
    except CannotJudge as error:
        if options.format != "json":
            raise
        click.echo(document.text(document.not_judged("parity", __version__, str(error), 3)))
        sys.exit(fail(str(error), 3))
    except KeyboardInterrupt:
        sys.exit(process.interrupted(f"every exchange that was complete is in {options.report}/run.jsonl"))
    run, page = (str(file) for file in outcome.files)
    if options.format == "json":
        found = document.of_parity(read(run), outcome.exit_code, outcome.files)
        with process.printing(outcome.exit_code):
            click.echo(document.text(found))
        sys.exit(outcome.exit_code)
    with process.printing(outcome.exit_code), github.guarded(click.echo):
        show_parity(read(run, skip=("exchange",)), page, process.console(), quiet=options.quiet)
    sys.exit(outcome.exit_code)
