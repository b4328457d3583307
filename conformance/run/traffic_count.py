"""What is counted of the traffic of one day and one model: a sum, like all that a run counts.

It must not judge, nor know which days and models there are (traffic.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from conformance.exchange import Exchange
from conformance.judge.tally import Place
from conformance.record.run_lines import Record
from conformance.run.endings import USUAL, endings, status_of, times, tokens

REASONS = 12
"""Different finish reasons that are told apart."""
LONGEST_NAME = 120
"""Characters of a name that an endpoint or a client chose."""
NEVER = float("inf")
"""Stands for the time of what nothing says the time of."""

First = tuple[float, Place, str]
"""When, where in the traffic and in which exchanges something was found."""


@dataclass
class Failures:
    """How often a check found something wrong, and where it did first."""

    count: int
    first: First

    def add(self, other: Failures) -> None:
        self.count += other.count
        self.first = min(self.first, other.first)


class Reasons(dict[str, int]):
    """Finish reasons and how often each came: the usual ones and the first others by name, as many as there is room for. Which ones
    they are hangs on no order, so those of parts add up."""

    rest = 0
    """How often any other came."""

    def note(self, name: str, count: int = 1) -> None:
        self[name] = self.get(name, 0) + count
        if len(self) > REASONS:
            self.rest += self.pop(max(self, key=_last))

    def __reduce__(self) -> tuple[object, ...]:
        return _reasons, (dict(self), self.rest)


def _last(name: str) -> tuple[bool, str]:
    return name not in USUAL, name


def _reasons(counts: dict[str, int], rest: int) -> Reasons:
    made = Reasons(counts)
    made.rest = rest
    return made


@dataclass
class Count:
    """What was counted. `refused` are choices in which the model refused, `tokens` (answers that say, of prompts, of completions)."""

    exchanges: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Reasons = field(default_factory=Reasons)
    choices: int = 0
    refused: int = 0
    tokens: tuple[int, int, int] = (0, 0, 0)
    times: dict[str, Counter[int]] = field(default_factory=dict)
    judged: Counter[str] = field(default_factory=Counter)
    """By check, on how many exchanges, or groups of them, it was judged."""
    failed: dict[str, Failures] = field(default_factory=dict)

    def take(self, x: Exchange) -> None:
        """What an exchange says of itself."""
        self.exchanges += 1
        self.statuses[status_of(x)] += 1
        reasons, choices, refused = endings(x)
        self.choices += choices
        self.refused += refused
        for reason in reasons:
            self.reasons.note(reason[:LONGEST_NAME])
        if (used := tokens(x)) is not None:
            answers, prompt, completion = self.tokens
            self.tokens = answers + 1, prompt + used[0], completion + used[1]
        for which, number in times(x):
            self.times.setdefault(which, Counter())[number] += 1

    def ran(self, checks: Sequence[str]) -> None:
        """These checks were judged."""
        if len(checks) == 1:
            self.judged[checks[0]] += 1
        else:
            self.judged.update(checks)

    def fail(self, checks: Iterable[str], first: First) -> None:
        """These checks found something wrong there."""
        for check in checks:
            if check in self.failed:
                self.failed[check].add(Failures(1, first))
            else:
                self.failed[check] = Failures(1, first)

    def add(self, other: Count) -> None:
        """Add what was counted of other exchanges."""
        self.exchanges += other.exchanges
        self.statuses.update(other.statuses)
        for name, count in other.reasons.items():
            self.reasons.note(name, count)
        self.reasons.rest += other.reasons.rest
        self.choices, self.refused = self.choices + other.choices, self.refused + other.refused
        self.tokens = tuple(map(sum, zip(self.tokens, other.tokens, strict=True)))  # type: ignore[assignment]
        for which, classes in other.times.items():
            self.times.setdefault(which, Counter()).update(classes)
        self.judged.update(other.judged)
        for check, failures in other.failed.items():
            if check in self.failed:
                self.failed[check].add(failures)
            else:
                self.failed[check] = Failures(failures.count, failures.first)

    def record(self) -> Record:
        """What a line of a run file says of it."""
        failed = {check: _failures(each) for check, each in sorted(self.failed.items())}
        return {
            "exchanges": self.exchanges,
            "statuses": dict(sorted(self.statuses.items())),
            "choices": self.choices,
            "reasons": [[name, count] for name, count in sorted(self.reasons.items())],
            "other_reasons": self.reasons.rest,
            "refused": self.refused,
            "tokens": dict(zip(("answers", "prompt", "completion"), self.tokens, strict=True)),
            "times": {which: sorted(classes.items()) for which, classes in sorted(self.times.items())},
            "judged": dict(sorted(self.judged.items())),
            "failed": failed,
        }


def _failures(each: Failures) -> Record:
    time, _, ids = each.first
    return {"count": each.count, "first": ids} | ({} if time == NEVER else {"at": time})


def count_of(record: Record) -> Count:
    """What a line of a run file says. Its inverse but for the places, which mean nothing elsewhere."""
    used = record["tokens"]
    return Count(
        exchanges=record["exchanges"],
        statuses=Counter(record["statuses"]),
        reasons=_reasons(dict(record["reasons"]), record["other_reasons"]),
        choices=record["choices"],
        refused=record["refused"],
        tokens=(used["answers"], used["prompt"], used["completion"]),
        times={which: Counter(dict(classes)) for which, classes in record["times"].items()},
        judged=Counter(record["judged"]),
        failed={
            check: Failures(each["count"], (each.get("at", NEVER), (), each["first"]))
            for check, each in record["failed"].items()
        },
    )
