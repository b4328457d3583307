"""The exchanges of one session, and what relations make of all of them, which is made once. It must not judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from conformance.exchange import Exchange

T = TypeVar("T")


class Session(list[Exchange]):
    """A list that remembers what was made of it; whoever makes one adds nothing more once a relation has looked at it."""

    def __init__(self, exchanges: Sequence[Exchange] = ()) -> None:
        super().__init__(exchanges)
        self.made: dict[Any, Any] = {}


def made_of(exchanges: Sequence[Exchange], make: Callable[[Sequence[Exchange]], T]) -> T:
    """What `make` makes of these exchanges; of a session it is made once, however many relations ask."""
    if not isinstance(exchanges, Session):
        return make(exchanges)
    if make not in exchanges.made:
        exchanges.made[make] = make(exchanges)
    found: T = exchanges.made[make]
    return found


def named(exchanges: Sequence[Exchange]) -> dict[str, Exchange]:
    """The exchanges by the names of what was sent."""
    return made_of(exchanges, _by_name)


def _by_name(exchanges: Sequence[Exchange]) -> dict[str, Exchange]:
    return {x.name: x for x in exchanges}
