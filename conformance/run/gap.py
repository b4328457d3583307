"""The gap of two runs of the checks: per check whether the target is worse than the baseline, better or the same. Pure.

It must not judge an endpoint: it reads what two runs say, and names the checks by which only one of them was judged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from conformance.record.run_lines import Record
from conformance.run.run_file import Run

Kind = Literal["worse", "better", "same", "not-compared"]


@dataclass(frozen=True)
class Row:
    """One check: the outcomes of both (None: not judged by it), how they compare, and why they do not where they do not.
    `known`: the target's failure is an accepted deviation."""

    check: str
    gap: Kind
    target: str | None
    baseline: str | None
    why: str = ""
    known: bool = False

    @property
    def record(self) -> Record:
        """Its line in a run file."""
        kept = {name: value for name, value in asdict(self).items() if name not in ("why", "known")}
        return {"type": "gap", **kept} | ({"why": self.why} if self.why else {})


@dataclass(frozen=True)
class Versions:
    """By which suites both were judged, and by which ids only one of them was; `changed` have other words or another level."""

    target: str
    baseline: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.added or self.removed or self.changed)

    @property
    def words(self) -> str:
        """What differs, in a sentence."""
        said = (("only the target was judged by", self.added), ("only the baseline by", self.removed))
        parts = [f"{what} {', '.join(ids)}" for what, ids in (*said, ("other words have", self.changed)) if ids]
        suites = f"{self.baseline}, the target by {self.target}"
        return f"the baseline was judged by version {suites}: {'; '.join(parts)}"


@dataclass(frozen=True)
class Gap:
    """All checks of either run, the target's first, in order."""

    rows: tuple[Row, ...]
    versions: Versions

    def ids(self, kind: Kind) -> list[str]:
        return [row.check for row in self.rows if row.gap == kind]

    @property
    def counted(self) -> list[str]:
        """The checks that `--max-gap` counts: worse, and not known to be."""
        return [row.check for row in self.rows if row.gap == "worse" and not row.known]


def gap(target: Run, baseline: Run) -> Gap:
    """Compare two runs of the checks."""
    mine, theirs = _by_id(target.verdicts), _by_id(baseline.verdicts)
    rows = tuple(_row(id, mine.get(id), theirs.get(id)) for id in dict.fromkeys((*mine, *theirs)))
    return Gap(rows, versions(target, baseline, mine, theirs))


def versions(target: Run, baseline: Run, mine: dict[str, Record], theirs: dict[str, Record]) -> Versions:
    """What differs between the suites, by the verdicts of each id."""
    changed = [id for id in mine if id in theirs and _words(mine[id]) != _words(theirs[id])]
    return Versions(
        target.header["version"],
        baseline.header["version"],
        tuple(id for id in mine if id not in theirs),
        tuple(id for id in theirs if id not in mine),
        tuple(changed),
    )


def _by_id(verdicts: Iterable[Record]) -> dict[str, Record]:
    return {verdict["check"]: verdict for verdict in verdicts}


def _words(verdict: Record) -> tuple[str | None, ...]:
    return verdict.get("level"), verdict.get("requirement")


def _row(id: str, target: Record | None, baseline: Record | None) -> Row:
    mine, theirs = (verdict and verdict["outcome"] for verdict in (target, baseline))
    kind, why = compared(target, baseline)
    return Row(id, kind, mine, theirs, why, known=bool(target and target.get("known")))


def compared(target: Record | None, baseline: Record | None) -> tuple[Kind, str]:
    """How two verdicts compare, and why they cannot be compared where they cannot.

    A baseline that could not be tested says nothing of what a server can do, and a feature that the target refuses is no
    failure: `--require` makes that red. An answer that was not usable is as red as a wrong one.
    """
    for whose, verdict in (("target", target), ("baseline", baseline)):
        if verdict is None:
            return "not-compared", f"the {whose} was not judged by it"
    mine, theirs = target["outcome"], baseline["outcome"]
    if mine == theirs:
        return ("not-compared", "broken in both: the suite's own fault") if mine == "broken" else ("same", "")
    for whose, verdict in (("baseline", baseline), ("target", target)):
        if verdict["outcome"] in ("broken", "not-exercised"):
            return "not-compared", f"{verdict['outcome']} at the {whose}: {verdict.get('reason') or 'no reason given'}"
    if theirs == "untestable":
        return "not-compared", f"untestable at the baseline: {baseline.get('reason') or 'no reason given'}"
    if theirs == "pass":
        return "worse", ""
    return ("better", "") if mine == "pass" else ("not-compared", f"{mine} at the target, {theirs} at the baseline")
