"""Every failing check in the terminal, with what was seen, what breaks, its source and the request: what --verbose adds.

It must not judge. Addresses and curl lines are never broken over lines, so that they can be copied.
"""

from __future__ import annotations

import io
import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.style import Style
from rich.text import Text

from conformance.exchange import Exchange
from conformance.exchange.curl import curl
from conformance.report.bodies import body_file
from conformance.report.causes.cause import Cause
from conformance.report.rows import LEVELS, Row, evidence, key_env
from conformance.report.site import page_of
from conformance.run.run_file import Run
from conformance.run.words import declining, several
from conformance.wire.jsontext import printable

NAME = "openai-conformance"
USUAL = Path("reports/latest")
"""Where reports are put, and looked for, unless told otherwise."""
SHORT = 320
"""Characters of a curl line that is shown; of a longer one, the command that prints it."""
PROBLEMS = 2
"""Problems shown of one check; the report holds all."""
PLAIN = {"markup": False, "highlight": False, "emoji": False}


def show_details(table: Sequence[Row], run: Run, folder: Path, console: Console) -> None:
    """Every check that fails or could not be tested. `folder` is that of the report."""
    for row in table:
        if row.state == "fail" and row.red:
            _failure(row, run, folder, console)
    _brief([row for row in table if row.warns], console)
    _untestable([row for row in table if row.state == "untestable"], console)


def line(console: Console, text: str, style: str = "", indent: int = 0) -> None:
    """One line that is never broken: the terminal wraps it, a copy of it stays whole."""
    console.print(Text(f"{' ' * indent}{printable(text)}", style=style), soft_wrap=True, **PLAIN)


def prose(console: Console, text: Text | str, indent: int, label: str = "") -> int:
    """Text that is broken at the console's width and hangs at `indent`, after a label. Gives the rows that it takes."""
    text = Text(printable(text)) if isinstance(text, str) else text
    lines = text.wrap(console, max(20, console.width - indent))
    for n, line in enumerate(lines):
        line.rstrip()
        shown = Text.assemble(((label if n == 0 else "").ljust(indent), "dim"), line)  # a sum would make all of it dim
        console.print(shown, soft_wrap=True, **PLAIN)
    return len(lines)


def labelled(console: Console, label: str, text: str) -> None:
    prose(console, text, 9, f"  {label}")


def failure_text(row: Row, run: Run, cause: Cause | None = None) -> str:
    """What the summary says of one failure, as plain text; its first line is the requirement."""
    console = Console(file=io.StringIO(), width=100, color_system=None, markup=False, emoji=False, highlight=False)
    prose(console, f"{row.requirement} ({row.level.upper()})", 0)
    if cause is not None:
        labelled(console, "cause", cause.why(row).removeprefix("Cause: "))
    if row.state in ("broken", "untestable"):
        _reason(row, console)
    else:
        _found(row, run, console)
    return "\n".join(line.rstrip() for line in console.file.getvalue().rstrip().split("\n"))


def _failure(row: Row, run: Run, folder: Path, console: Console) -> None:
    share = f" in {row.share} exchanges" if row.share else ""
    prose(console, Text.assemble(linked(row.id, [row.id], "bold red"), f"  {row.level.upper()}{share}"), 0)
    prose(console, row.requirement, 2)
    _found(row, run, console, folder)
    console.print()


def _found(row: Row, run: Run, console: Console, folder: Path | None = None) -> None:
    told = row.told
    for ids, message, count in told[:PROBLEMS]:
        labelled(console, "seen", f"{message}  [{several(ids, count=count)}]")
    if len(told) > PROBLEMS:
        labelled(console, "", f"and {len(told) - PROBLEMS} more problem{'s' * (len(told) > PROBLEMS + 1)}")
    if row.impact:
        labelled(console, "breaks", row.impact)
    if row.client:
        labelled(console, "sdk", row.client)
    if row.breaks_in:
        labelled(console, "in", row.breaks_in)
    if row.decline:
        labelled(console, "or", declining([row.decline]))
    for source in row.source[:1]:
        line(console, f"source {source}", "dim", 2)
    for shown in evidence(row, run)[:1]:
        line(console, request(shown, run, folder, row.id), "cyan", 2)


def linked(text: str, checks: Iterable[str], style: str = "") -> Text:
    """A text whose ids of checks are hyperlinks to their pages, where the terminal can (OSC 8)."""
    shown = Text(text, style=style)
    for check in {*checks}:
        for found in re.finditer(rf"(?<![\w.-]){re.escape(check)}(?![\w-])", text):
            shown.stylize(Style(link=page_of(check)), *found.span())
    return shown


def request(x: Exchange, run: Run, folder: Path | None, check: str) -> str:
    """The request as a curl line, with the body from its file where there is one; what prints it, where that would be long."""
    text = curl(x, key_env(run), body_file(x, folder) if folder else "")
    return text if len(text) <= SHORT else send_again(f"{check} {x.id}", folder)


def send_again(words: str, folder: Path | None) -> str:
    """The command that prints a request as curl, of the run whose reports are in a folder."""
    where = "" if folder in (None, USUAL) else f" --run {shlex.quote(str(folder / 'run.jsonl'))}"
    return f"{NAME} curl{where} {words}"


def _brief(warned: list[Row], console: Console) -> None:
    if warned:
        prose(console, Text("Failed, not red (SHOULD without --strict, MAY)", style="bold yellow"), 0)
    for row in warned:
        ids, message, count = row.told[0]
        more = f" and {len(row.told) - 1} more" if len(row.told) > 1 else ""
        share = f" ({row.share} exchanges)" if row.share else ""
        prose(console, Text.assemble(linked(row.id, [row.id], "yellow"), f"  {row.requirement}{share}"), 2)
        prose(console, f"{message}  [{several(ids, count=count)}]{more}", 6)
        for text in filter(None, (row.client, declining([row.decline]))):
            prose(console, text, 6)
    if warned:
        console.print()


def _untestable(unheard: list[Row], console: Console) -> None:
    """Untestable checks by their reason: one lost connection is one line, not a hundred."""
    by_reason: dict[str, list[Row]] = defaultdict(list)
    for row in unheard:
        by_reason[row.reason].append(row)
    for reason, group in by_reason.items():
        style = "bold red" if any(row.red for row in group) else "bold yellow"
        levels = ", ".join(
            f"{n} {level.upper()}" for level in LEVELS if (n := sum(row.level == level for row in group))
        )
        prose(console, Text(f"Not testable: {levels}", style=style), 0)
        prose(console, reason, 2)
        prose(console, several(tuple(row.id for row in group), 8), 2)
        console.print()


def show_broken(row: Row, console: Console) -> None:
    """A check that is broken, which is our fault and never left out."""
    prose(console, Text.assemble((row.id, "bold magenta"), f"  {row.level.upper()}"), 0)
    _reason(row, console)
    console.print()


def _reason(row: Row, console: Console) -> None:
    if row.state == "broken":
        prose(console, "The suite itself is broken here, which says nothing about the endpoint. Please report it:", 2)
        prose(console, row.reason, 2)
    else:
        labelled(console, "", f"not testable: {row.reason}")
