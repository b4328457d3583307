"""The gate: which verdicts make a run red, and its exit code. All levels of `--fail-on` are decided here and nowhere else.

    must, should    what fails at these levels
    regression      whatever got worse since the run of --against
    gap             whatever is worse than at the baseline

With --against, must and should count only what got worse, too. It must not judge an endpoint, nor read a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.judge.decider import Decided, unmet
from conformance.judge.verdicts import Verdict
from conformance.record.run_lines import Record
from conformance.run.gap import Kind, compared
from conformance.run.known import Complaint, more_than_named
from conformance.run.run_file import Run
from conformance.run.scope import idle_areas

CONFORMS, DIFFERS, USAGE, NOT_JUDGED, BROKEN, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""Exit codes."""
WORST = (BROKEN, DIFFERS, USAGE, NOT_JUDGED, CONFORMS)
"""The worst first: what is about several runs ends with that of the worst."""


@dataclass(frozen=True)
class Earlier:
    """A run to compare with: where its file is, and what it says of each check and feature."""

    file: str
    verdicts: Mapping[str, Record]
    features: Mapping[str, str]
    idle: Collection[str] = ()
    """The areas of the core that had too little to judge there (scope.py)."""

    @classmethod
    def of(cls, file: str, run: Run, only: bool = False) -> Earlier:
        """`only`: some areas alone are asked about now."""
        return cls(
            file,
            {record["check"]: record for record in run.verdicts},
            {record["feature"]: record["decision"] for record in run.features},
            idle_areas({record["check"]: record["outcome"] for record in run.verdicts}, only),
        )


@dataclass(frozen=True)
class Ruling:
    """What the gate says of a run. `red` are checks, `features` those that make it red; `worse`, `better` and `not_compared`
    are checks beside the earlier run, empty without one. `conforms`: it does, whatever the gate was told to count."""

    code: int
    red: list[str]
    features: list[str]
    conforms: bool
    worse: list[str] = field(default_factory=list)
    better: list[str] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)

    def record(self, fail_on: str, earlier: Earlier | None) -> dict[str, Any]:
        """What the footer of a run file says of the gate."""
        said = {"fail_on": fail_on, "conforms": self.conforms, "red_features": self.features}
        if earlier is None:
            return said
        beside = {"worse": self.worse, "better": self.better, "not_compared": self.not_compared}
        return said | {"against": earlier.file} | beside


def rule(
    verdicts: Sequence[Verdict],
    complaints: Sequence[Complaint],
    decided: Sequence[Decided],
    *,
    fail_on: str = "must",
    wanted: Collection[str] = (),
    earlier: Earlier | None = None,
    complete: bool = True,
    judged: bool = True,
    idle: Collection[str] = (),
) -> Ruling:
    """Decide. `wanted` are the features that must be supported; `earlier` is what to compare with; not `complete`: part of
    what was to be asked was not, or not all of a recording is there, which cannot show that all conforms; not `judged`: nothing
    came back that could show anything; `idle` are areas of the core that had too little to judge (scope.py), which is no news where
    they had as little in the earlier run."""
    changes: dict[str, Kind] = {}
    for verdict in verdicts if earlier else ():
        before = earlier.verdicts.get(verdict.check.id)
        kind, _ = compared({"outcome": verdict.outcome}, before)
        changes[verdict.check.id] = "worse" if kind == "same" and before and _spread(verdict, before) else kind
    whatever = fail_on in ("regression", "gap")
    stale = {complaint.check for complaint in complaints}
    red = []
    for verdict in verdicts:
        counts = verdict.red(strict=fail_on == "should")
        if earlier is not None and verdict.outcome != "broken":
            failed = whatever and verdict.outcome == "fail" and verdict.known is None
            counts = (counts or failed) and changes[verdict.check.id] == "worse"
        if counts or verdict.check.id in stale:
            red.append(verdict.check.id)
    features = _features(decided, wanted, earlier, whatever)
    plain = any(verdict.red() for verdict in verdicts) or _features(decided, wanted, None, False)
    nothing = not any(verdict.outcome in ("pass", "fail") for verdict in verdicts)
    if any(verdict.outcome == "broken" for verdict in verdicts):
        code = BROKEN
    elif not judged:
        code = NOT_JUDGED
    elif red or complaints or features:
        code = DIFFERS
    else:
        lost = set(idle) - set(earlier.idle if earlier else ())
        code = NOT_JUDGED if nothing or not complete or lost else CONFORMS
    conforms = not plain and not nothing and complete and judged and not idle
    return Ruling(code, red, features, conforms, *([id for id, c in changes.items() if c == which] for which in _SHOWN))


def _spread(verdict: Verdict, before: Record) -> bool:
    """It fails as before, and on further exchanges that passed then. Where other exchanges fail instead, chance may be at work."""
    now = {joined for named, _ in verdict.problems for joined in named}
    then = {joined for problem in before.get("problems", ()) for joined in problem["exchanges"]}
    named = not more_than_named(verdict) and not any("count" in problem for problem in before.get("problems", ()))
    passed = {*before.get("exchanges", ())} - {id for joined in then for id in joined.split(" + ")}
    further = any(id in passed for joined in now - then for id in joined.split(" + "))
    return verdict.outcome == "fail" and named and then <= now and further


_SHOWN: tuple[Kind, ...] = ("worse", "better", "not-compared")


def _features(
    decided: Sequence[Decided], wanted: Collection[str], earlier: Earlier | None, whatever: bool
) -> list[str]:
    """Features that are wanted and not supported; beside an earlier run, those that were supported there. `whatever`: of
    those that were, also what nobody asked for by name, unless nothing was seen of it this time."""
    lacking = [each.feature.name for each in unmet(decided, wanted)]
    if earlier is None:
        return lacking
    seen = [each.feature.name for each in decided if each.decision not in ("supported", "undecided")]
    had = {name for name, decision in earlier.features.items() if decision == "supported"}
    return [name for name in dict.fromkeys([*lacking, *(seen if whatever else ())]) if name in had]


def counts(verdicts: Sequence[Verdict]) -> dict[str, dict[str, int]]:
    """How many verdicts of each level had which outcome, as the footer says it."""
    found: dict[str, dict[str, int]] = {}
    for verdict in verdicts:
        of_level = found.setdefault(verdict.check.level, {})
        outcome = "known" if verdict.known else verdict.outcome
        of_level[outcome] = of_level.get(outcome, 0) + 1
    return found


def worst(codes: Iterable[int]) -> int:
    """The exit code of several runs together."""
    return min(codes, key=lambda code: WORST.index(code) if code in WORST else -1)
