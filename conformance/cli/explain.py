"""Explains a check to a server author: what it wants and why, what breaks in which SDK, a good and a bad answer, how to provoke it.

It gathers what others know - the check, the requirements, the measured SDKs, an example made on the spot - and judges nothing.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from conformance.areas.levels import reasons
from conformance.areas.requirements import requirements
from conformance.cli import process
from conformance.cli.examples import Example, example
from conformance.cli.listing import as_data
from conformance.clients.breaks import breaks, measured, versions
from conformance.exchange.curl import curl
from conformance.exchange.probe import Probe
from conformance.judge.verdicts import Check
from conformance.reference.script import MODEL
from conformance.report.site import page_of
from conformance.report.summary import prose
from conformance.run.words import several
from conformance.wire.jsontext import printable
from conformance.wire.redact import REDACTED

TABLE = Path(__file__).parent.parent / "clients" / "sdks.toml"
_MODELS = re.compile(re.escape(MODEL.encode()) + rb"(-[a-z]+)?")
"""The names of the reference's models: that which chats, and those of the tasks."""
HOST = "http://localhost:8000/v1"
QUIET = "notices nothing and hands on what came"
STAGED = (
    "No client can bring this about at will; recordings may hold it, and the reference does so for X-Conformance-Stage:"
)
STYLES = {"good": "green", "bad": "red", "more": "dim"}


@cache
def sdks() -> dict[str, Any]:
    """What both official SDKs make of each lie, by its name; under "versions" which they are. Written by benchmarks/sdks."""
    return tomllib.loads(TABLE.read_text("utf-8"))


def explanation(check: Check, asked: Sequence[Probe] | None = None) -> dict[str, Any]:
    """All there is to know about a check, as plain data; `asked` are the probes known to bring about what it judges."""
    shown = example(check, asked)
    first = shown.bad.id.partition("+")[0]
    asked = sorted(shown.asked, key=lambda name: name != first)
    return as_data(check) | {
        "answers": {id: requirements()[id].text for id in check.covers if id in requirements()},
        "level_reason": reasons().get(check.id, ""),
        "sdks": _seen_by(check),
        "clients": _broken_in(check),
        "example": {
            "lie": shown.lie.name,
            "says": shown.lie.says,
            "links": list(shown.lie.links),
            "seen": shown.problem,
            "exchange": shown.bad.id,
            "difference": [list(line) for line in shown.difference],
        },
        "provoked_by": asked,
        "curl": _curl(shown),
        "staged": "staged" in shown.good.intent,
    }


def _seen_by(check: Check) -> dict[str, list[str]]:
    """What each SDK does with the lies that prove the check; those nobody measured are left out."""
    rows = [sdks()[name] for name in check.breaks if name in sdks()]
    seen = {sdk: list(dict.fromkeys(line for row in rows for line in row[sdk])) for sdk in ("python", "node")}
    return {sdks()["versions"][sdk]: lines for sdk, lines in seen.items()} if rows else {}


def _broken_in(check: Check) -> dict[str, list[str]]:
    """What breaks in which real client with the lies that prove the check, by client and version."""
    return {f"{name} {versions(name)}": lines for name, lines in breaks(check.breaks).items()}


def _curl(shown: Example) -> str:
    """The request of the example, for a server at HOST."""
    x = shown.good
    base, found, rest = x.url.partition("/v1")
    body = _MODELS.sub(b"MODEL", x.request_body)
    headers = tuple(
        (name, f"Bearer {REDACTED}" if name.lower() == "authorization" else value) for name, value in x.request_headers
    )
    return curl(replace(x, url=HOST + rest if found else base, request_headers=headers, request_body=body, memo={}))


def show(check: Check, *, as_json: bool) -> None:
    """Print the explanation of a check."""
    about = explanation(check)
    if as_json:
        click.echo(json.dumps(about, indent=2, ensure_ascii=False))
        return
    console = process.console()
    prose(console, Text.assemble((check.id, "bold"), f"  {check.level.upper()}"), 0)
    prose(console, check.requirement, 0)
    rows = [("why", about["impact"]), (check.level.upper(), about["level_reason"]), ("applies to", about["when"])]
    rows += [("answers", f"{id}: {text}") for id, text in about["answers"].items()]
    rows += [(sdk, "; ".join(lines) or QUIET) for sdk, lines in about["sdks"].items()]
    for label, text in rows:
        if text:
            prose(console, text, 22 if label in about["sdks"] else 11, label)
    _clients(about["clients"], console)
    for source in check.source:
        _line(console, f"source     {source}")
    _example(about["example"], console)
    console.print()
    prose(
        console, STAGED if about["staged"] else f"Provoked by {several(tuple(about['provoked_by']), 5)}, for example", 0
    )
    _line(console, about["curl"], "cyan")
    _line(console, f"How to mend it, and how to decline what is optional: {page_of(check.id)}", "dim")


def _clients(broken: dict[str, list[str]], console: Console) -> None:
    """Which real clients such a server breaks, and how: the first line of each."""
    if broken:
        prose(console, f"Of {len(measured()['versions'])} real clients such a server breaks {len(broken)}:", 0)
    for client, lines in broken.items():
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        prose(console, printable(f"{lines[0]}{more}"), 26, f"  {client}")


FOUND = 8
"""Checks that a search shows."""


def show_found(checks: Sequence[Check], *, as_json: bool) -> None:
    """Print the checks that a search found, best first."""
    if as_json:
        click.echo(json.dumps([as_data(check) for check in checks[:FOUND]], indent=2, ensure_ascii=False))
        return
    console = process.console()
    for check in checks[:FOUND]:
        prose(console, Text.assemble((check.id, "bold"), f"  {check.level.upper()}  {check.requirement}"), 2)
    _line(console, f"openai-conformance explain {checks[0].id}   says all of the first", "dim")


def _example(about: dict[str, Any], console: Console) -> None:
    console.print()
    _line(console, f"A good answer, and a bad one ({about['lie']}): {about['says']}", "bold")
    for link in about["links"]:
        _line(console, f"     seen at {link}", "dim")
    for whose, line in about["difference"]:
        label, text = {"both": ("", line), "more": ("", f"… {line}")}.get(whose, (whose, line))
        _line(console, f"{label:<5}{text}".rstrip(), STYLES.get(whose, ""))
    if about["seen"]:
        prose(console, about["seen"], 5, "seen")


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True, markup=False, highlight=False)
