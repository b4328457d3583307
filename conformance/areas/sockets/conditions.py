"""Which turns the laws of WebSockets are about: served, declined, one after another over one connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from conformance.exchange import Exchange, Unreadable, find
from conformance.judge import Relation
from conformance.judge.condition import Condition, by_socket, request, response
from conformance.judge.conditions import route
from conformance.wire import jsontext, turns
from conformance.wire.jsontext import NotJSON

CHAIN = tuple(f"socket.{name}" for name in ("hello", "continued", "unknown", "after-error", "call", "result", "no-json", "no-type",
                                            "after-mistakes"))  # fmt: skip
"""The turns that the suite takes over one connection, in order."""
CONTINUED = (("socket.hello", "socket.continued"), ("socket.call", "socket.result"))
PREWARMED = (("socket.prewarmed", "socket.warm"),)

over_socket = Condition("to responses over a WebSocket", (route("responses") & by_socket).test)


class Message(NamedTuple):
    """One message: its position, its JSON value (None where it is none), how it came."""

    at: int
    value: Any
    text: str
    binary: bool

    @property
    def type(self) -> Any:
        return find(self.value, "type")


def messages(x: Exchange) -> list[Message]:
    """The messages of a turn; none where none came."""
    try:
        events = x.events
    except Unreadable:
        return []
    found = []
    for at, event in enumerate(events):
        try:
            value = jsontext.parse_text(event.data or "")
        except NotJSON:
            value = None
        found.append(Message(at, value, event.data or "", event.field("event") == turns.BINARY))
    return found


def first(x: Exchange) -> Any:
    """The first message that is JSON; None where there is none."""
    return next((message.value for message in messages(x) if isinstance(message.value, dict)), None)


@request("whose handshake was accepted")
def connected(x: Exchange) -> bool:
    return x.status == 101


@response("that said something")
def spoke(x: Exchange) -> bool:
    return x.status == 101 and bool(messages(x))


@response("that was declined")
def declined(x: Exchange) -> bool:
    return x.status == 101 and turns.declined(x.body)


def lost_before(x: Exchange) -> bool:
    """The connection was closed before anything of the turn came, or could be sent."""
    return x.status is None and turns.closing(x.body) is not None


def _followed(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    by_name = {x.name: x for x in exchanges if x.socket}
    chain = [by_name[name] for name in CHAIN if name in by_name]
    yield from ((before, x) for before, x in pairwise(chain) if before.status == 101 and before.ended == "complete")


def _continued(pairs: Sequence[tuple[str, str]], exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    by_name = {x.name: x for x in exchanges if x.socket}
    for first, second in pairs:
        if first in by_name and second in by_name and by_name[first].ok:
            yield by_name[first], by_name[second]


followed = Relation("turn over a WebSocket, and the next over the same", _followed)
continued = Relation("turn over a WebSocket that was served, and one that continues it", partial(_continued, CONTINUED))
prewarmed_and_continued = Relation(
    "request that was only read, and a turn that continues it", partial(_continued, PREWARMED)
)
