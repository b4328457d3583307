"""The shape of an answer: what is left of it when ids, times and the mark of its own request are taken out. A law that passes on one answer
passes on all of its shape, so that each shape is judged, and not each answer.

Taken out is only what is as it must be: an id of the usual letters, a time that is now, a mark that is the request's own, a number that
counts down within its limit. All else stands in the shape as it is, and so makes one of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from conformance.exchange.spoken import speaks
from conformance.send.letters import Got
from conformance.wire.jsontext import NotJSON, parse

NOW = 5.0
"""Seconds between `created` and the request: within the slack of every law about it."""
MOST_EVENTS = 20_000
"""Different events that are remembered."""
_ID = re.compile(rb'"id": ?"([A-Za-z]{2,12}[-_])([A-Za-z0-9]{8,48})"')
_CREATED = re.compile(rb'"created": ?([0-9]{10})\b')
_PIECE = re.compile(rb'"(content|arguments)":( ?)"((?:[ !#-\[\]-~]|\\")+)"')
_TRACE = re.compile("([A-Za-z]{0,8}[-_]?)([A-Za-z0-9-]{8,64})")
_DATE = re.compile("[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")
_DIGITS = re.compile("[0-9]+")
_WAIT = re.compile(r"([0-9]+(\.[0-9]+)?(h|ms|m|s))+")
_NUMBER = re.compile("[0-9]{1,18}")
_REMAINING = "x-ratelimit-remaining-"


@dataclass(frozen=True)
class Shape:
    """What an answer is but for what is its own; `ids` are those taken out. `events` are those of a stream up to the first that
    holds a token, None where none does."""

    key: tuple[Any, ...]
    ids: tuple[str, ...]
    events: int | None = None


@dataclass
class _Event:
    """An event without what is its own, and the piece of text taken out of it."""

    rest: bytes
    piece: bytes
    speaks: bool


@dataclass
class Shapes:
    """Finds shapes. It remembers the events that it has seen, most of which come again."""

    _events: dict[bytes, _Event] = field(default_factory=dict)

    def of(self, got: Got, mark: bytes, *, timed: bool = True) -> Shape | None:
        """The shape of an answer to a request with this mark; None where an answer is to be judged by itself: it is no whole success."""
        if got.status != 200 or got.ended != "complete" or b"\x00" in got.body:
            return None
        ids: list[str] = []
        headers = _headers(got.headers, ids)
        body = got.body
        while found := _ID.search(body):
            ids.append(found[0][found.start(1) - found.start() : -1].decode())
            body = body.replace(found[1] + found[2], b"\x00%d %b%d" % (len(ids), found[1], len(found[2])))
        if (made := _CREATED.search(body)) and abs(int(made[1]) - got.started) <= NOW:
            body = body.replace(made[1], b"\x00now")
        pace = _pace(got.arrivals) if timed else "untimed"
        asked = (got.letter.stands_for, got.letter.request.body, got.intent)
        if not body.startswith(b"data:"):
            return Shape((asked, headers, pace, body.replace(mark, b"\x00mark")), tuple(ids))
        return self._stream(body, mark, (asked, headers, pace), tuple(ids))

    def _stream(self, body: bytes, mark: bytes, about: tuple[Any, ...], ids: tuple[str, ...]) -> Shape:
        seen, rests, pieces = self._events, [], []
        first = None
        for n, text in enumerate(body.split(b"\n\n")):
            event = seen.get(text) or self._event(text)
            rests.append(event.rest)
            pieces.append(event.piece)
            if first is None and event.speaks:
                first = n
        said = b"".join(pieces).replace(mark, b"\x00mark")
        return Shape((*about, tuple(rests), said), ids, first)

    def _event(self, text: bytes) -> _Event:
        found = _PIECE.findall(text)
        rest, piece = text, b""
        if len(found) == 1:
            rest, piece = _PIECE.sub(rb'"\1":\2"\0piece"', text), found[0][2]
        try:
            holds = text.startswith(b"data: {") and speaks(parse(text[6:].replace(b"\0now", b"0").replace(b"\0", b"")))
        except NotJSON:
            holds = False
        if len(self._events) >= MOST_EVENTS:
            self._events.clear()
        event = self._events[text] = _Event(rest, piece, holds)
        return event


def first_token(got: Got, shape: Shape) -> float | None:
    """Seconds from sending to the first portion of a stream that holds a token, as exchange/spoken.py has it."""
    if shape.events is None or not got.arrivals:
        return None
    end = -2
    for _ in range(shape.events + 1):
        end = got.body.find(b"\n\n", end + 2)
        if end < 0:
            return None
    return next((at for at, size in got.arrivals if size >= end + 2), got.arrivals[-1][0])


def _pace(arrivals: tuple[tuple[float, int], ...]) -> tuple[int, int, int]:
    """Of the times what laws ask: whether it came in one portion or many, after how many half seconds, over how many."""
    if not arrivals:
        return 0, 0, 0
    return (
        min(len(arrivals), 2),
        min(int(2 * arrivals[0][0]), 240),
        min(int(2 * (arrivals[-1][0] - arrivals[0][0])), 240),
    )


def _headers(headers: tuple[tuple[str, str], ...], ids: list[str]) -> tuple[tuple[str, Any], ...]:
    """Names as they are, and of each value what is not its own."""
    found: list[tuple[str, Any]] = []
    limits = None
    for name, value in headers:
        low = name.lower()
        kept: Any = value
        if low == "date":
            kept = _DATE.fullmatch(value) is not None or value
        elif low.endswith("request-id"):
            if parts := _TRACE.fullmatch(value):
                ids.append(f"{low} {value}")
                kept = parts[1], len(parts[2])
        elif low in ("content-length", "openai-processing-ms"):
            kept = _NUMBER.fullmatch(value) is not None or value
        elif low.startswith(_REMAINING):
            limits = limits or {key.lower(): each for key, each in headers}
            limit = limits.get(f"x-ratelimit-limit-{low[len(_REMAINING) :]}", "")
            if _NUMBER.fullmatch(value) and _NUMBER.fullmatch(limit):
                kept = (int(value) > int(limit)) - (int(value) < int(limit))
        elif low.startswith("x-ratelimit-reset-") and _WAIT.fullmatch(value):
            kept = True
        found.append((name, kept))
    return tuple(found)
