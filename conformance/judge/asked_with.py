"""What requests ask with: the members of each that was served, and those that all requests for a feature have. Judges nothing."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.tally import Place

KEPT = 20_000
"""Requests kept: of a recording that has more, less is told."""


class Asking:
    """Takes exchanges one by one, and each again by every feature that it asks for. A sum: what others took is added."""

    def __init__(self) -> None:
        self._served: dict[str, tuple[Place, frozenset[str]]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self._members: dict[str, tuple[Place, list[str]]] = {}

    def add(self, x: Exchange, at: Place = ()) -> None:
        """Any exchange, and where it stands."""
        if x.ok and len(self._served) < KEPT:
            named = frozenset(name for name, value in x.asked.items() if value is not None)
            self._served[x.id] = at, self._sets.setdefault(named, named)

    def add_for(self, feature: str, x: Exchange, at: Place = ()) -> None:
        """An exchange that asks for a feature. Raises NotRecorded where its request was not kept."""
        asked = x.asked
        first, members = self._members.get(feature) or (at, list(asked))
        self._members[feature] = first, [each for each in members if each in asked]

    def add_all(self, other: Asking) -> None:
        """Add what was taken of other pieces."""
        self._served |= other._served
        if len(self._served) > KEPT:
            self._served = dict(sorted(self._served.items(), key=lambda item: item[1][0])[:KEPT])
        for feature, theirs in other._members.items():
            mine = self._members.get(feature, theirs)
            (first, members), (_, others) = sorted((mine, theirs), key=lambda each: each[0])
            self._members[feature] = first, [each for each in members if each in others]

    def members(self, feature: str) -> list[str]:
        """What every request for a feature has at its top level."""
        return self._members.get(feature, ((), []))[1]

    def carries(self, id: str, member: str) -> bool:
        """A request that was served has this member."""
        return member in self._served.get(id, ((), ()))[1]
