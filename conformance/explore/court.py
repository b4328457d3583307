"""What the checks find in the exchanges of one example, judged as those of a run are, and by which a problem is known again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.exchange import Exchange
from conformance.judge.judge import Bounds, Judge
from conformance.judge.verdicts import Check, Verdict

LEVELS = ("must", "should", "may")
_NUMBER = re.compile(r"\d+")
_CHUNK = re.compile(r"\bchunk \d+\.")
"""Before the place of what is wrong where it is streamed."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
REFUSED = b'{"error": {"message": "Refused.", "type": "invalid_request_error", "param": null, "code": null}}'
LONGEST = 80
"""Characters of what is said to be wrong that tell one kind of problem from another."""


@dataclass(frozen=True)
class Failure:
    """One check that fails, and one of its problems. `exchanges` are the ids of those that show it."""

    check: Check
    message: str
    exchanges: tuple[str, ...]

    @property
    def kind(self) -> tuple[str, str]:
        """Equal for two problems of one kind: the check, and what is wrong, numbers, quoted words and chunks left aside."""
        what = _CHUNK.sub("", self.message.partition(" is ")[0])
        return self.check.id, _NUMBER.sub("N", _QUOTED.sub("_", what))[:LONGEST]


class Court:
    """Judges example after example. `verdicts` are those of all of them together, each example by itself."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = checks
        self._judge = Judge(checks, Bounds(ids=1, messages=1))

    def failures(self, exchanges: Sequence[Exchange]) -> tuple[Failure, ...]:
        """What fails in the exchanges of one example, the gravest first."""
        shown = [x for each in exchanges for x in self._judge.add(each)] + self._judge.part()
        if not shown:
            return ()  # nearly always; making a judge anew takes longer than judging
        again = Judge(self._checks)
        for x in exchanges:
            again.add(x)
        failed = sorted((v for v in again.finish() if v.outcome == "fail"), key=lambda v: LEVELS.index(v.check.level))
        found = (failure for verdict in failed for failure in _failures(verdict))
        return tuple(failure for failure in found if _owed(failure, exchanges))

    def verdicts(self) -> list[Verdict]:
        return self._judge.finish()


def _owed(failure: Failure, exchanges: Sequence[Exchange]) -> bool:
    """A mistake that is served after all is owed nothing else than a refusal: what looks at refusals, too, may fail on it alone."""
    served = [x for x in exchanges if x.id in failure.exchanges and "mistake" in x.intent and x.ok]
    return all(failure.check.when(replace(x, status=400, body=REFUSED, memo={})) is not False for x in served)


def _failures(verdict: Verdict) -> list[Failure]:
    return [Failure(verdict.check, message, tuple(ids[0].split(" + "))) for ids, message in verdict.problems]
