"""The checklist of a migration, in the terminal and as a page. It decides nothing: the checklist says every verdict.

Good at 80 columns and in a pipe; reads what migration.json holds and nothing else.
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from conformance.record.run_lines import Record
from conformance.report.details import line, prose
from conformance.report.first_screen import TONES
from conformance.report.pages import page
from conformance.run.whole_file import write_whole
from conformance.wire.jsontext import printable

PAGE = "index.html"
WORDS = {"yes": ("yes", "bold green"), "no": ("NO", "bold red"), "untold": ("not told", "bold yellow")}
TONE = {0: "yes", 1: "no"}
NAME = 18
"""Columns of a line's name and verdict."""


def show_migration(found: Record, place: str, console: Console, *, quiet: bool = False) -> None:
    """Print the answer and each line of the checklist, whose page is at `place`."""
    prose(console, Text(printable(f"{found['answer']}."), style=TONES[TONE.get(found["exit_code"], "unknown")]), 0)
    if quiet:
        return
    line(console, f"from {named(found['from'])} to {named(found['to'])}")
    console.print()
    for each in found["lines"]:
        word, style = WORDS[each["verdict"]]
        prose(
            console,
            Text(printable(f"{word}: {each['why']}"), style=style if each["verdict"] != "yes" else ""),
            NAME,
            each["name"],
        )
        for said in each["evidence"]:
            prose(console, said, NAME + 2)
    console.print()
    line(console, f"Report: {place}", style="dim")


def write_migration(found: Record, folder: Path) -> Path:
    """Write the page of a checklist into its folder, beside the reports that it leads to. Gives the file. Raises OSError."""
    file = folder / PAGE
    tone = TONE.get(found["exit_code"], "unknown")
    headline, _, why = found["answer"].partition(": ")
    sides = {"here": named(found["to"]), "there": named(found["from"])}
    write_whole(file, page("migration.html.jinja", found=found, tone=tone, headline=headline, why=why, **sides))
    return file


def named(about: Record) -> str:
    """A side in a few words."""
    where = about.get("base_url") or "an endpoint"
    return f"{where}, model {about['model']}" if about.get("model") else where
