"""The checks: how one is declared, what it finds, and the judging of exchanges by all of them.

A check is a pure function that yields what is wrong, as `<what> is <seen>, expected <wanted>`; nothing yielded is a pass.
It must not send, read a clock or import pytest. An answer that a check cannot read (`Unreadable`) leaves the check without
a verdict on that exchange: the check that owns the damaged field fails, so that one cause gives one red line. Any other
exception is ours and makes the verdict `broken`.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from conformance.conditions import Condition, whole
from conformance.exchange import ABSENT, Exchange, Unreadable, need
from conformance.wire.jsontext import show

Level = Literal["must", "should", "may"]
MUST: Level = "must"
SHOULD: Level = "should"
MAY: Level = "may"

Outcome = Literal["pass", "fail", "broken", "untestable", "not-exercised"]
Problems = Iterator[str]

MAX_PROBLEMS = 5
"""Problems kept for one exchange and one check: a stream of a thousand bad chunks has one cause."""

_ID = re.compile(r"[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+")


@dataclass(frozen=True)
class Relation:
    """How exchanges belong together: `groups` finds the tuples that a check over several exchanges judges."""

    name: str
    groups: Callable[[Sequence[Exchange]], Iterable[tuple[Exchange, ...]]]


@dataclass(frozen=True)
class Check:
    """One requirement. `breaks` names the defects of the reference server that make it fail, and so prove it."""

    id: str
    level: Level
    law: Callable[..., Problems]
    when: Condition
    together: Relation | None
    source: tuple[str, ...]
    breaks: tuple[str, ...]
    covers: tuple[str, ...]

    @property
    def area(self) -> str:
        return self.id.partition(".")[0]

    @property
    def requirement(self) -> str:
        """The requirement in one sentence: the first line of the docstring."""
        return (self.law.__doc__ or "").strip().partition("\n")[0]

    @property
    def impact(self) -> str:
        """What breaks in which client: the rest of the docstring, "" where nothing is known to break."""
        return " ".join((self.law.__doc__ or "").strip().partition("\n")[2].split())


@dataclass(frozen=True)
class Verdict:
    """What a check found. `problems` are (ids of the exchanges, message); `reason` says why there is nothing to judge."""

    check: Check
    outcome: Outcome
    exchanges: tuple[str, ...] = ()
    problems: tuple[tuple[tuple[str, ...], str], ...] = ()
    reason: str | None = None
    known: str | None = None

    def red(self, *, strict: bool = False) -> bool:
        """Whether this verdict alone makes the endpoint not conform. A known deviation is expected and is not red."""
        if self.outcome == "broken":
            return True
        if self.known is not None:
            return False
        return self.outcome in ("fail", "untestable") and (
            self.check.level == MUST or (strict and self.check.level == SHOULD and self.outcome == "fail")
        )


_CHECKS: dict[str, Check] = {}


def check(
    id: str,
    level: Level,
    *,
    when: Condition | None = None,
    together: Relation | None = None,
    source: str | Sequence[str],
    breaks: str | Sequence[str],
    covers: str | Sequence[str] = (),
) -> Callable[[Callable[..., Problems]], Callable[..., Problems]]:
    """Declare a check. `when` must hold for the exchange, or for every member of each group that `together` finds.

    `source` is where the requirement stands (links), `breaks` the defects that prove it, `covers` the rows of
    requirements.toml that it answers. The docstring's first line is the requirement, the rest what breaks without it.
    """

    def declare(law: Callable[..., Problems]) -> Callable[..., Problems]:
        if not _ID.fullmatch(id) or id in _CHECKS:
            raise ValueError(f"check id {id!r} is taken or not of the form area.what")
        if not (law.__doc__ or "").strip():
            raise ValueError(f"check {id} has no docstring to be its requirement")
        _CHECKS[id] = Check(id, level, law, when or whole, together, _tuple(source), _tuple(breaks), _tuple(covers))
        return law

    return declare


def _tuple(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@cache
def catalogue() -> dict[str, Check]:
    """Every check by id, in the order of the areas' files."""
    from conformance import checks

    for module in sorted(info.name for info in pkgutil.iter_modules(checks.__path__)):
        importlib.import_module(f"conformance.checks.{module}")
    return dict(_CHECKS)


def differs(what: str, seen: Any, wanted: str) -> str:
    """The one form of a problem. `seen` is ABSENT where nothing was sent."""
    return f"{what} is {'absent' if seen is ABSENT else show(seen)}, expected {wanted}"


def mistyped(value: Any, path: str, *kinds: type | None) -> Problems:
    """What `need` would raise, as a problem. Stricter than a schema on integers: 5.0 is none, as in Go, Java and Rust."""
    try:
        need(value, path, *kinds)
    except Unreadable as reason:
        yield str(reason)


@dataclass
class _Tally:
    """What one check has found so far."""

    judged: list[str] = field(default_factory=list)
    problems: dict[str, list[str]] = field(default_factory=dict)
    undecided: list[tuple[str, str]] = field(default_factory=list)
    broken: str | None = None

    def verdict(self, check: Check) -> Verdict:
        problems = tuple((tuple(ids), message) for message, ids in self.problems.items())
        judged = tuple(dict.fromkeys(self.judged))
        if self.broken is not None:
            return Verdict(check, "broken", judged, problems, reason=self.broken)
        if problems:
            return Verdict(check, "fail", judged, problems)
        if judged:
            return Verdict(check, "pass", judged)
        if self.undecided:
            ids, reasons = zip(*self.undecided, strict=True)
            return Verdict(check, "untestable", tuple(dict.fromkeys(ids)), reason="; ".join(dict.fromkeys(reasons)))
        needs = f"{check.together.name}, each {check.when.name}" if check.together else f"exchange {check.when.name}"
        return Verdict(check, "not-exercised", reason=f"no {needs}")


class Judge:
    """Judges exchanges one by one as they come; `finish` judges what belongs together and gives the verdicts.

    Only the exchanges are kept that a relation may still want, so memory is that of the exchanges themselves.
    """

    def __init__(self, checks: Iterable[Check] | None = None) -> None:
        chosen = list(catalogue().values() if checks is None else checks)
        tallies = [(check, _Tally()) for check in chosen]
        self._together = [(check, tally) for check, tally in tallies if check.together is not None]
        self._alone: dict[Condition, list[tuple[Check, _Tally]]] = {}
        for check, tally in tallies:
            if check.together is None:
                self._alone.setdefault(check.when, []).append((check, tally))
        self._tallies = tallies
        self._kept: list[Exchange] = []

    def add(self, x: Exchange) -> None:
        """Judge one exchange by every check that looks at one exchange alone."""
        for when, checks in self._alone.items():
            applies = when(x)
            if applies is not False:
                for check, tally in checks:
                    _judge(check, tally, (x,), applies)
        if self._together:
            self._kept.append(x)

    def finish(self) -> list[Verdict]:
        """Judge the groups; give one verdict for every check, in the order of the catalogue."""
        groups: dict[Relation, list[tuple[Exchange, ...]]] = {}
        for check, tally in self._together:
            if check.together not in groups:
                groups[check.together] = list(check.together.groups(self._kept))
            for group in groups[check.together]:
                answers = [check.when(x) for x in group]
                if False not in answers:
                    _judge(check, tally, group, None if None in answers else True)
        return [tally.verdict(check) for check, tally in self._tallies]


def _judge(check: Check, tally: _Tally, group: tuple[Exchange, ...], applies: bool | None) -> None:
    ids = [x.id for x in group]
    if applies is None:
        reason = next((x.failure for x in group if x.failure), "the answer could not be read")
        tally.undecided.append((ids[0], reason))
        return
    try:
        found = []
        for problem in check.law(*group):
            found.append(problem)
            if len(found) == MAX_PROBLEMS:
                break
    except Unreadable as reason:
        tally.undecided.append((ids[0], str(reason)))
        return
    except Exception:
        tally.broken = traceback.format_exc(limit=-3)
        return
    tally.judged += ids
    for problem in found:
        tally.problems.setdefault(problem, []).append(" + ".join(ids))


def judge(exchanges: Iterable[Exchange], checks: Iterable[Check] | None = None) -> list[Verdict]:
    """Judge all exchanges by all checks (or those given): one verdict a check."""
    court = Judge(checks)
    for x in exchanges:
        court.add(x)
    return court.finish()
