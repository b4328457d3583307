"""What the judged traffic of a run says to operators: which laws fail how often by day and model, what began when, what got worse.

A pure function of the lines that a run file holds of its traffic. It must not judge: a day is worse than the last by what RULE says.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from conformance.record.run_lines import Record
from conformance.report.rates import corrected, higher, interval
from conformance.report.rows import LEVELS
from conformance.run.run_file import Run
from conformance.run.traffic import EARLIER, OTHERS, Key, Model, Traffic, traffic_of
from conformance.run.traffic_count import NEVER, Count
from conformance.run.words import target

CHANCE, TIMES = 0.01, 1.5
"""From which corrected likelihood, and from how many times the rate on, a day is worse."""
RULE = (
    "A day is worse for a law and a model where the law failed in a larger part of what it judged than on the last day before on which it "
    f"judged any: Fisher's exact test, one-sided, p < {CHANCE:g} after Holm's correction for all such comparisons of the run, and at "
    f"least {TIMES:g} times the rate. Exchanges are taken to be independent of each other. Intervals are Wilson's, of 95 %."
)
TOOL_ERRORS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "invalid JSON": (
        ("tool.arguments-json", "response.arguments-json"),
        ("tool.arguments-json", "tool.arguments-object", "tool.arguments-empty", "response.arguments-json"),
    ),
    "unknown tool": (("tool.offered", "response.call-offered"), ("tool.offered", "response.call-offered")),
    "schema mismatch": (
        ("tool.arguments-fit", "tool.arguments-strict", "response.arguments-fit", "response.arguments-strict"),
        ("tool.arguments-fit", "tool.arguments-strict", "response.arguments-fit", "response.arguments-strict"),
    ),
}
"""By kind of tool-call error, the laws that say how many answers could show it, and those that find it."""


@dataclass(frozen=True)
class Rate:
    """How much of what was judged failed."""

    failed: int
    judged: int

    @property
    def value(self) -> float | None:
        return self.failed / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        return interval(self.failed, self.judged)


@dataclass(frozen=True)
class Law:
    """A law that fails somewhere."""

    id: str
    level: str
    requirement: str


@dataclass(frozen=True)
class Regression:
    """A day on which a law fails more often than on the last, for one model; `chance` is corrected."""

    law: Law
    model: Model
    day: int
    before: int
    now: Rate
    then: Rate
    chance: float


@dataclass(frozen=True)
class Begun:
    """Where a law first failed for one model: the ids of the exchanges, when, and how many were judged on days before without a failure."""

    law: Law
    model: Model
    ids: str
    day: int | None
    at: float | None
    clean: int


class Production:
    """The traffic of a run, or of several that are taken together: first all are taken, then it is asked."""

    def __init__(self, *runs: Run) -> None:
        self._traffic = Traffic()
        self._laws: dict[str, Law] = {}
        self.header: Record = {}
        self.targets: list[str] = []
        for run in runs:
            self.take(run)

    def take(self, run: Run) -> None:
        """Add what a run file holds of its traffic; nothing where it holds none."""
        if not run.traffic:
            return
        self._traffic.add(traffic_of(run.traffic))
        self._laws |= {
            each["check"]: Law(each["check"], each["level"], each.get("requirement", "")) for each in run.verdicts
        }
        self.header = self.header or run.header
        self.targets.append(target(run))

    @property
    def counts(self) -> dict[Key, Count]:
        """By day and model; empty where there is no traffic of a known day or model."""
        return self._traffic.counts

    @cached_property
    def days(self) -> list[int | None]:
        """In their order: the earlier ones together, then each, then what has none."""
        return sorted({day for day, _ in self.counts}, key=lambda day: (day is None, day or 0))

    @cached_property
    def models(self) -> list[Model]:
        """Those asked most first."""
        asked: dict[Model, int] = defaultdict(int)
        for (_, model), count in self.counts.items():
            asked[model] += count.exchanges
        return sorted(asked, key=lambda model: (-asked[model], model))

    @cached_property
    def hosts(self) -> int:
        """How many were asked."""
        return len({model.host for model in self.models if model != OTHERS})

    def named(self, model: Model) -> str:
        """A model in words, with its host where there are several."""
        if model == OTHERS:
            return "all other models"
        name = model.name or "no model said"
        return f"{name} at {model.host or 'an unknown host'}" if self.hosts > 1 else name

    @property
    def exchanges(self) -> int:
        return sum(count.exchanges for count in self.counts.values())

    def count(self, model: Model, day: int | None) -> Count:
        """What was counted of a day and a model, empty where there was nothing."""
        return self.counts.get((day, model)) or Count()

    def rate(self, law: str, model: Model, day: int | None) -> Rate:
        return _rate_of(law, self.count(model, day))

    def in_all(self, law: str, model: Model | None = None) -> Rate:
        """Over all days, of one model or of all."""
        chosen = [_rate_of(law, count) for key, count in self.counts.items() if model is None or key[1] == model]
        return Rate(sum(rate.failed for rate in chosen), sum(rate.judged for rate in chosen))

    @cached_property
    def laws(self) -> list[Law]:
        """Those that fail anywhere: what got worse first, then by level, then those that fail most for certain."""
        failing = {id for count in self.counts.values() for id in count.failed}
        worse = {each.law.id for each in self.regressions}
        found = [self._law(id) for id in failing]
        return sorted(
            found, key=lambda law: (law.id not in worse, self.rank(law), -self.in_all(law.id).interval[0], law.id)
        )

    @staticmethod
    def rank(law: Law) -> int:
        """What must hold comes before what should."""
        return LEVELS.index(law.level) if law.level in LEVELS else len(LEVELS)

    def _law(self, id: str) -> Law:
        return self._laws.get(id) or Law(id, "may", "")

    @cached_property
    def regressions(self) -> list[Regression]:
        """The days that are worse by RULE, by day and then by how sure it is."""
        compared, real = [], [day for day in self.days if day is not None and day != EARLIER]
        failing = {(id, model) for (_, model), count in self.counts.items() for id in count.failed}
        for id, model in sorted(failing):
            told = [(day, rate) for day in real if (rate := self.rate(id, model, day)).judged]
            compared += [(id, model, *pair) for pair in pairwise(told) if pair[0][1].failed or pair[1][1].failed]
        chances = corrected(
            [higher(now.failed, now.judged, then.failed, then.judged) for _, _, (_, then), (_, now) in compared]
        )
        found = [
            Regression(self._law(id), model, day, before, now, then, chance)
            for (id, model, (before, then), (day, now)), chance in zip(compared, chances, strict=True)
            if chance < CHANCE and (now.value or 0) >= TIMES * (then.value or 0)
        ]
        return sorted(found, key=lambda each: (each.day, self.rank(each.law), each.chance, each.law.id, each.model))

    @cached_property
    def begun(self) -> list[Begun]:
        """Where each law that fails first did so, for each model: by time, what has none last."""
        firsts: dict[tuple[str, Model], list[tuple[float, str, Key]]] = defaultdict(list)
        for key, count in self.counts.items():
            for id, failures in count.failed.items():
                firsts[id, key[1]].append((failures.first[0], failures.first[2], key))
        found = []
        for (id, model), seen in firsts.items():
            at, ids, (day, _) = min(seen, key=lambda each: (each[0], each[1]))
            known = at != NEVER and day is not None
            before = (
                [each for each in self.days if each is not None and day is not None and each < day] if known else []
            )
            clean = sum(self.rate(id, model, each).judged for each in before)
            found.append(Begun(self._law(id), model, ids, day, at if known else None, clean))
        return sorted(
            found, key=lambda each: (each.at is None, each.at or 0.0, self.rank(each.law), each.law.id, each.model)
        )

    def errors(self, kind: str, model: Model, day: int | None) -> Rate:
        """The tool-call errors of a kind, of the answers that could show it."""
        count = self.count(model, day)
        asked, finding = TOOL_ERRORS[kind]
        failed = sum(count.failed[id].count for id in finding if id in count.failed)
        return Rate(failed, max(failed, sum(count.judged[id] for id in asked)))


def _rate_of(law: str, count: Count) -> Rate:
    """That of one day and model; whatever a file says, no more failed than was judged."""
    failed = count.failed[law].count if law in count.failed else 0
    return Rate(failed, max(failed, count.judged[law]))


def day_named(day: int | None) -> str:
    """A day in words."""
    if day is None:
        return "no day"
    return "earlier" if day == EARLIER else str(datetime.date(1970, 1, 1) + datetime.timedelta(days=day))


def percent(rate: float | None) -> str:
    """A rate as people read it."""
    if rate is None:
        return "–"
    shown = f"{100 * rate:.1f}" if rate >= 0.0095 else f"{100 * rate:.2g}"
    return f"{'100' if rate == 1 else '0' if rate == 0 else shown} %"


def moment_named(at: float | None) -> str:
    """A Unix time in words, to the second."""
    if at is None:
        return "at an unknown time"
    return f"{datetime.datetime.fromtimestamp(at, datetime.UTC):%Y-%m-%d %H:%M:%S} UTC"
