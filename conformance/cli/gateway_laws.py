"""Explains a law over both ends of a gateway: what it wants and why, what breaks it, what is seen then, how to mend it."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.text import Text

from conformance.cli import process
from conformance.cli.listing import as_data
from conformance.gateway.laws import fix_of, laws, lies
from conformance.gateway.pair import UPSTREAM
from conformance.gateway.without_sockets import both_ends
from conformance.judge.judge import Judge
from conformance.judge.verdicts import Check
from conformance.report.site import page_of
from conformance.report.summary import prose


def explanation(law: Check) -> dict[str, Any]:
    """All there is to know about a law, as plain data: with what is seen where a gateway tells its first lie."""
    lie = lies()[law.breaks[0]]
    court = Judge([law])
    for x in both_ends(lie):
        court.add(x)
    ids, problem = court.finish()[0].problems[0]
    example = {"lie": lie.name, "says": lie.says, "seen": problem, "exchange": ids[0].partition(" + ")[0]}
    told = [{"lie": name, "says": lies()[name].says} for name in law.breaks]
    return as_data(law) | {"fix": fix_of(law.id), "lies": told, "example": example}


def show(law: Check, *, as_json: bool) -> None:
    """Print the explanation of a law."""
    about = explanation(law)
    if as_json:
        click.echo(json.dumps(about, indent=2, ensure_ascii=False))
        return
    console = process.console()
    prose(console, Text.assemble((law.id, "bold"), f"  {law.level.upper()}"), 0)
    prose(console, law.requirement, 0)
    rows = [("why", about["impact"]), ("applies to", about["when"])]
    rows += [("broken by", each["says"]) for each in about["lies"]]
    rows += [("seen then", f"{about['example']['exchange']}: {about['example']['seen']}"), ("to mend", about["fix"])]
    for label, text in rows:
        if text:
            prose(console, text, 11, label)
    for source in law.source:
        console.print(Text(f"source     {source}"), soft_wrap=True)
    prose(console, f"Each exchange is seen as NAME at the client's end and as NAME{UPSTREAM} at the other.", 0)
    console.print(Text(f"All laws: {page_of(law.id)}", style="dim"), soft_wrap=True)


def show_laws(*, as_json: bool) -> None:
    """Print all laws as a table, or as a JSON array."""
    if as_json:
        click.echo(json.dumps([as_data(law) for law in laws().values()], indent=2, ensure_ascii=False))
        return
    for law in laws().values():
        prose(process.console(), Text.assemble((law.id, "bold"), f"  {law.level.upper()}  {law.requirement}"), 2)
    click.echo(f"{len(laws())} laws over both ends of a gateway")
