"""What the page of a run shows, put together from run files: checks with their evidence, areas, features, the baseline beside.

It must not judge, send or make markup. Sizes are bounded here: a page holds so much evidence and no more.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from conformance.exchange import Exchange
from conformance.exchange.curl import curl
from conformance.report.evidence import Answer, Line
from conformance.report.locate import parts_of, spot
from conformance.report.media import PAGE, Shown, media, within
from conformance.report.rows import LEVELS, FeatureRow, Row, evidence, feature_rows, key_env, rows
from conformance.report.timeline import Timeline, milliseconds
from conformance.run.gap import gap
from conformance.run.run_file import Run

EVIDENCE = 2
"""Exchanges shown under one failing check."""
SHOWN = 8
"""Problems shown of one check."""
PASSED = 12
"""Exchanges named in which a failing check passed."""
ONE, ALL = 5_000, 900_000
"""Characters of an answer shown in the list of exchanges, and of all of them; the evidence under checks may take as much again."""
QUIET = 5
"""The urgency of a row that needs no explaining."""


@dataclass(frozen=True)
class Proof:
    """One exchange as the evidence of a failure."""

    id: str
    about: str
    curl: str
    lines: list[Line]
    timeline: Timeline | None
    media: list[Shown] = field(default_factory=list)


@dataclass(frozen=True)
class CheckView:
    """One check: its row, what the baseline does (state and gap, "" without one), and of a failure the evidence."""

    row: Row
    state: str
    gap: str
    baseline: str
    proofs: list[Proof] = field(default_factory=list)
    elsewhere: tuple[str, ...] = ()
    more: int = 0

    @property
    def problems(self) -> list[tuple[str, str, str, tuple[str, ...], int]]:
        """(what, seen, expected, in which exchanges, how many) of each problem."""
        return [(*parts_of(p.message), p.ids, p.count) for p in self.row.told]


@dataclass(frozen=True)
class ExchangeView:
    """One exchange in the list of all: in short, as curl, its answer, and the checks that fail on it."""

    id: str
    about: str
    curl: str
    lines: list[Line]
    timeline: Timeline | None
    failing: tuple[str, ...]
    media: list[Shown] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    """Of one area and level: how many checks pass of those that could be judged; `heat` is 0 (none is bad) to 4."""

    good: int
    judged: int
    baseline: tuple[int, int] | None

    @property
    def heat(self) -> int:
        bad = self.judged - self.good
        return 0 if not bad else 1 + min(3, int(4 * bad / self.judged))


@dataclass(frozen=True)
class Area:
    """The checks of one area: a cell for each level (None where it has none) and the states of all, the worst first."""

    name: str
    cells: tuple[Cell | None, ...]
    states: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FeatureView:
    """One feature of target and baseline; `gap` is worse, better, same, or "" where there is nothing to compare."""

    row: FeatureRow
    baseline: str
    gap: str


Answers = dict[str, Answer]
"""By the exchange's id."""


def answers(run: Run) -> Answers:
    """What came back in each exchange, to be taken apart where it is shown."""
    return {x.id: Answer(x) for x in run.exchanges}


def checks(run: Run, baseline: Run | None, answers: Answers) -> list[CheckView]:
    """Every check, what is red first."""
    theirs = {row.id: row.state for row in rows(baseline)} if baseline else {}
    gaps = {row.check: row.gap for row in gap(run, baseline).rows} if baseline else {}
    room, seen = ALL, PAGE // 2
    views = []
    for row in sorted(rows(run), key=_urgency):
        state = "warns" if row.warns else row.state
        view = CheckView(row, state, gaps.get(row.id, ""), theirs.get(row.id, ""))
        if _urgency(row) < QUIET and row.state != "untestable":
            proofs, room, seen = _proofs(row, run, answers, room, seen)
            failing = {id for problem in row.problems for joined in problem.ids for id in joined.split(" + ")}
            passed = tuple(id for id in row.exchanges if id not in failing and id in answers)
            view = CheckView(row, state, view.gap, view.baseline, proofs, passed[:PASSED], max(0, len(passed) - PASSED))
        views.append(view)
    return views


def is_wrong(view: CheckView) -> bool:
    """It is red, a warning, or could not be tested."""
    return _urgency(view.row) < QUIET


def _urgency(row: Row) -> int:
    """What is red comes first, then what warns; the rest needs no explaining."""
    if row.red:
        return {"broken": 0, "fail": 1}.get(row.state, 2)
    return 3 if row.warns else 4 if row.state == "untestable" else QUIET


def _proofs(row: Row, run: Run, answers: Answers, room: int, seen: int) -> tuple[list[Proof], int, int]:
    """The first exchanges a failure names, as long as there is room on the page for its text, and for what is seen or heard."""
    found = []
    for x in evidence(row, run)[:EVIDENCE]:
        if room <= 0:
            break
        spots = [spot(x, problem.message) for problem in row.problems[:SHOWN] if _names(problem.ids, x.id)]
        came = answers[x.id]
        visible, seen = within(media(x), seen)
        proof = Proof(x.id, about(x), curl(x, key_env(run)), came.excerpt(spots), came.timeline(spots), visible)
        room -= sum(len(line.text) + 30 for line in proof.lines) + len(proof.curl) + (2000 if proof.timeline else 200)
        found.append(proof)
    return found, room, seen


def _names(ids: Sequence[str], id: str) -> bool:
    return any(id in joined.split(" + ") for joined in ids)


def about(x: Exchange) -> str:
    """An exchange in a few words: what was asked, what came, how long it took."""
    path = urlsplit(x.url).path
    came = "status not recorded" if "status" in x.missing else f"{x.status}" if x.answered else f"no answer ({x.ended})"
    took = f", {milliseconds(x.arrivals[-1][0])}" if x.arrivals else ""
    return f"{x.method} {path} → {came}{', streamed' if x.streaming else ''}{took}"


def exchanges(run: Run, views: Sequence[CheckView], answers: Answers) -> list[ExchangeView]:
    """Every exchange of the run file, with the checks that fail on it."""
    failing: dict[str, list[str]] = defaultdict(list)
    for view in views:
        if is_wrong(view):
            for id in {one for p in view.row.problems for joined in p.ids for one in joined.split(" + ")}:
                failing[id].append(view.row.id)
    found, each, seen = [], min(ONE, ALL // max(1, len(run.exchanges))), PAGE // 2
    for x in run.exchanges:
        lines, drawn = answers[x.id].whole(each), answers[x.id].timeline()
        visible, seen = within(media(x), seen)
        found.append(ExchangeView(x.id, about(x), curl(x, key_env(run)), lines, drawn, tuple(failing[x.id]), visible))
    return found


def exchange_anchor(id: str) -> str:
    """The fragment under which the page has an exchange."""
    return "x-" + re.sub(r"[^A-Za-z0-9+._-]", "_", id)[:200]


def areas(views: Sequence[CheckView], baseline: bool) -> list[Area]:
    """The areas, in alphabetical order."""
    by_area: dict[str, list[CheckView]] = defaultdict(list)
    for view in views:
        by_area[view.row.area].append(view)
    order = ("broken", "fail", "untestable", "warns", "known", "pass", "not-exercised")
    return [
        Area(
            name,
            tuple(_cell([v for v in members if v.row.level == level], baseline) for level in LEVELS),
            tuple(sorted(((v.state, v.row.id) for v in members), key=lambda each: order.index(each[0]))),
        )
        for name, members in sorted(by_area.items())
    ]


def _cell(views: list[CheckView], baseline: bool) -> Cell | None:
    if not views:
        return None
    mine, theirs = ([v.row.state for v in views], [v.baseline for v in views if v.baseline])
    return Cell(*_score(mine), _score(theirs) if baseline else None)


def _score(states: list[str]) -> tuple[int, int]:
    judged = [state for state in states if state != "not-exercised"]
    return sum(state in ("pass", "known") for state in judged), len(judged)


def features(run: Run, baseline: Run | None) -> list[FeatureView]:
    """The optional features, what the baseline makes of each beside."""
    theirs = {row.name: row.decision for row in feature_rows(baseline)} if baseline else {}
    return [FeatureView(row, theirs.get(row.name, ""), _feature_gap(row, theirs)) for row in feature_rows(run)]


def _feature_gap(row: FeatureRow, theirs: dict[str, str]) -> str:
    mine, other = row.decision, theirs.get(row.name, "undecided")
    if "undecided" in (mine, other):
        return ""
    if mine == other:
        return "same"
    return "better" if mine == "supported" else "worse" if other == "supported" else ""
