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

from conformance.report.causes.cause import causes
from conformance.report.details import NAME, PLAIN, line, prose, send_again, show_broken, show_details
from conformance.report.first_screen import show_causes, show_verdict
from conformance.report.production_said import show_production
from conformance.report.rows import (
    LEVELS,
    STATE_NAMES,
    STATES,
    FeatureRow,
    Row,
    asked_on,
    counts,
    feature_rows,
    limits_untried,
    number_of_exchanges,
    rows,
    unsent,
)
from conformance.run.report_names import OPERATORS
from conformance.run.run_file import Run
from conformance.run.words import several
from conformance.wire.jsontext import printable

DEEPER = "--depth deep"
"""Stands in the reason for what a run of the usual depth never sends: the reports and --verbose say it, the summary of every run
need not."""
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
        show_verdict(run, console)
        return
    folder = Path(page).parent
    above = show_verdict(run, console)
    if not (found := causes(run)):
        console.print()
    show_causes(found, run, folder, console, above)
    if verbose:
        show_details(table, run, folder, console)
    for row in table:
        if row.state == "broken":
            show_broken(row, console)
    _complaints([row for row in table if row.complaint], console)
    _skipped(run, console, verbose)
    (_features if verbose else _decisions)(feature_rows(run), console)
    _unmet(run, console)
    if untried := limits_untried(run):
        prose(console, f"Rate limits: {untried} checks not exercised; --burst N provokes a limit\n", 0)
    if run.traffic:
        show_production(run, str(folder / OPERATORS), console)
    console.print(_counts(table))
    console.print()
    line(console, f"{_effort(run)}Report: {page}, with run.jsonl and junit.xml beside it")
    _onward(table, page, console, verbose)


def _onward(table: Sequence[Row], page: str, console: Console, verbose: bool) -> None:
    """What to ask next about what is wrong."""
    wrong = next((row for row in table if row.red and row.state == "fail"), None)
    if wrong is not None:
        prose(console, f"{'' if verbose else 'Every check: --verbose. '}The request behind one, and what it wants:", 0)
        line(console, send_again(wrong.id, Path(page).parent), "cyan", 2)
        line(console, f"{NAME} explain {wrong.id}", "cyan", 2)


def _complaints(stale: list[Row], console: Console) -> None:
    for row in stale:
        prose(console, Text.assemble((row.id, "bold red"), f"  {row.complaint}"), 0)
    if stale:
        console.print()


def _skipped(run: Run, console: Console, verbose: bool) -> None:
    for reason, ids in unsent(run).items():
        if DEEPER in reason and not verbose:
            continue
        prose(console, f"{len(ids)} request{'s' * (len(ids) > 1)} not sent: {reason}  [{several(ids, 4)}]", 0)
        console.print()


def _decisions(table: Sequence[FeatureRow], console: Console) -> None:
    """What the endpoint does with optional features, by name."""
    for decision in DECISIONS:
        names = [row.name for row in table if row.decision == decision]
        if names and decision == "supported":
            prose(console, f"{len(names)} feature{'s' * (len(names) > 1)} supported", 0)
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


def _effort(run: Run) -> str:
    spent = (run.footer or {}).get("seconds")
    took = f" in {spent:.1f} s" if isinstance(spent, int | float) else ""
    more = f"{said}. " if (said := asked_on(run)) else ""
    return f"{number_of_exchanges(run):,} exchanges{took}. {more}"
