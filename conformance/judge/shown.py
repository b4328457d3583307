"""What answers show of features, as a sum: what parts of the traffic show, added in any order, is what all of it shows.

It must not decide; decider.py makes one word of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.exchange import Exchange
from conformance.judge.tally import Place

KEPT, KEPT_BYTES = 200, 64 * 1024
"""Exchanges kept of one feature for those that belong together, the last ones, and how big one may be."""
IDS = 5

Found = list[tuple[Place, tuple[str, ...]]]


@dataclass
class Seen:
    """Answers that show the same: how many, the first of them, and why the first does."""

    why: str
    first: Place
    count: int = 0
    ids: Found = field(default_factory=list)

    @property
    def named(self) -> list[str]:
        """The ids of the first."""
        return [id for _, ids in self.ids for id in ids]

    def note(self, at: Place, ids: tuple[str, ...]) -> None:
        self.count += 1
        if sum(len(each) for _, each in self.ids) < IDS:
            self.ids.append((at, ids))

    def add(self, other: Seen) -> None:
        """Add what other answers show."""
        self.why, self.first = min((self.first, self.why), (other.first, other.why))[::-1]
        self.count += other.count
        found, self.ids = sorted(self.ids + other.ids), []
        for at, ids in found:
            if sum(len(each) for _, each in self.ids) < IDS:
                self.ids.append((at, ids))


Modes = dict[bool, dict[str, Seen]]
"""By whether the answer was streamed, and by what it shows."""


class Shown:
    """By feature, what answers showed, and the exchanges that are still to be compared."""

    def __init__(self) -> None:
        self._seen: dict[str, Modes] = {}
        self._kept: dict[str, list[tuple[Place, Exchange]]] = {}

    def note(self, feature: str, streaming: bool, state: str, why: str, at: Place, ids: tuple[str, ...]) -> None:
        """One answer, or several that were compared, shows this."""
        mode = self._seen.setdefault(feature, {}).setdefault(streaming, {})
        mode.setdefault(state, Seen(why, at)).note(at, ids)

    def keep(self, feature: str, at: Place, x: Exchange) -> None:
        """An exchange that may show something beside others, unless it is too big."""
        if len(x.body) + len(x.request_body) <= KEPT_BYTES:
            kept = self._kept.setdefault(feature, [])
            kept.append((at, x))
            del kept[:-KEPT]

    def of(self, feature: str) -> Modes:
        """What was seen, each kind in the order in which it was first."""
        modes = self._seen.get(feature, {})
        first = {mode: dict(sorted(states.items(), key=lambda item: item[1].first)) for mode, states in modes.items()}
        return dict(sorted(first.items(), key=lambda item: min(seen.first for seen in item[1].values())))

    def beside(self, feature: str) -> list[Exchange]:
        """Those to compare, in their order."""
        return [x for _, x in self._kept.get(feature, ())]

    def add(self, other: Shown) -> None:
        """Add what was shown in other pieces."""
        for feature, modes in other._seen.items():
            for streaming, states in modes.items():
                mine = self._seen.setdefault(feature, {}).setdefault(streaming, {})
                for state, seen in states.items():
                    if state in mine:
                        mine[state].add(seen)
                    else:
                        mine[state] = seen
        for feature, kept in other._kept.items():
            both = sorted(self._kept.get(feature, []) + kept, key=lambda pair: pair[0])
            self._kept[feature] = both[-KEPT:]

    def forget(self) -> None:
        """Drop what was read of the exchanges that are kept: it is read again when asked for."""
        for kept in self._kept.values():
            for _, x in kept:
                x.forget()
