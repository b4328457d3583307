"""`checks --specification FILE`: which names of OpenAI's own specification the suite meets, route by route, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import click
from rich.table import Table
from rich.text import Text

from conformance.cli import process
from conformance.run.user_error import UserError
from conformance.specification.met import KINDS, Name, names
from conformance.specification.openapi import Unusable, load


def show_specification(path: str) -> None:
    """Print a line for each route, every name that nothing meets, and the score. Raises UserError."""
    try:
        document = load(path)
    except Unusable as reason:
        raise UserError(f"--specification {reason}") from None
    found = names(document)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("route", *(f"{kind}: met / with a reason / lacking" for kind in KINDS)):
        table.add_column(column, justify="left" if column == "route" else "right")
    for route, group in groupby(found, lambda each: each.route):
        rows = list(group)
        table.add_row(Text(route), *(_numbers([each for each in rows if each.kind == kind]) for kind in KINDS))
    process.console().print(table)
    for line in _lacking(found):
        click.echo(line)
    for kind in KINDS:
        click.echo(_score(kind, [each for each in found if each.kind == kind]))


def _numbers(rows: Sequence[Name]) -> str:
    met, excused = sum(bool(each.met) for each in rows), sum(bool(each.reason) for each in rows)
    return f"{met} / {excused} / {len(rows) - met - excused}" if rows else "-"


def _lacking(found: Sequence[Name]) -> Iterator[str]:
    elsewhere = {(each.kind, each.name) for each in found if each.met and each.kind != "parameter"}
    for (route, kind), group in groupby(found, lambda each: (each.route, each.kind)):
        rows = [each for each in group if not each.met and not each.reason]
        if lacking := [each.name for each in rows if (kind, each.name) not in elsewhere]:
            yield f"{route}: no check meets the {kind} {', '.join(lacking)}"


def _score(kind: str, rows: Sequence[Name]) -> str:
    """The share of different names: many routes answer with the same objects."""
    different: dict[tuple[str, str], Name] = {}
    for each in rows:
        key = (each.route if kind == "parameter" else "", each.name)
        if key not in different or each.met:
            different[key] = each
    met, excused = (sum(bool(getattr(each, what)) for each in different.values()) for what in ("met", "reason"))
    counted = len(different) - excused
    share = met / counted if counted else 1.0
    return f"{kind}: {met} of {counted} met ({share:.1%}), {excused} more have a reason"
