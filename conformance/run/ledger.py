"""What judging counts of traffic, as a sum: parts judged anywhere, added in any order, are the whole.

It must not read a recording or write a file; book.py does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from conformance.areas.catalogue import features
from conformance.exchange import Exchange, NotRecorded
from conformance.judge.asked_with import Asking
from conformance.judge.decider import Decider
from conformance.judge.judge import RECORDED, Judge
from conformance.judge.outlines import Outlines
from conformance.judge.shown import Shown
from conformance.judge.tally import Place, Tally
from conformance.judge.verdicts import Check, Verdict
from conformance.run.options import Options
from conformance.run.selection import endpoints
from conformance.run.traffic import Traffic
from conformance.run.usable import Usable
from conformance.run.verdict_rows import Rows
from conformance.send.limits import MIB

SHOWN_BYTES = 32 * MIB
"""Bodies of recordings that the run file repeats as evidence; reports hold all of them in memory."""


@dataclass
class Sum:
    """What was counted of some pieces of traffic. It goes from one process to another as it is."""

    found: dict[str, Tally]
    shown: Shown
    asked: Asking
    usable: Usable
    asking: dict[str, set[str]]
    traffic: Traffic
    evidence: list[tuple[Place, Exchange]] = field(default_factory=list)
    """What a report should show, as far as that is known in this part."""


class Ledger:
    """Takes exchanges one by one, and the sums of others: what all checks, features and `watched` features found of all of them."""

    def __init__(self, options: Options, checks: Sequence[Check], watched: Iterable[str] = ()) -> None:
        self.checks = tuple(check.id for check in checks)
        self._both_ends = options.asked_by == "gateway"  # which are kept whole, for they belong together
        self._outlines = Outlines() if options.by_others else None
        bounds = RECORDED if options.by_others and not self._both_ends else None
        self.court = Judge(checks, bounds, outlines=self._outlines)
        self.decider = Decider(features().values(), outlines=self._outlines)
        self.usable = Usable(recorded=options.by_others, only=endpoints(options.endpoints))
        self.asking: dict[str, set[str]] = {name: set() for name in watched}
        """The ids of the exchanges that asked for each of these features."""
        self.traffic = Traffic()
        """Of what others asked in production, and of nothing else."""
        self._in_production = bool(options.recordings) or options.asked_by == "program"
        if self._in_production:
            self.court.counted = lambda x, ran, wrong: self.traffic.judged(x, ran, wrong, self.court.at)
        self._rows = Rows(options.rows) if options.rows else None
        if self._rows:
            self.court.noted = self._rows.note
        self._evidence: list[tuple[Place, Exchange]] = []

    def begin(self, piece: int) -> None:
        """What comes next is of this piece of the traffic, and belongs together with nothing before."""
        self.court.begin(piece)
        self.decider.begin(piece)
        if self._rows:
            self._rows.begin(piece)

    def end(self) -> list[Exchange]:
        """The piece is at its end. Gives the exchanges that a report should show of what belongs together."""
        shown = self.court.part()
        if self._rows:
            self._rows.end()
        return shown

    def take(self, x: Exchange) -> list[Exchange]:
        """Judge an exchange. Gives those that a report should show."""
        if self._both_ends:  # what the upstream answers is no answer of the endpoint's
            return self.court.add(x)
        if self._outlines is not None:
            self._outlines.of(x)
        self.usable.take(x)
        if self._in_production:
            self.traffic.take(x)
        self.decider.add(x)  # first: the court forgets what was read of a large answer
        for name, ids in self.asking.items():
            with contextlib.suppress(NotRecorded):
                if features()[name].when(x) is True:
                    ids.add(x.id)
        return self.court.add(x)

    def news(self) -> list[tuple[Check, str, str]]:
        """(check, ids, problem) of each check that has failed for the first time since this was asked."""
        news, self.court.news = self.court.news, []
        return news

    def keep(self, exchanges: Sequence[Exchange]) -> None:
        """Keep what a report should show for the sum, as far as there is room."""
        self._evidence = (
            _fitting([*self._evidence, *((self.court.at, x) for x in exchanges)]) if exchanges else self._evidence
        )

    def sum(self) -> Sum:
        """What was counted so far, to be added elsewhere."""
        shown, asked = self.decider.shown()
        shown.forget()
        self.usable.forget()
        for _, x in self._evidence:
            x.forget()
        return Sum(self.court.found(), shown, asked, self.usable, self.asking, self.traffic, self._evidence)

    def add(self, other: Sum) -> None:
        """Add what was counted of other pieces."""
        self.court.add_found(other.found)
        self.decider.add_shown(other.shown, other.asked)
        self.usable.add(other.usable)
        for name, ids in other.asking.items():
            self.asking[name] |= ids
        self.traffic.add(other.traffic)
        wanted, broken = self._wanted()
        both = sorted(self._evidence + other.evidence, key=lambda pair: pair[0])
        self._evidence = _fitting([pair for pair in both if pair[1].id in wanted or pair[0][:2] in broken])

    def _wanted(self) -> tuple[set[str], set[Place]]:
        """The ids of the exchanges that are the first of some check, and where a check of ours broke."""
        tallies = self.court.found().values()
        ids = {id for tally in tallies for _, ids in tally.shown for id in ids}
        return ids, {tally.broken[0][:2] for tally in tallies if tally.broken}

    def evidence(self) -> list[Exchange]:
        """What a report should show of the sums that were added, in its order."""
        return [x for _, x in self._evidence]

    def verdicts(self) -> list[Verdict]:
        return self.court.finish()


def _fitting(evidence: Sequence[tuple[Place, Exchange]]) -> list[tuple[Place, Exchange]]:
    """The first of them, as far as there is room."""
    room, kept = SHOWN_BYTES, []
    for at, x in evidence:
        size = len(x.body) + len(vars(x)["request_body"])
        if size <= room:
            room -= size
            kept.append((at, x))
    return kept
