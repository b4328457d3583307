"""What has come back of one answer so far, bounded by `Limits` and by the room that a run has left. It must not send or judge."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance.exchange import Exchange, Headers
from conformance.send.limits import Limits
from conformance.wire import weight
from conformance.wire.coding import Decoder

ARRIVAL_STEP = 0.001
"""Seconds: portions closer together are one arrival, so that a body that comes in single bytes stays small in memory."""
SLICE = 4096
"""Bytes of which so many may be too much: what comes at once can hold 100,000 lines."""
_DONE = re.compile(rb"(?:\A|(?<=[\r\n]))data: ?\[DONE\]")
_DONE_LENGTH = len(b"\ndata: [DONE]")


@dataclass
class Room:
    """What a run may still take in: bytes of body, line ends and values of JSON in it, and portions that it comes in."""

    left: int
    lines: int = Limits.run_lines
    values: int = Limits.run_values
    portions: int = Limits.run_portions

    @property
    def spent(self) -> bool:
        """No answer fits in."""
        return min(self.left, self.lines, self.values, self.portions) <= 0


class Ended(Exception):
    """The answer ended otherwise than complete: how (as in Exchange.ended), and why in a sentence."""


class Answer:
    """Feed it with `take`, and make the `exchange` of it."""

    def __init__(self, limits: Limits, room: Room) -> None:
        self.limits, self.room = limits, room
        self.status: int | None = None
        self.headers: Headers = ()
        self.body = bytearray()
        self.arrivals: list[tuple[float, int]] = []
        self.lines = self.values = self.portions = 0
        self.began = self.sent = self.done = time.perf_counter()
        self.is_done = False
        """data: [DONE] has come, at `done`."""
        self.started = time.time()

    def exchange(self, **about: Any) -> Exchange:
        """The exchange of this answer to a request that is told of by the other fields of Exchange."""
        return Exchange(
            status=self.status,
            headers=self.headers,
            body=bytes(self.body),
            arrivals=tuple(self.arrivals),
            started=self.started,
            **about,
        )

    def bound_headers(self) -> None:
        """Raises Ended where there is too much of them."""
        if sum(len(name) + len(value) for name, value in self.headers) > self.limits.header_bytes:
            raise Ended("limit", f"the headers are longer than {self.limits.header_bytes:,} bytes (limit: headers)")
        if len(self.headers) > self.limits.headers:
            self.headers = self.headers[: self.limits.headers]
            raise Ended("limit", f"not judged: more than {self.limits.headers:,} headers (limit: headers)")

    def take(self, decoder: Decoder, portion: bytes, now: float) -> None:
        """Keep the next portion of the body as far as the limits allow. Raises Ended, Undecodable."""
        if too_much := self._more("portions", 1):
            raise Ended("limit", f"not judged: {too_much}")
        room = min(self.limits.body_bytes - len(self.body), self.room.left)
        data = decoder.feed(portion, room)
        kept, too_much = self._weighed(data[:room])
        seen = len(self.body)
        self.body += kept
        self.room.left -= len(kept)
        if kept:
            at = round(now - self.sent, 6)
            if self.arrivals and at - self.arrivals[-1][0] < ARRIVAL_STEP:
                at = self.arrivals.pop()[0]
            self.arrivals.append((at, len(self.body)))
        if too_much:
            raise Ended("limit", f"not judged: {too_much}")
        if len(data) > room:
            whose = "this body" if len(self.body) >= self.limits.body_bytes else "all bodies of this run together"
            size = self.limits.body_bytes if whose == "this body" else self.limits.run_bytes
            raise Ended("limit", f"{whose} would be longer than {size:,} bytes (limit: body)")
        if not self.is_done and says_done(self.body, max(0, seen - _DONE_LENGTH)):
            self.is_done, self.done = True, now

    def _weighed(self, data: bytes) -> tuple[bytes, str | None]:
        """As much of the data as may be judged, and what there is too much of, where that is not all."""
        for start in range(0, len(data), SLICE):
            piece = data[start : start + SLICE]
            for what, count in (("lines", weight.lines(piece)), ("values", weight.values(piece))):
                if too_much := self._more(what, count):
                    return data[:start], too_much
        return data, None

    def _more(self, what: str, count: int) -> str | None:
        """Count so many more lines, values or portions; or say of what there is too much."""
        seen, left = getattr(self, what) + count, getattr(self.room, what) - count
        if seen > (most := getattr(self.limits, what)):
            return f"more than {most:,} {what} in one body (limit: {what})"
        if left < 0:
            setattr(self.room, what, 0)
            return f"more than {getattr(self.limits, f'run_{what}'):,} {what} in all bodies of this run (limit: {what})"
        setattr(self, what, seen)
        setattr(self.room, what, left)
        return None


def says_done(body: bytes | bytearray, start: int = 0) -> bool:
    """Whether data: [DONE] is in it, from `start` on."""
    return _DONE.search(body, start) is not None


def texts(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers as sent: order and letter case kept, one character a byte (RFC 9110 section 5.5)."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
