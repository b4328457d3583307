"""The causes of a run: failing and untestable checks that stem from the same thing, told once, the worst first.

    causes(run)   what to fix, in the order in which it is worth fixing

A pure function of the run file's verdicts and exchanges, so recordings and old run files have causes, too. It changes no verdict: a
cause says what belongs together, never whether anything is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.exchange import Exchange
from conformance.record.run_lines import Record
from conformance.report.causes import saying
from conformance.report.causes.grouping import groups
from conformance.report.causes.harm import WEIGHT, breaks, harm
from conformance.report.causes.joining import Group
from conformance.report.causes.symptom import FAULT, GONE, LOST, MEMBER, REFUSED, SERVED, Symptom
from conformance.report.locate import parts_of
from conformance.report.rows import LEVELS, Row, number_of_exchanges, rows
from conformance.run.run_file import Run
from conformance.wire.jsontext import printable

RIVALS = 1
"""Lies that explain the same and are told beside one; where there are more, it is no diagnosis."""
PART, LIKE = 2, 0.4
"""A lie is told where it explains one in so many failing checks, and one that explains a single one where its words are as near."""
NAMED = 3
"""Members or checks that one sentence names."""


_BARE = re.compile(r"(the )?status is \d+, expected \w+( \(\d+\))?$")


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
    return sorted(found, key=lambda c: (not c.red, not _fails(c), -WEIGHT[c.harm] * c.share, order[c.root.id]))


def by_check(found: Iterable[Cause]) -> dict[str, Cause]:
    """The cause of each check that has one."""
    return {row.id: cause for cause in found for row in cause.rows}


def _fails(cause: Cause) -> bool:
    return cause.root.state == "fail"


def _cause(group: Group, exchanges: Mapping[str, Exchange], told: list, of: int) -> Cause:
    members = sorted(group, key=lambda each: _importance(*each))
    root, symptom = members[0]
    table = [row for row, _ in members]
    failing = [each for row, each in members if row.state == "fail"] or [symptom]
    ids = tuple(dict.fromkeys(id for each in failing for id in each.ids))
    said = next((saying.at(exchanges[id], symptom.message) for id in (*symptom.ids, *ids) if id in exchanges), "")
    return Cause(
        sentence=_sentence(members, said),
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
    status = "status" in symptom.message[:40] or symptom.kind not in (REFUSED)
    return row.state != "fail", LEVELS.index(row.level), row.area == "sdk", not status, -symptom.count


def _sentence(members: Group, said: str) -> str:
    """What is wrong, in one sentence."""
    root, symptom = members[0]
    failing = [(row, each) for row, each in members if row.state == "fail"]
    if symptom.kind == LOST:
        number = len(symptom.ids)
        return f"{number} request{'s' * (number > 1)} without a whole answer: {symptom.message}"
    if symptom.kind == SERVED and len(failing) > 1:
        return f"{len(failing)} kinds of mistakes are served, expected {symptom.key[1] or 'a refusal'}"
    if symptom.kind == REFUSED and len(failing) > 1:
        return f"{len(failing)} checks fail on one refusal: {said}"
    if symptom.kind in (REFUSED, FAULT) or _BARE.match(symptom.message):
        return f"{root.requirement.rstrip('.')}: {symptom.message}"
    lacking = dict.fromkeys(each.key[2] for row, each in failing if each.key[3:] == (GONE,) and row.area != "sdk")
    if symptom.key[2:3] == tuple(lacking)[:1] and len(lacking) > 1:
        more = f" and {len(lacking) - NAMED} more" if len(lacking) > NAMED else ""
        return f"{', '.join(list(lacking)[:NAMED])}{more} are absent"
    others = {each.key for row, each in failing if row.area != "sdk"} - {symptom.key}
    message = symptom.message or root.requirement
    if symptom.key[1:2] == ("error",) and others:
        wrong = dict.fromkeys(_seen(each.message) for row, each in failing if row.area != "sdk")
        return f"Errors are not in OpenAI's form: {'; '.join(list(wrong)[:NAMED])}"
    return f"{message}; and {len(others)} more of the same request" if others and symptom.kind == MEMBER else message


def _seen(message: str) -> str:
    """What was seen, without what was expected."""
    what, seen, _ = parts_of(message)
    return f"{what} is {seen}" if seen else what
