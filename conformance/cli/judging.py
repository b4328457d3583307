"""One run of the checks for the command line: conducted, shown, and told to the CI system. What is heavy is imported where it is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance import __version__
from conformance.cli import process
from conformance.cli.exits import fail

if TYPE_CHECKING:
    from conformance.judge.verdicts import Check
    from conformance.run.conductor import Source
    from conformance.run.options import Options


def judged(
    options: Options,
    source: Source | None = None,
    own_code: Callable[[], int] = int,
    checks: Sequence[Check] | None = None,
) -> int:
    """Do one run and say what came of it; `source` brings the exchanges where others ask, and their own exit code is ours unless it is 0;
    `checks` are others than the options choose. Gives the exit code. Raises UserError, CannotJudge."""
    from conformance.cli import github
    from conformance.cli.progress import progress
    from conformance.report import document
    from conformance.report.files import write_reports, write_unjudged
    from conformance.report.summary import show_summary
    from conformance.run import conductor
    from conformance.run.last_run import placed, wanted
    from conformance.run.run_file import read
    from conformance.send.cannot_judge import CannotJudge
    from conformance.send.pace import BEGIN

    json = options.format == "json"
    say = partial(click.echo, err=json)  # what GitHub is told must not stand in the document
    checks = wanted(options) if checks is None else checks
    options = placed(options, checks)
    sends = not (options.replay or options.by_others)
    process.collects_rarely()
    try:
        process.files_for((options.concurrency or BEGIN) if sends else 0)
        with progress(options.quiet or bool(options.asked_by), recorded=bool(options.recordings)) as watch:
            outcome = conductor.conduct(options, checks, watch=watch, reports=write_reports, source=source)
    except CannotJudge as error:
        write_unjudged(Path(options.report), str(error))
        if not json:
            raise
        with process.printing(3):
            click.echo(document.text(document.not_judged(_kind(options), __version__, str(error), 3)))
        github.tell_failure(str(error), say)
        return fail(str(error), 3)
    except KeyboardInterrupt:
        whole = f"every exchange that was complete is in {options.report}/run.jsonl"
        return process.interrupted("nothing was judged" if options.recordings else whole)
    found = read(outcome.files[0])
    page = str(outcome.files[-1])
    code = own_code() or outcome.exit_code
    with process.printing(code):
        if json:
            click.echo(document.text(document.of_run(found, _kind(options), code, outcome.files)))
        else:
            with github.guarded(say):
                show_summary(found, page, process.console(), quiet=options.quiet, verbose=options.verbose)
        github.tell(found, options.report, say)
    return code


def _kind(options: Options) -> str:
    """The sub-command."""
    return "clients" if options.asked_by == "clients" else "judge" if options.recordings else "run"
