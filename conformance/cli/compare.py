"""`openai-conformance compare`: several runs on one page. Reads run files, sends nothing."""

from __future__ import annotations

import click

from conformance.run.user_error import UserError


@click.command()
@click.option("--out", default="comparison.html", show_default=True, metavar="FILE", help="The page to write.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
def compare(out: str, runs: tuple[str, ...]) -> None:
    """Compare several runs on one page: checks and features by endpoint, and what changed.

    RUN is a run file, such as reports/latest/run.jsonl. Runs of one endpoint are also compared one after the other in
    time, with what got worse first.
    """
    from conformance.record.run_lines import RunFileError
    from conformance.report.comparison import write_comparison

    if len(runs) < 2:
        raise UserError("compare takes two run files or more")
    try:
        write_comparison(runs, out)
    except RunFileError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{error.filename or out} cannot be written: {error.strerror or error}") from None
    click.echo(f"{len(runs)} runs compared: {out}")
