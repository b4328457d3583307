"""What the reference server keeps for a while: so many things, for so long, the oldest goes first. It serves nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Shelf(Generic[T]):
    """Things by their id, in the order in which they came; `most` of them, each for `seconds`."""

    most: int
    seconds: float
    _kept: dict[str, tuple[float, T]] = field(default_factory=dict)

    def put(self, id: str, thing: T, now: float) -> None:
        """Keep it, from now on; one that is there is replaced, and keeps its place and its time."""
        since = self._kept[id][0] if id in self._kept else now
        self._kept[id] = since, thing
        self._clear(now)
        while len(self._kept) > self.most:
            del self._kept[next(iter(self._kept))]

    def get(self, id: str, now: float) -> T | None:
        self._clear(now)
        return self._kept[id][1] if id in self._kept else None

    def take(self, id: str, now: float) -> T | None:
        """The thing, which is not kept any longer."""
        found = self.get(id, now)
        self._kept.pop(id, None)
        return found

    def all(self, now: float) -> list[T]:
        """What is there, the oldest first."""
        self._clear(now)
        return [thing for _, thing in self._kept.values()]

    def _clear(self, now: float) -> None:
        while self._kept and now - next(iter(self._kept.values()))[0] > self.seconds:
            del self._kept[next(iter(self._kept))]
