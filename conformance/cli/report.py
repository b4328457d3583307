"""`openai-conformance report`: the page of a run, built again from run files. Reads, sends nothing."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.run.user_error import UserError


@click.command()
@click.option(
    "--baseline",
    metavar="RUN",
    help="The run of the checks to stand beside it.  [the recorded one that comes with the suite]",
)
@click.option("--out", default="index.html", show_default=True, metavar="FILE", help="The page to write.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
def report(baseline: str | None, out: str, runs: tuple[str, ...]) -> None:
    """Build the page of a run again, from run files alone.

    RUN is a run file, such as reports/latest/run.jsonl: one of the checks, and any of the golden prompts beside it. Of judged traffic
    a page by day and model, operators.html, is written beside it.
    """
    from conformance.record.run_lines import RunFileError
    from conformance.report.html import shipped_baseline, write_html
    from conformance.report.operators import beside as by_day_beside
    from conformance.report.operators import write_operators
    from conformance.report.production import Production
    from conformance.run.run_file import read

    try:
        read_runs = [read(path) for path in runs]
        beside = read(baseline) if baseline else shipped_baseline()
    except RunFileError as error:
        raise UserError(str(error)) from None
    for path, run in zip(runs, read_runs, strict=True):
        if run.header.get("kind") == "explore":
            raise UserError(f"{path} is an exploration: `openai-conformance judge {path}` makes a report of it")
    parity = [run for run in read_runs if run.header.get("kind") == "parity"]
    checks = [run for run in read_runs if run not in parity]
    if len(checks) > 1:
        raise UserError("report takes one run of the checks; the sub-command compare shows several side by side")
    if len(parity) > 1:
        raise UserError("report takes one run of the golden prompts")
    if baseline and beside and beside.header.get("kind") == "parity":
        raise UserError(f"--baseline {baseline} is a run of the golden prompts, expected one of the checks")
    try:
        beside_it = by_day_beside(Path(out))
        by_day = write_operators(Production(*checks), beside_it)
        write_html(*(checks or parity[:1]), Path(out), baseline=beside, parity=parity)
    except OSError as error:
        raise UserError(f"{error.filename or out} cannot be written: {error.strerror or error}") from None
    click.echo(f"report: {out}{f', and {beside_it}' if by_day else ''}")
