"""What the catalogue holds, for people and programs: the checks, the requirements, the features. Judges nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from conformance.areas.catalogue import about, area_of, catalogue, features, lies
from conformance.areas.requirements import answered_by, requirements
from conformance.cli import process
from conformance.judge.verdicts import Check
from conformance.run.options import PROFILES


def show_checks(checks: Sequence[Check], *, as_json: bool) -> None:
    """Print the checks as a table, each under what its area is, or as a JSON array."""
    if as_json:
        click.echo(json.dumps([as_data(check) for check in checks], indent=2, ensure_ascii=False))
        return
    table = _table("check", "level", "requirement")
    for area, group in groupby(checks, area_of):
        table.add_row(Text(area, style="bold"), "", Text(about(area), style="bold"))
        for check in group:
            table.add_row(check.id, check.level.upper(), Text(check.requirement))
    process.console().print(table)
    click.echo(f"{len(checks)} checks")


def as_data(check: Check) -> dict[str, Any]:
    """A check as plain data."""
    return {
        "id": check.id,
        "area": check.area,
        "level": check.level,
        "requirement": check.requirement,
        "impact": check.impact,
        "when": f"any {check.together.name}, each {check.when.name}"
        if check.together
        else f"any exchange {check.when.name}",
        "source": list(check.source),
        "breaks": list(check.breaks),
        "covers": list(check.covers),
    }


def show_requirements(checks: Sequence[Check], *, as_json: bool, all_rows: bool) -> None:
    """Print every requirement with the checks that answer it or why none can; not `all_rows`: those of these checks."""
    answers = answered_by(checks)
    rows = [row for row in requirements().values() if all_rows or answers[row.id]]
    if as_json:
        data = [
            {"id": r.id, "level": r.level, "text": r.text, "checks": answers[r.id], "unseen": r.unseen} for r in rows
        ]
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
        return
    table = _table("requirement", "level", "text", "answered by")
    for row in rows:
        answer = ", ".join(answers[row.id]) or f"unseen: {row.unseen or 'no reason given'}"
        table.add_row(row.id, row.level.upper(), Text(row.text), Text(answer))
    process.console().print(table)
    seen = sum(bool(answers[row.id]) for row in rows)
    click.echo(f"{len(rows)} requirements: {seen} answered by checks, {len(rows) - seen} out of a black box's sight")


def show_features(*, as_json: bool) -> None:
    """Print the optional features, as a table or as a JSON array."""
    if as_json:
        data = [
            {"name": each.name, "profile": each.profile, "what": each.what, "probes": list(each.probes)}
            for each in features().values()
        ]
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
        return
    table = _table("feature", "profile", "honoured, and ignored")
    for each in features().values():
        table.add_row(each.name, each.profile or "-", Text(each.what))
    process.console().print(table)
    click.echo(f"{len(features())} features; a profile holds those of the smaller ones: {', '.join(PROFILES)}")


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, no_wrap=name in ("check", "level"), overflow="fold")
    return table


def show_lies() -> None:
    """Print every lie that the reference can tell, what it does, and which checks it breaks."""
    breaks: dict[str, list[str]] = {}
    for check in catalogue().values():
        for name in check.breaks:
            breaks.setdefault(name, []).append(check.id)
    table = _table("lie", "what it does", "breaks")
    for name, lie in lies().items():
        table.add_row(name, Text(lie.says), ", ".join(breaks.get(name, ())))
    process.console().print(table)
    click.echo(f"{len(lies())} lies")
