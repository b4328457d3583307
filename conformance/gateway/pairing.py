"""Which request upstream belongs to which of the client's. It must not send, and knows no socket.

One request is under way at a time, so time pairs: what reaches the upstream from when the client asks until the next request is its
other end. What a gateway leaves intact of a request tells late ones apart: whether it looks or asks, and the texts in it; and what it
asks again, it asks as it did before.
What arrives while nothing is under way, or looks where the client asks, is a request of the gateway's own and is said.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.exchange.probe import Probe
from conformance.gateway.pair import upstream_id

MARK = re.compile(rb"mark-\d+-[a-z]+")
LOOKING = ("GET", "HEAD", "OPTIONS")
"""Methods of requests that have no body; one of another method may have lost its own."""
OTHER_ENDS = 50
"""Other ends that one request may have: who tries again gives up long before."""
HELD = 256 * 1024 * 1024
"""Bytes of bodies that are kept of all requests: what the client asks has some 5 MiB."""
NOTED = 10_000
"""Requests of a gateway's own that are noted: what goes on for ever is known by then."""
STRAYS = 3
"""Requests of a gateway's own that are named."""


@dataclass
class UnderWay:
    """A request of the client's. `seen` is set when its client has the first of the answer, `open` are its other ends that are not over."""

    id: str
    probe: Probe
    body: bytes
    times: int = 0
    open: int = 0
    arrived: set[bytes] = field(default_factory=set)
    """The bodies of its other ends so far."""
    seen: threading.Event = field(default_factory=threading.Event)


class Desk:
    """Pairs, for the client's thread and that of the upstream. Before the first request, all that arrives is passed over."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._now: UnderWay | None = None
        self._before: UnderWay | None = None
        self._marked: dict[bytes, UnderWay] = {}
        self._held = 0
        self.strays: list[str] = []
        """What arrived that belongs to no request of the client's: method and path."""

    def begin(self, id: str, probe: Probe, body: bytes) -> UnderWay:
        """The client asks now."""
        with self._lock:
            self._before, self._now = self._now, UnderWay(id, probe, body)
            return self._now

    def begin_beside(self, id: str, probe: Probe, body: bytes) -> UnderWay:
        """The client asks now, and so do others: its other end is known by the mark in its text."""
        with self._lock:
            self._now = self._marked[marked(body)] = UnderWay(id, probe, body)
            return self._now

    def arrives(self, method: str, path: str, body: bytes) -> tuple[UnderWay, str] | None:
        """Whose the other end is that reaches the upstream now, and its id; None for one of the gateway's own."""
        with self._lock:
            if self._now is None:
                return None
            whose = self._marked.get(marked(body)) or self._whose(method, body)
            self._held += len(body)
            if whose is None or whose.times >= OTHER_ENDS or self._held > HELD:
                if len(self.strays) < NOTED:
                    self.strays.append(f"{method} {path}")
                return None
            whose.times += 1
            whose.open += 1
            whose.arrived.add(body)
            return whose, upstream_id(whose.id, whose.times)

    def over(self, whose: UnderWay) -> None:
        """One of its other ends is over."""
        with self._lock:
            whose.open -= 1
            self._lock.notify_all()

    def settled(self, whose: UnderWay, seconds: float) -> bool:
        """Wait until all its other ends are over; whether they are."""
        with self._lock:
            return self._lock.wait_for(lambda: whose.open <= 0, seconds)

    def _whose(self, method: str, body: bytes) -> UnderWay | None:
        now, before = self._now, self._before
        assert now is not None
        if (method not in LOOKING) is not bool(now.body):
            return None
        late = before is not None and before.body and likeness(before.body, body) > likeness(now.body, body)
        late = late and _only_of(before.body, now.body, body)  # else what `now` adds may have been dropped
        return before if late and (body in before.arrived or _says_more(before.body, now.body, body)) else now


def marked(body: bytes) -> bytes:
    """The mark of a request, by which its other end is known among many; b"" where there is none."""
    found = MARK.search(body)
    return found[0] if found else b""


def _only_of(before: bytes, now: bytes, arrived: bytes) -> bool:
    """Anything arrived that `before` says and `now` does not."""
    return bool((set(_texts(before)) & set(_texts(arrived))) - set(_texts(now)))


def _says_more(before: bytes, now: bytes, arrived: bytes) -> bool:
    """More of the strings of `before` arrived than of `now`. Numbers, true and false tell nothing: gateways add those of their own."""
    theirs = _strings(arrived)
    return len(_strings(before) & theirs) > len(_strings(now) & theirs)


def _strings(body: bytes) -> set[str]:
    return {text for text in _texts(body) if text.startswith('"')}


def likeness(asked: bytes, arrived: bytes) -> float:
    """How much of what was asked arrived, from 0 to 1, as the texts in both tell: names of members are none, for a gateway may
    change them all."""
    mine, theirs = set(_texts(asked)), set(_texts(arrived))
    return len(mine & theirs) / len(mine | theirs) if mine or theirs else 1.0


def _texts(body: bytes) -> Iterator[str]:
    try:
        yield from _leaves(json.loads(body))
    except (ValueError, RecursionError):
        yield body.decode("utf-8", "replace")


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    else:
        yield json.dumps(value)
