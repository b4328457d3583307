"""`openai-conformance merge`: the run files of many shards become one comparison. Nothing is judged again, nothing is sent."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from conformance.run.user_error import UserError

PAGE = "comparison.html"
SHOWN = 20
"""Runs that are named, each in a line, of those that do not conform."""


@click.command()
@click.option("--out", default="reports/merged", show_default=True, metavar="DIR", help="The folder of the comparison.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
def merge(out: str, runs: tuple[str, ...]) -> None:
    """Put the run files of shards together: one comparison of all, and one exit code.

    RUN is a run file or a folder, of which every run.jsonl below it is taken, such as the reports of `matrix --shard 1/8` to `8/8`.
    Nothing is judged again. What judged traffic says by day and model is added up, on a page operators.html beside it. The exit code is
    that of the worst run; one that did not come to its end was not judged (3).
    """
    from conformance.record.run_lines import RunFileError
    from conformance.report.comparison import write_comparison
    from conformance.report.operators import write_operators
    from conformance.report.production import Production
    from conformance.run.gate import NOT_JUDGED, worst
    from conformance.run.report_names import OPERATORS

    found = list(dict.fromkeys(each for run in runs for each in _files(run)))
    names, by_day = [] if len(found) == 1 else _apart(found), Production()
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
        codes = write_comparison(found, Path(out) / PAGE, names or None, by_day.take)
        pages = [PAGE, *([OPERATORS] if write_operators(by_day, Path(out) / OPERATORS) else [])]
    except RunFileError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{error.filename or out} cannot be written: {error.strerror or error}") from None
    ended = [NOT_JUDGED if code is None else code for code in codes]
    for name, code in [pair for pair in zip(names or map(str, found), ended, strict=True) if pair[1]][:SHOWN]:
        click.echo(f"{code}  {name}")
    said = ", ".join(f"{number:,} ended with {code}" for code, number in sorted(Counter(ended).items()))
    click.echo(f"{len(found):,} runs merged ({said}): {', '.join(str(Path(out) / name) for name in pages)}")
    sys.exit(worst(ended))


def _files(run: str) -> Iterator[Path]:
    """The run files that are meant. Raises UserError where there are none."""
    from os.path import isdir

    from conformance.run.report_names import RUN

    path = Path(run)
    if not isdir(path):
        yield path
        return
    try:
        below = sorted(path.rglob(RUN))
    except OSError as error:
        raise UserError(f"{error.filename or run} cannot be read: {error.strerror or error}") from None
    if not below:
        raise UserError(f"there is no {RUN} in or below the folder {run}")
    yield from below


def _apart(files: list[Path]) -> list[str]:
    """A name for each, without what all have in common."""
    from os.path import commonpath

    from conformance.wire.jsontext import printable

    common = Path(commonpath([str(file.parent.absolute()) for file in files]))
    return [
        printable((file.parent.absolute().relative_to(common) / "").as_posix())
        + ("" if file.name == "run.jsonl" else f"/{printable(file.name)}")
        for file in files
    ]
