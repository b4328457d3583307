"""The HTML view of a run: one self-contained page, with the baseline beside and every failure's evidence.

It is made from run files alone and must not judge. Everything is escaped by the templates, and the page's policy lets nothing
run or load but its own script and sheet (pages.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.exchange.shipped import place
from conformance.report.causes.cause import by_check, causes
from conformance.report.causes.harm import DOWN, RAISES, REST, WRONG
from conformance.report.golden_view import golden_view, parity_verdict
from conformance.report.latency import latency_view
from conformance.report.lie_table import LIE_LOOKS, lie_kinds
from conformance.report.lie_table import STATES as LIE_STATES
from conformance.report.load_curve import COLUMNS as LEVEL_COLUMNS
from conformance.report.load_curve import curve_view
from conformance.report.operators import beside
from conformance.report.pages import page
from conformance.report.rows import LEVELS, STATES, counts, feature_rows, number_of_exchanges, remarks, rows, unsent
from conformance.report.times_added import COLUMNS as TIMES
from conformance.report.times_added import time_rows
from conformance.report.trial_table import LOOKS, clients, scenarios
from conformance.report.verdict import headline, tone, verdict
from conformance.report.views import (
    SHOWN,
    Area,
    CheckView,
    answers,
    areas,
    checks,
    exchange_anchor,
    exchanges,
    features,
    is_wrong,
)
from conformance.run.gap import gap
from conformance.run.report_names import OPERATORS
from conformance.run.run_file import Run, read
from conformance.run.whole_file import write_whole
from conformance.run.words import several, target

FIRST = 3
"""Causes that are open on the page, and prompts that both sides break."""
HARMS = {
    DOWN: "no answer, or a server's fault",
    WRONG: "lost or wrong data",
    RAISES: "an SDK or a typed client fails",
    REST: "",
}
DECISIONS = ("supported", "ignored", "broken", "refused", "absent", "undecided")
SQUARE, ROW = 9, 18
"""Units from one square to the next, and squares in a row, of the picture of an area."""


@dataclass(frozen=True)
class Baseline:
    """What stands beside the target: its name, its counts, the ids of the checks by gap, and what limits the comparison."""

    name: str
    counts: dict[str, dict[str, int]]
    gaps: dict[str, list[str]]
    note: str


def write_html(run: Run, path: Path, *, baseline: Run | None = None, parity: Sequence[Run] = ()) -> None:
    """Write the page of a run. `baseline` is a run of the checks to stand beside it, `parity` a run of the golden prompts."""
    if run.header.get("kind") == "parity":
        parity, baseline = [run], None
    write_whole(path, html(run, baseline, parity, beside(path).name))


def html(run: Run, baseline: Run | None = None, parity: Sequence[Run] = (), operators: str = OPERATORS) -> str:
    """The page of a run; `operators` is the file of its traffic's page, where it has traffic."""
    golden = golden_view(parity[0]) if parity else None
    word, why = verdict(run) if run.verdicts or not parity else parity_verdict(run)
    if golden and run.verdicts:
        why = f"{why}; {parity_verdict(parity[0])[1].partition(';')[0]}"
    came = answers(run)
    views = checks(run, baseline, came)
    found = causes(run)
    place = {row.id: n for n, cause in enumerate(found) for row in cause.rows}
    wrong = sorted((view for view in views if is_wrong(view)), key=lambda v: (not v.row.red, place.get(v.row.id, -1)))
    untestable, quiet = defaultdict(list), defaultdict(list)
    for view in views:
        if view.state == "untestable" and not view.row.complaint:
            untestable[view.row.reason].append(view)
        if not is_wrong(view) or (view.state == "untestable" and not view.row.complaint):
            quiet[view.row.area].append(view)
        else:
            quiet.setdefault(view.row.area, [])
    numbers = counts([view.row for view in views])
    return page(
        "page.html.jinja",
        word=word,
        why=why,
        tone=tone(run, word),
        headline=headline(run, word),
        causes=found,
        cause_of=by_check(found),
        harms=HARMS,
        first_causes=FIRST,
        target=target(run),
        header=run.header,
        footer=run.footer or {},
        number_of_exchanges=number_of_exchanges(run),
        remarks=remarks(run),
        operators=operators if run.traffic else "",
        unsent=unsent(run),
        several=several,
        levels=LEVELS,
        shown_states=[s for s in STATES if s not in ("broken", "known") or any(numbers[name][s] for name in LEVELS)],
        counts=numbers,
        bars={name: _bar(numbers[name]) for name in LEVELS},
        present=_present(views),
        areas=areas(views, baseline is not None),
        squares=squares,
        checks=views,
        wrong=wrong,
        shown=SHOWN,
        untestable=untestable,
        quiet={area: quiet[area] for area in sorted(quiet)},
        features=features(run, baseline),
        decisions=_decisions(run, baseline),
        baseline=_baseline(run, baseline) if baseline else None,
        exchanges=exchanges(run, views, came),
        known_exchanges={x.id for x in run.exchanges},
        anchor_of=exchange_anchor,
        clients=clients(run),
        scenarios=scenarios(run),
        trial_looks=LOOKS,
        lie_kinds=lie_kinds(run),
        load_curve=curve_view(run),
        load_columns=LEVEL_COLUMNS,
        times_added=time_rows(run),
        times_columns=TIMES,
        lie_states=list(LIE_STATES),
        lie_looks=LIE_LOOKS,
        golden=golden,
        shown_broken=FIRST,
        latency=latency_view(parity[0]) if parity else None,
    )


def shipped_baseline() -> Run | None:
    """The recorded baseline that comes with the suite, None where there is none."""
    found = sorted(place("golden/baselines").glob("*/checks.jsonl"))
    if not found:
        return None
    run = read(found[-1])
    run.header["target"]["name"] = f"recorded {found[-1].parent.name}"
    return run


def _baseline(run: Run, baseline: Run) -> Baseline:
    found = gap(run, baseline)
    gaps = {kind: found.ids(kind) for kind in ("worse", "better", "same", "not-compared")}
    red = set((run.footer or {}).get("red", ()))
    gaps["worse"].sort(key=lambda id: id not in red)
    name = baseline.header["target"].get("name") or target(baseline)
    return Baseline(name, counts(rows(baseline)), gaps, found.versions.words if found.versions else "")


def _present(views: Sequence[CheckView]) -> dict[str, int]:
    present: dict[str, int] = defaultdict(int)
    for view in views:
        present[view.state] += 1
    return present


def _bar(numbers: dict[str, int]) -> list[tuple[str, float, float]]:
    """(state, where it begins, how long it is) of each part of a level's bar, 1000 units long."""
    whole, at, parts = max(1, sum(numbers.values())), 0.0, []
    for state in ("pass", "known", "untestable", "broken", "fail", "not-exercised"):
        if numbers[state]:
            width = 1000 * numbers[state] / whole
            parts.append((state, round(at, 1), round(width, 1)))
            at += width
    return parts


def squares(area: Area) -> tuple[int, int, list[tuple[str, str, list[str]]]]:
    """Width and height of the picture of an area, a square a check, and the path of the squares of each state."""
    paths: dict[str, list[str]] = defaultdict(list)
    for n, (state, _) in enumerate(area.states):
        paths[state].append(f"M{n % ROW * SQUARE} {n // ROW * SQUARE}h7v7h-7z")
    across, down = min(ROW, len(area.states)), -(-len(area.states) // ROW)
    return across * SQUARE, down * SQUARE, [(state, "".join(each), []) for state, each in paths.items()]


def _decisions(run: Run, baseline: Run | None) -> list[tuple[str, list[str], int]]:
    """(decision, the features that the target has it for, how many the baseline has) in order."""
    mine, theirs = feature_rows(run), feature_rows(baseline) if baseline else []
    table: list[tuple[str, list[str], Any]] = []
    for decision in DECISIONS:
        names = [row.name for row in mine if row.decision == decision]
        others = sum(row.decision == decision for row in theirs)
        if names or others or decision != "undecided":
            table.append((decision, names, others))
    return table
