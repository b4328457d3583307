"""What one check has found, as a sum: tallies of parts of the traffic, added in any order, are the tally of all of it.

Each finding is kept with its place in the traffic, so that "the first" means the same wherever it was found. It must not judge.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from conformance.judge.verdicts import Check, Verdict

Place = tuple[int, ...]
"""Where something stands: the number of the piece of traffic, of the exchange in it, of the finding, and of the problem in that."""
Ids = tuple[str, ...]


@dataclass(frozen=True)
class Bounds:
    """How much a Judge keeps. Without any, all of it, as fits a live run; `RECORDED` holds for recordings of any size."""

    ids: int = sys.maxsize
    """Ids of exchanges kept of one check and of each of its problems."""
    messages: int = sys.maxsize
    """Different messages told of one check."""
    shown: int = sys.maxsize
    """Exchanges that one failing check hands to the report."""
    window: int = sys.maxsize
    """Exchanges in a row among which those that belong together are looked for."""
    window_bytes: int = sys.maxsize
    """Bytes of their bodies together."""
    pause: float | None = None
    """Seconds between two exchanges that begin a new session; None: all are of one. Only what is of one session and one
    origin belongs together: models change over the months, and a proxy's answer is another server's."""
    counted: int = sys.maxsize
    """Different messages counted of one check, more than are told: which of them come first is known when all parts are there. Of a
    check with more in one part, the counts of those that are told are at least so many."""


RECORDED = Bounds(ids=20, messages=20, shown=3, window=1000, window_bytes=8 * 1024 * 1024, pause=3600.0, counted=500)
"""The 8 MiB are some 80 as parsed JSON."""


@dataclass
class Problem:
    """One message: how often it was found, and the first that show it."""

    count: int = 0
    ids: list[tuple[Place, str]] = field(default_factory=list)

    @property
    def first(self) -> Place:
        return self.ids[0][0]

    def add(self, other: Problem, most: int) -> None:
        self.count += other.count
        self.ids = sorted(self.ids + other.ids)[:most]


@dataclass
class Tally:
    """What one check has found so far."""

    judged: list[tuple[Place, Ids]] = field(default_factory=list)
    named: int = 0
    """Ids in `judged`."""
    times: int = 0
    failed: int = 0
    problems: dict[str, Problem] = field(default_factory=dict)
    left_out: int = 0
    undecided: list[tuple[Place, str, str]] = field(default_factory=list)
    broken: tuple[Place, str] | None = None
    shown: list[tuple[Place, Ids]] = field(default_factory=list)
    """The first in which it found something wrong, for reports; of live runs, all of which are in the run file, none."""

    def found(self, at: Place, ids: Ids, problems: Sequence[str], bounds: Bounds) -> None:
        """The check judged these exchanges, and this is wrong with them."""
        self.times += 1
        if self.named < bounds.ids:
            self.judged.append((at, ids))
            self.named += len(ids)
        if not problems:
            return
        self.failed += 1
        if self.failed <= bounds.shown < sys.maxsize:
            self.shown.append((at, ids))
        joined = " + ".join(ids)
        for number, message in enumerate(problems):
            problem = self.problems.get(message)
            if problem is None:
                if len(self.problems) >= bounds.counted:
                    self.left_out += 1
                    continue
                problem = self.problems[message] = Problem()
            problem.count += 1
            if len(problem.ids) < bounds.ids:
                problem.ids.append(((*at, number), joined))

    def unsure(self, at: Place, id: str, reason: str, bounds: Bounds) -> None:
        """It could not be told on this exchange, for this reason."""
        if len(self.undecided) < bounds.ids:
            self.undecided.append((at, id, reason))

    def add(self, other: Tally, bounds: Bounds) -> None:
        """Add what the same check found in another part."""
        self.judged, self.named = _first(self.judged + other.judged, bounds.ids)
        self.times, self.failed = self.times + other.times, self.failed + other.failed
        self.left_out += other.left_out
        for message, problem in other.problems.items():
            self.problems.setdefault(message, Problem()).add(problem, bounds.ids)
        ordered = sorted(self.problems.items(), key=lambda item: (item[1].first, item[0]))
        self.problems = dict(ordered[: bounds.counted])
        self.left_out += sum(problem.count for _, problem in ordered[bounds.counted :])
        self.undecided = sorted(self.undecided + other.undecided)[: bounds.ids]
        self.broken = min(filter(None, (self.broken, other.broken)), default=None)
        self.shown = sorted(self.shown + other.shown)[: bounds.shown]

    def verdict(self, check: Check, bounds: Bounds) -> Verdict:
        """What the check says of all that was added."""
        told = list(self.problems.items())
        told, rest = told[: bounds.messages], told[bounds.messages :]
        problems = tuple((tuple(ids for _, ids in each.ids), message) for message, each in told)
        judged = tuple(dict.fromkeys(id for _, ids in self.judged for id in ids))
        left_out = self.left_out + sum(each.count for _, each in rest)
        numbers = {"judged": self.times, "failed": self.failed, "left_out": left_out}
        numbers["counts"] = tuple(each.count for _, each in told)
        if self.broken is not None:
            return Verdict(check, "broken", judged, problems, reason=self.broken[1], **numbers)
        if judged:
            return Verdict(check, "fail" if problems else "pass", judged, problems, **numbers)
        if self.undecided:
            _, ids, reasons = zip(*self.undecided, strict=True)
            return Verdict(check, "untestable", tuple(dict.fromkeys(ids)), reason="; ".join(dict.fromkeys(reasons)))
        needs = f"{check.together.name}, each {check.when.name}" if check.together else f"exchange {check.when.name}"
        return Verdict(check, "not-exercised", reason=f"no {needs}")


def _first(judged: Iterable[tuple[Place, Ids]], most: int) -> tuple[list[tuple[Place, Ids]], int]:
    """The first of them, until so many ids are named; and how many are."""
    kept, named = [], 0
    for at, ids in sorted(judged):
        if named >= most:
            break
        kept.append((at, ids))
        named += len(ids)
    return kept, named
