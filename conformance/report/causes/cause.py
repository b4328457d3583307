"""The causes of a run: failing and untestable checks that stem from the same thing, told once, the worst first.

    causes(run)   what to fix, in the order in which it is worth fixing

A pure function of the run file's verdicts and exchanges, so recordings and old run files have causes, too. It changes no verdict: a
cause says what belongs together, never whether anything is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.exchange import Exchange
from conformance.record.run_lines import Record
from conformance.report.causes import saying
from conformance.report.causes.grouping import groups
from conformance.report.causes.harm import DOWN, WEIGHT, breaks, harm
from conformance.report.causes.joining import Group
from conformance.report.causes.sentence import sentence
from conformance.report.causes.symptom import FAULT, REFUSED, SERVED, Symptom
from conformance.report.rows import LEVELS, Row, number_of_exchanges, rows
from conformance.run.run_file import Run
from conformance.wire.jsontext import printable

RIVALS = 1
"""Lies that explain the same and are told beside one; where there are more, it is no diagnosis."""
PART, LIKE = 2, 0.4
"""A lie is told where it explains one in so many failing checks, and one that explains a single one where its words are as near."""


@dataclass(frozen=True)
class Cause:
    """What several checks have in common. `root` is the check that says it best, `follows` the others, the strictest first."""

    sentence: str
    root: Row
    follows: tuple[Row, ...]
    ids: tuple[str, ...]
    """The exchanges in which it was seen."""
    touched: int
    of: int
    """It touches so many of so many requests."""
    said: str
    """The answer's own line that matters, "" where the run file does not hold the answer."""
    breaks: str
    harm: str
    as_if: tuple[str, ...]
    """What a server would do that fails these checks: a likely diagnosis, no verdict."""

    @property
    def rows(self) -> tuple[Row, ...]:
        return (self.root, *self.follows)

    @property
    def red(self) -> bool:
        return any(row.red for row in self.rows)

    @property
    def declines(self) -> tuple[str, ...]:
        """The members of requests that may be refused instead, where that leaves nothing of its strictest failing checks."""
        failing = [row for row in self.rows if row.state == "fail" and row.area != "sdk"]
        strictest = [row for row in failing if row.level == failing[0].level]
        return tuple(dict.fromkeys(row.decline for row in strictest)) if all(row.decline for row in strictest) else ()

    @property
    def share(self) -> float:
        return self.touched / max(1, self.of)

    @property
    def unlocks(self) -> str:
        """How many checks it holds back, by level: "9 MUST, 24 checks"."""
        must = sum(row.level == "must" for row in self.rows)
        checks = f"{len(self.rows)} check{'s' * (len(self.rows) > 1)}"
        return f"{must} MUST of {checks}" if 0 < must < len(self.rows) else f"{must} MUST" if must else checks

    def why(self, row: Row) -> str:
        """The cause of one of its checks in a line: of the root what it unlocks, of another what it follows from."""
        said = f" [{self.said}]" if self.said else ""
        if row.id != self.root.id:
            return f"Follows from {self.root.id}: {self.sentence}{said}"
        return f"Cause: {self.sentence}{said}" + (f" Unlocks {self.unlocks}." if self.follows else "")


def causes(run: Run) -> list[Cause]:
    """All of them: those with something red first, then by harm times share of the requests."""
    table = [row for row in rows(run) if row.state in ("fail", "untestable")]
    exchanges = {x.id: x for x in run.exchanges}
    told = (run.footer or {}).get("as_if", [])
    proven = [frozenset(each["checks"]) for each in told]
    found = [_cause(group, exchanges, told, number_of_exchanges(run)) for group in groups(table, exchanges, proven)]
    order = {row.id: n for n, row in enumerate(table)}
    return sorted(found, key=lambda c: (not c.red, not _seen_wrong(c), -WEIGHT[c.harm] * c.share, order[c.root.id]))


def by_check(found: Iterable[Cause]) -> dict[str, Cause]:
    """The cause of each check that has one."""
    return {row.id: cause for cause in found for row in cause.rows}


def _seen_wrong(cause: Cause) -> bool:
    """It is known to be wrong, and not merely what could not be told."""
    return cause.root.state == "fail" or cause.harm == DOWN


def _cause(group: Group, exchanges: Mapping[str, Exchange], told: list, of: int) -> Cause:
    members = sorted(group, key=lambda each: _importance(*each))
    root, symptom = members[0]
    table = [row for row, _ in members]
    failing = [each for row, each in members if row.state == "fail"] or [symptom]
    ids = tuple(dict.fromkeys(id for each in failing for id in each.ids))
    said = next((saying.at(exchanges[id], symptom.message) for id in (*symptom.ids, *ids) if id in exchanges), "")
    return Cause(
        sentence=sentence(members, said),
        root=root,
        follows=tuple(table[1:]),
        ids=ids,
        touched=min(of, max(len(ids), *(each.count for each in failing))) if of else len(ids),
        of=of,
        said=said,
        breaks=breaks(table),
        harm=harm(symptom.kind, table),
        as_if=() if symptom.kind == SERVED else _as_if(table, told),
    )


def _as_if(table: list[Row], told: list[Record]) -> tuple[str, ...]:
    """The lies that explain a good part of what fails here, each with what it was not told apart from."""
    failing = {row.id for row in table if row.state == "fail"}
    own = max(1, sum(not id.startswith("sdk.") for id in failing))
    fitting = [
        each
        for each in told
        if failing.issuperset(each["checks"])
        and len(each["checks"]) * PART >= own
        and (len(each["checks"]) > 1 or (own == 1 and each.get("likeness", 0) >= LIKE))
        and len(each.get("rivals", ())) <= RIVALS
    ]
    return tuple(printable(" Or: ".join((each["says"], *each.get("rivals", ())))) for each in fitting)


def _importance(row: Row, symptom: Symptom) -> tuple:
    """What makes a check the root of its cause: it fails, is strict, is not about a client, and saw it most often."""
    status = "status" in symptom.message[:40] or symptom.kind not in (FAULT, REFUSED)
    return row.state != "fail", LEVELS.index(row.level), row.area == "sdk", not status, -symptom.count
