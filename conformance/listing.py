"""What the catalogue holds, for people and programs: the checks, the requirements, one check explained. Judges nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.catalogue import Check
from conformance.probes import requests
from conformance.report import several
from conformance.report.summary import prose
from conformance.requirements import answered_by, requirements
from conformance.selection import needed, unanswered
from conformance.wire.curl import curl


def show_checks(checks: Sequence[Check], *, as_json: bool) -> None:
    """Print the checks as a table or as a JSON array."""
    if as_json:
        click.echo(json.dumps([as_data(check) for check in checks], indent=2, ensure_ascii=False))
        return
    table = _table("check", "level", "requirement")
    for check in checks:
        table.add_row(check.id, check.level.upper(), Text(check.requirement))
    Console().print(table)
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
    Console().print(table)
    seen = sum(bool(answers[row.id]) for row in rows)
    click.echo(f"{len(rows)} requirements: {seen} answered by checks, {len(rows) - seen} out of a black box's sight")


def explain(check: Check) -> None:
    """Print all there is to know about a check."""
    console = Console()
    prose(console, Text.assemble((check.id, "bold"), f"  {check.level.upper()}"), 0)
    prose(console, check.requirement, 0)
    about = as_data(check)
    rows = [("applies to", about["when"]), ("breaks", check.impact), ("answers", ", ".join(check.covers))]
    for label, text in (*rows, ("proven by", ", ".join(f"{name} (a defect)" for name in check.breaks))):
        if text:
            prose(console, text, 11, label)
    for source in check.source:
        console.print(f"source     {source}", soft_wrap=True, markup=False, highlight=False)
    _provoked(check, console)


def _provoked(check: Check, console: Console) -> None:
    """The probes that can provoke it, and the first one's request as a curl line."""
    able = needed([check])
    if not able:
        console.print("Nothing that the suite sends provokes it; it judges traffic in which it comes about.")
        return
    first = next(probe for probe in able if probe.build is None)
    line = curl(unanswered(requests(first, "MODEL")[0], "http://localhost:8000/v1"))
    console.print(f"provoked   {several(tuple(probe.name for probe in able), 5)}", markup=False, highlight=False)
    console.print(line, soft_wrap=True, markup=False, highlight=False)


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, no_wrap=name in ("check", "level"), overflow="fold")
    return table
