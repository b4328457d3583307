"""`openai-conformance golden check DIR`: are these golden prompts valid, and which are they? Sends nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from conformance.cli import process


@click.group()
def golden() -> None:
    """Golden prompts: what two endpoints are compared by."""


@golden.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
def check(folder: Path | None) -> None:
    """Check the golden prompts of a folder, of the shipped one by default, and list them.

    Every mistake is named as FILE:LINE: FIELD, all at once; then the exit code is 2.
    """
    from rich.table import Table
    from rich.text import Text

    from conformance.parity.prompts import examine
    from conformance.wire.jsontext import printable

    prompts, mistakes = examine(folder)
    if mistakes:
        for mistake in mistakes:
            click.echo(printable(mistake), err=True)
        sys.exit(2)
    table = Table(box=None, pad_edge=False)
    for column in ("prompt", "compare", "about"):
        table.add_column(column, overflow="fold")
    for prompt in prompts:
        compare = ", ".join(prompt.compare) or "-"
        table.add_row(prompt.id, compare, Text(printable(prompt.about)))
    process.console().print(table)
    uncertain = sum(prompt.uncertain for prompt in prompts)
    click.echo(f"{len(prompts)} golden prompts, {uncertain} of them with uncertain answers")
