"""The terminal's view of a run: the verdict, what to fix first and whom it breaks, on one screen; --verbose adds every check.

Good at 80 columns and in a pipe. Addresses and curl lines are never broken over lines, so that they can be copied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.report.beside import compared
from conformance.report.causes.cause import Cause, causes
from conformance.report.details import PLAIN, line, prose, request, show_broken, show_details
from conformance.report.rows import (
    LEVELS,
    STATE_NAMES,
    STATES,
    FeatureRow,
    Row,
    counts,
    feature_rows,
    limits_untried,
    number_of_exchanges,
    remarks,
    rows,
    unsent,
)
from conformance.report.verdict import tone, verdict
from conformance.run.run_file import Run
from conformance.run.words import several, target
from conformance.wire.jsontext import printable

FIRST = 3
"""Causes that are told with their evidence; each further one is a line."""
FEW = 2
"""Causes up to which each is told whole, its request as curl, too: where there are more, they would fill the screen."""
TONES = {"yes": "bold green", "part": "bold yellow", "no": "bold red", "unknown": "bold red"}
DECISIONS = {"supported": "", "refused": "", "ignored": "yellow", "broken": "red", "absent": "", "undecided": "dim"}
"""What an endpoint may do with a feature, in the order shown, and the style of its name."""


def show_summary(run: Run, page: str, console: Console, *, quiet: bool = False, verbose: bool = False) -> None:
    """Print the summary of a run whose HTML report is `page`."""
    table = rows(run)
    if quiet:
        for row in table:
            if row.red:
                console.print(row.id, soft_wrap=True, **PLAIN)
        _unmet(run, console)
        _verdict(run, console)
        return
    folder = Path(page).parent
    _verdict(run, console)
    console.print()
    _causes(causes(run), run, folder, console)
    if verbose:
        show_details(table, run, folder, console)
    for row in table:
        if row.state == "broken":
            show_broken(row, console)
    _complaints([row for row in table if row.complaint], console)
    _skipped(run, console)
    (_features if verbose else _decisions)(feature_rows(run), console)
    _unmet(run, console)
    if untried := limits_untried(run):
        prose(console, f"Rate limits: {untried} checks not exercised; --burst N provokes a limit\n", 0)
    console.print(_counts(table))
    console.print()
    line(console, f"{_effort(run)}Report: {page}, with run.jsonl and junit.xml beside it", style="dim")


def _causes(found: Sequence[Cause], run: Run, folder: Path, console: Console) -> None:
    """The first causes with their evidence, every further red one in a line, the rest counted."""
    red = [cause for cause in found if cause.red]
    rest = [cause for cause in found if not cause.red]
    if red:
        console.print(Text("Fix these first" if len(red) > 1 else "Fix this", style="bold"))
    few = len(red) <= FEW
    for n, cause in enumerate(red[:FIRST], 1):
        _told(n, cause, console, few)
        if few:
            _again(cause, run, folder, console)
    for n, cause in enumerate(red[FIRST:], FIRST + 1):
        _short(console, Text(f"{n}. {cause.sentence}"), end=f"  {cause.unlocks}")
    if rest:
        checks = sum(len(cause.rows) for cause in rest)
        known = f"{len(rest)} more cause{'s' * (len(rest) > 1)} of {checks} check{'s' * (checks > 1)}"
        _short(console, Text(f"Not red: {known}: {', '.join(cause.root.id for cause in rest)}", style="yellow"))
    if found:
        console.print()


def _told(number: int, cause: Cause, console: Console, whole: bool) -> None:
    """One cause, in a line for each thing worth knowing that is cut at the width unless `whole`."""
    said = prose if whole else _short
    said(console, Text(printable(cause.sentence), style="bold red"), 3, f"{number}.")
    where = f"{several(cause.ids, 1, cause.touched)}, {cause.touched:,} of {cause.of:,} requests" if cause.ids else ""
    names = several(tuple(row.id for row in cause.rows), 3)
    for label, text in (
        ("unlocks", f"{cause.unlocks} ({names})"),
        ("seen in", where),
        ("breaks", cause.breaks),
        ("answer", cause.said),
        ("as if", " ".join(cause.as_if)),
    ):
        if text:
            said(console, Text(printable(text)), 11, f"   {label}")


def _again(cause: Cause, run: Run, folder: Path, console: Console) -> None:
    """Where the requirement stands, and the request to send again."""
    for source in cause.root.source[:1]:
        line(console, f"source  {source}", "dim", 3)
    for x in [x for x in run.exchanges if x.id in cause.ids][:1]:
        line(console, request(x, run, folder), "cyan", 3)


def _short(console: Console, text: Text, indent: int = 0, label: str = "", end: str = "") -> None:
    """One line, cut at the width but for its end."""
    shown = Text(label.ljust(indent), style="dim") + text
    shown.plain = " ".join(printable(shown.plain).split("\n"))
    shown.truncate(max(20, console.width - len(end)), overflow="ellipsis")
    shown.rstrip()
    console.print(shown + Text(end, style="dim"), soft_wrap=True, **PLAIN)


def _complaints(stale: list[Row], console: Console) -> None:
    for row in stale:
        prose(console, Text.assemble((row.id, "bold red"), f"  {row.complaint}"), 0)
    if stale:
        console.print()


def _skipped(run: Run, console: Console) -> None:
    for reason, ids in unsent(run).items():
        prose(console, f"{len(ids)} request{'s' * (len(ids) > 1)} not sent: {reason}  [{several(ids, 4)}]", 0)
        console.print()


def _decisions(table: Sequence[FeatureRow], console: Console) -> None:
    """What the endpoint does with optional features, by name."""
    for decision in DECISIONS:
        names = [row.name for row in table if row.decision == decision]
        if names and decision == "supported":
            prose(console, f"{len(names)} features supported", 0)
        elif names:
            prose(console, Text.assemble((decision, DECISIONS[decision]), f" {', '.join(names)}"), 2)
    if table:
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
        line(console, f"{why}: {row.name} is {row.decision}: {row.why}", "bold red")
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
    lines = [Text.assemble((word, TONES[tone(run, word)]), f"  {target(run)}: {why}")]
    for text in [*lines, *map(Text, compared(run)), *(Text(remark, style="yellow") for remark in remarks(run))]:
        if console.is_terminal:
            prose(console, text, 0)
        else:
            console.print(text, soft_wrap=True, **PLAIN)


def _effort(run: Run) -> str:
    spent = (run.footer or {}).get("seconds")
    took = f" in {spent:.1f} s" if isinstance(spent, int | float) else ""
    return f"{number_of_exchanges(run):,} exchanges{took}. "
