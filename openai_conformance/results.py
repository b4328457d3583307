"""What judging found, as plain values: verdicts, features, and the result of a whole run.

Made of the lines of run files alone, so that a file of an earlier version reads as one of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from conformance.exchange import Exchange

Level = Literal["must", "should", "may"]
Outcome = Literal["pass", "fail", "broken", "untestable", "not-exercised"]


@dataclass(frozen=True)
class Problem:
    """What is wrong, in words, and in which exchanges: `a + b` are two that were judged together. `count` of them in all."""

    message: str
    exchanges: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class Verdict:
    """What one check found. `red`: it makes the endpoint not conform; of what `judge` gives, that is a MUST that fails or could not
    be tested. `known` is the reason of an entry of known deviations; `reason` says why there was nothing to judge."""

    check: str
    level: Level
    outcome: Outcome
    red: bool
    requirement: str
    impact: str
    source: tuple[str, ...]
    exchanges: tuple[str, ...]
    problems: tuple[Problem, ...]
    reason: str | None
    known: str | None
    judged: int
    failed: int

    @property
    def area(self) -> str:
        """The word before the dot of the check's id."""
        return self.check.partition(".")[0]

    def __str__(self) -> str:
        """One line for each problem, fit for the message of an assertion."""
        first = f"{self.check} ({self.level.upper()}) {self.outcome}: {self.requirement}"
        lines = [f"  {problem.message}  [{', '.join(problem.exchanges[:3])}]" for problem in self.problems]
        return "\n".join([first, *(lines or [f"  {self.reason}"] * bool(self.reason))])


@dataclass(frozen=True)
class Feature:
    """What an endpoint does with an optional feature, and why that is said: supported, ignored, refused, broken, undecided, absent."""

    name: str
    decision: str
    why: str
    exchanges: tuple[str, ...]
    required: bool


@dataclass(frozen=True)
class Result:
    """What a run came to, live or of recordings, as its run file says.

    `exit_code` is the command's (None where the run was cut off): 0 conforms, 1 does not, 3 could not be judged, 4 the suite is
    broken. `conforms`: it does, whatever the gate was told to count. `verdict` and `why` are the words of the terminal.
    """

    verdict: str
    why: str
    exit_code: int | None
    conforms: bool
    verdicts: tuple[Verdict, ...] = field(repr=False)
    features: tuple[Feature, ...] = field(repr=False)
    exchanges: tuple[Exchange, ...] = field(repr=False)
    remarks: tuple[str, ...] = field(repr=False)

    @property
    def red(self) -> tuple[Verdict, ...]:
        """The verdicts that make it not conform."""
        return tuple(each for each in self.verdicts if each.red)

    def __getitem__(self, check: str) -> Verdict:
        """The verdict of a check, by its id. Raises KeyError."""
        for each in self.verdicts:
            if each.check == check:
                return each
        raise KeyError(check)


def verdict_of(record: Mapping[str, Any], *, red: bool) -> Verdict:
    """The verdict of a run file's line."""
    return Verdict(
        check=record["check"],
        level=cast(Level, record["level"]),
        outcome=cast(Outcome, record["outcome"]),
        red=red,
        requirement=record.get("requirement", ""),
        impact=record.get("impact", ""),
        source=tuple(record.get("source", ())),
        exchanges=tuple(record["exchanges"]),
        problems=tuple(_problem(each) for each in record["problems"]),
        reason=record.get("reason"),
        known=record.get("known"),
        judged=record.get("judged", 0),
        failed=record.get("failed", 0),
    )


def _problem(record: Mapping[str, Any]) -> Problem:
    ids = tuple(record["exchanges"])
    return Problem(record["message"], ids, record.get("count", len(ids)))


def feature_of(record: Mapping[str, Any]) -> Feature:
    """The feature of a run file's line."""
    ids = tuple(record.get("exchanges", ()))
    return Feature(record["feature"], record["decision"], record.get("why", ""), ids, bool(record.get("required")))
