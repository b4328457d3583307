"""What a check is and what it finds: the nouns of judging. registry.py declares checks, judge.py applies them.

It must not judge anything itself, but for what makes a verdict red.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from conformance.exchange import Exchange
from conformance.judge.condition import Condition

Level = Literal["must", "should", "may"]
MUST: Level = "must"
SHOULD: Level = "should"
MAY: Level = "may"

Outcome = Literal["pass", "fail", "broken", "untestable", "not-exercised"]
Problems = Iterator[str]


@dataclass(frozen=True)
class Relation:
    """How exchanges belong together: `groups` finds the tuples that a check over several exchanges judges."""

    name: str
    groups: Callable[[Sequence[Exchange]], Iterable[tuple[Exchange, ...]]]


class Untold(tuple[Exchange, ...]):
    """A group that a check is about, and of which nobody can tell: `reason` says why in a sentence."""

    reason: str

    def __new__(cls, group: Iterable[Exchange], reason: str) -> Untold:
        untold = super().__new__(cls, group)
        untold.reason = reason
        return untold


@dataclass(frozen=True)
class Check:
    """One requirement. `breaks` names the lies of the reference server that make it fail, and so prove it. `chance` says that a
    server at fault passes it now and then: by a clock that did not tick, a race that went well."""

    id: str
    level: Level
    law: Callable[..., Problems]
    when: Condition
    together: Relation | None
    source: tuple[str, ...]
    breaks: tuple[str, ...]
    covers: tuple[str, ...]
    chance: bool = False

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
    """What a check found. `problems` are (ids of the exchanges, message); `reason` says why there is nothing to judge.

    Of large recordings only the first ids and messages are kept: `judged` and `failed` count all exchanges (or groups that
    belong together), `counts` those of each problem, `left_out` the further messages.
    """

    check: Check
    outcome: Outcome
    exchanges: tuple[str, ...] = ()
    problems: tuple[tuple[tuple[str, ...], str], ...] = ()
    reason: str | None = None
    known: str | None = None
    judged: int = 0
    failed: int = 0
    counts: tuple[int, ...] = ()
    left_out: int = 0

    def red(self, *, strict: bool = False) -> bool:
        """Whether this verdict alone makes the endpoint not conform. A known deviation is expected and is not red."""
        if self.outcome == "broken":
            return True
        if self.known is not None:
            return False
        return self.outcome in ("fail", "untestable") and (
            self.check.level == MUST or (strict and self.check.level == SHOULD and self.outcome == "fail")
        )
