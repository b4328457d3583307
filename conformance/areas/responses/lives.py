"""The lives of the items in a stream: which events each had, put together by `output_index`. It judges none."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.areas.responses.response_reading import Event, Json, events, once
from conformance.exchange import Exchange, find, is_a

ADDED, DONE = "response.output_item.added", "response.output_item.done"


@dataclass
class Life:
    """All events of one item, in order. `added` and `done` are the first and the last of it, None where they never came."""

    index: int
    added: Event | None = None
    done: Event | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def item(self) -> Json:
        """The item as it began; an empty object where that is not known."""
        found = self.added.data.get("item") if self.added else None
        return found if isinstance(found, dict) else {}

    @property
    def ended(self) -> Json:
        found = self.done.data.get("item") if self.done else None
        return found if isinstance(found, dict) else {}

    @property
    def kind(self) -> str:
        found = self.item.get("type") or self.ended.get("type")
        return found if isinstance(found, str) else ""

    def inner(self) -> list[Event]:
        """The events between the beginning and the end."""
        return [event for event in self.events if event.type not in (ADDED, DONE)]

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.type == kind]


def lives(x: Exchange) -> list[Life]:
    """The lives of all items, in the order in which they began. Raises Unreadable."""
    return once(x, "lives", lambda: _lives(x))


def _lives(x: Exchange) -> list[Life]:
    found: dict[int, Life] = {}
    for event in events(x):
        index = event.data.get("output_index")
        if not is_a(index, int):
            continue
        life = found.setdefault(index, Life(index))
        life.events.append(event)
        if event.type == ADDED and life.added is None:
            life.added = event
        elif event.type == DONE:
            life.done = event
    return list(found.values())


def place(event: Event) -> tuple[str, int] | None:
    """(which index, its number) of the part of an item that an event is about; None for the item as a whole."""
    for name in ("content_index", "summary_index"):
        if is_a(found := find(event.data, name), int):
            return name, found
    return None
