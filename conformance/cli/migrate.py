"""`openai-conformance migrate`: the checklist of a migration from one endpoint to another, as one command and one page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from conformance.cli import process
from conformance.cli.adding import options_of
from conformance.cli.exits import fail
from conformance.parity.migration.migration_options import MigrationOptions


@click.command()
@options_of(cls=MigrationOptions)
def migrate(**given: Any) -> None:
    """May I cut over from one endpoint to another? The checklist: smoke test, features in use, parameters to pin, token counts, golden
    prompts, times and tails, rate limits.

    Each line has a verdict and what it rests on, and a page of its own. Exit code 0: all lines hold; 1: one does not; 3: one could not
    be judged, which is not green.
    """
    from conformance import __version__
    from conformance.cli import github
    from conformance.cli.progress import progress
    from conformance.parity.migration import cutover
    from conformance.report import document
    from conformance.report.files import write_reports
    from conformance.report.html import write_html
    from conformance.report.migration import show_migration, write_migration
    from conformance.send.preflight import CannotJudge

    options = MigrationOptions.make(given)
    folder = Path(options.report)
    try:
        process.files_for(options.concurrency)
        with progress(options.quiet) as watch:
            found = cutover.conduct(options, write_reports, write_html, lambda step, done, total: watch(done, total))
        page = write_migration(found, folder)
    except CannotJudge as error:
        if options.format != "json":
            raise
        click.echo(document.text(document.not_judged("migration", __version__, str(error), 3)))
        sys.exit(fail(str(error), 3))
    except KeyboardInterrupt:
        sys.exit(process.interrupted(f"what was finished is in {options.report}"))
    if options.format == "json":
        with process.printing(found["exit_code"]):
            click.echo(document.text(document.of_migration(found, [folder / cutover.CHECKLIST, page])))
        sys.exit(found["exit_code"])
    with process.printing(found["exit_code"]), github.guarded(click.echo):
        show_migration(found, str(page), process.console(), quiet=options.quiet)
    sys.exit(found["exit_code"])
