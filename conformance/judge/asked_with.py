"""What requests ask with: the members of each that was served, and those that all requests for a feature have. Judges nothing."""

from __future__ import annotations

from conformance.exchange import Exchange

KEPT = 20_000
"""Requests kept: of a recording that has more, less is told."""


class Asking:
    """Takes exchanges one by one, and each again by every feature that it asks for."""

    def __init__(self) -> None:
        self._served: dict[str, frozenset[str]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self._members: dict[str, list[str]] = {}

    def add(self, x: Exchange) -> None:
        """Any exchange."""
        if x.ok and len(self._served) < KEPT:
            named = frozenset(name for name, value in x.asked.items() if value is not None)
            self._served[x.id] = self._sets.setdefault(named, named)

    def add_for(self, feature: str, x: Exchange) -> None:
        """An exchange that asks for a feature."""
        self._members[feature] = [each for each in self._members.get(feature, list(x.asked)) if each in x.asked]

    def members(self, feature: str) -> list[str]:
        """What every request for a feature has at its top level."""
        return self._members.get(feature, [])

    def carries(self, id: str, member: str) -> bool:
        """A request that was served has this member."""
        return member in self._served.get(id, ())
