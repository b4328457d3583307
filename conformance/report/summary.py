"""The terminal's view of a run: what fails and why, then the counts and the verdict, read in ten seconds.

Good at 80 columns and in a pipe. Addresses and curl lines are never broken over lines, so that they can be copied.
"""

from __future__ import annotations

import io
from collections import defaultdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.exchange.curl import curl
from conformance.report.beside import compared
from conformance.report.rows import (
    LEVELS,
    STATE_NAMES,
    STATES,
    FeatureRow,
    Row,
    counts,
    evidence,
    feature_rows,
    key_env,
    limits_untried,
    number_of_exchanges,
    remarks,
    rows,
    unsent,
)
from conformance.report.verdict import verdict
from conformance.run.run_file import Run
from conformance.run.words import several, target
from conformance.wire.jsontext import printable

PROBLEMS = 2
"""Problems shown of one check; the report holds all."""
WORDS = {"CONFORMS": "bold green", "NO REGRESSION": "bold green", "NO GAP": "bold green"}
DECISIONS = {"supported": "", "refused": "", "ignored": "yellow", "broken": "red", "absent": "", "undecided": "dim"}
"""What an endpoint may do with a feature, in the order shown, and the style of its name."""
PLAIN = {"markup": False, "highlight": False, "emoji": False}


def show_summary(run: Run, page: str, console: Console, *, quiet: bool = False) -> None:
    """Print the summary of a run whose HTML report is `page`."""
    table = rows(run)
    if quiet:
        for row in table:
            if row.red:
                console.print(row.id, soft_wrap=True, **PLAIN)
        _unmet(run, console)
        _verdict(run, console)
        return
    for row in table:
        if row.state == "broken":
            _broken(row, console)
    for row in table:
        if row.state == "fail" and row.red:
            _failure(row, run, console)
    _brief([row for row in table if row.warns], console)
    _untestable([row for row in table if row.state == "untestable"], console)
    _complaints([row for row in table if row.complaint], console)
    _skipped(run, console)
    _features(feature_rows(run), console)
    _unmet(run, console)
    if untried := limits_untried(run):
        prose(console, f"Rate limits: {untried} checks not exercised; --burst N provokes a limit\n", 0)
    console.print(_counts(table))
    console.print()
    _verdict(run, console)
    _line(console, f"{_effort(run)}Report: {page}, with run.jsonl and junit.xml beside it", style="dim")


def _line(console: Console, text: str, style: str = "", indent: int = 0) -> None:
    """One line that is never broken: the terminal wraps it, a copy of it stays whole."""
    console.print(Text(f"{' ' * indent}{printable(text)}", style=style), soft_wrap=True, **PLAIN)


def prose(console: Console, text: Text | str, indent: int, label: str = "") -> None:
    """Text that is broken at the console's width and hangs at `indent`, after a label."""
    text = Text(printable(text)) if isinstance(text, str) else text
    for n, line in enumerate(text.wrap(console, max(20, console.width - indent))):
        line.rstrip()
        start = Text((label if n == 0 else "").ljust(indent), style="dim")
        console.print(start + line, soft_wrap=True, **PLAIN)


def _labelled(console: Console, label: str, text: str) -> None:
    prose(console, text, 9, f"  {label}")


def failure_text(row: Row, run: Run) -> str:
    """What the summary says of one failure, as plain text; its first line is the requirement."""
    console = Console(file=io.StringIO(), width=100, color_system=None, markup=False, emoji=False, highlight=False)
    prose(console, f"{row.requirement} ({row.level.upper()})", 0)
    if row.state in ("broken", "untestable"):
        _reason(row, console)
    else:
        _found(row, run, console)
    return "\n".join(line.rstrip() for line in console.file.getvalue().rstrip().split("\n"))


def _failure(row: Row, run: Run, console: Console) -> None:
    share = f" in {row.share} exchanges" if row.share else ""
    prose(console, Text.assemble((row.id, "bold red"), f"  {row.level.upper()}{share}"), 0)
    prose(console, row.requirement, 2)
    _found(row, run, console)
    console.print()


def _found(row: Row, run: Run, console: Console) -> None:
    for ids, message, count in row.problems[:PROBLEMS]:
        _labelled(console, "seen", f"{message}  [{several(ids, count=count)}]")
    if len(row.problems) > PROBLEMS:
        _labelled(console, "", f"and {len(row.problems) - PROBLEMS} more problems")
    if row.impact:
        _labelled(console, "breaks", row.impact)
    if row.client:
        _labelled(console, "sdk", row.client)
    for source in row.source[:1]:
        _line(console, f"source {source}", "dim", 2)
    for shown in evidence(row, run)[:1]:
        _line(console, curl(shown, key_env(run)), "cyan", 2)


def _brief(warned: list[Row], console: Console) -> None:
    if warned:
        prose(console, Text("Failed, not red (SHOULD without --strict, MAY)", style="bold yellow"), 0)
    for row in warned:
        ids, message, count = row.problems[0]
        more = f" and {len(row.problems) - 1} more" if len(row.problems) > 1 else ""
        share = f" ({row.share} exchanges)" if row.share else ""
        prose(console, Text.assemble((row.id, "yellow"), f"  {row.requirement}{share}"), 2)
        prose(console, f"{message}  [{several(ids, count=count)}]{more}", 6)
        if row.client:
            prose(console, row.client, 6)
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


def _broken(row: Row, console: Console) -> None:
    prose(console, Text.assemble((row.id, "bold magenta"), f"  {row.level.upper()}"), 0)
    _reason(row, console)
    console.print()


def _reason(row: Row, console: Console) -> None:
    if row.state == "broken":
        prose(console, "The suite itself is broken here, which says nothing about the endpoint. Please report it:", 2)
        prose(console, row.reason, 2)
    else:
        _labelled(console, "", f"not testable: {row.reason}")


def _complaints(stale: list[Row], console: Console) -> None:
    for row in stale:
        prose(console, Text.assemble((row.id, "bold red"), f"  {row.complaint}"), 0)
    if stale:
        console.print()


def _skipped(run: Run, console: Console) -> None:
    for reason, ids in unsent(run).items():
        prose(console, f"{len(ids)} request{'s' * (len(ids) > 1)} not sent: {reason}  [{several(ids, 4)}]", 0)
        console.print()


def _features(table: list[FeatureRow], console: Console) -> None:
    """What the endpoint does with optional features: those supported in one line, each other with the reason."""
    if not table:
        return
    prose(console, Text("Features", style="bold"), 0)
    groups: dict[str, list[FeatureRow]] = defaultdict(list)
    for row in table:
        groups[row.decision].append(row)
    for decision in DECISIONS:
        if decision == "supported" and groups[decision]:
            prose(console, ", ".join(row.name for row in groups[decision]), 13, f"  {decision}")
        for row in groups[decision] if decision != "supported" else ():
            said = f": {row.why}  [{several(row.exchanges)}]" if row.exchanges else f": {row.why}"
            prose(console, Text.assemble((row.name, DECISIONS[decision]), printable(said)), 13, f"  {decision}")
    console.print()


def _unmet(run: Run, console: Console) -> None:
    """A line for each feature that makes the run red: required and not supported, or lost."""
    lacking = [row for row in feature_rows(run) if row.unmet]
    for row in lacking:
        why = "required" if row.required else "no longer there"
        _line(console, f"{why}: {row.name} is {row.decision}: {row.why}", "bold red")
    if lacking:
        console.print()


def _counts(table: list[Row]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column("")
    numbers = counts(table)
    shown = [state for state in STATES if state != "broken" or any(numbers[level][state] for level in LEVELS)]
    for state in shown:
        grid.add_column(STATE_NAMES.get(state, state), justify="right")
    for level in LEVELS:
        grid.add_row(level.upper(), *(str(numbers[level][state]) for state in shown))
    return grid


def _verdict(run: Run, console: Console) -> None:
    """The verdict and what limits its worth; in a pipe a line each."""
    word, why = verdict(run)
    lines = [Text.assemble((word, WORDS.get(word, "bold red")), f"  {target(run)}: {why}")]
    for text in [*lines, *map(Text, compared(run)), *(Text(remark, style="yellow") for remark in remarks(run))]:
        if console.is_terminal:
            prose(console, text, 0)
        else:
            console.print(text, soft_wrap=True, **PLAIN)


def _effort(run: Run) -> str:
    spent = (run.footer or {}).get("seconds")
    took = f" in {spent:.1f} s" if isinstance(spent, int | float) else ""
    return f"{number_of_exchanges(run):,} exchanges{took}. "
