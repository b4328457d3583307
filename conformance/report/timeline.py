"""The events of a stream against time, as the geometry of a small drawing. From the arrivals in the run file alone.

It must not judge: an event that a problem speaks of is marked because the problem says so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from conformance.exchange import Exchange, is_chunk
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON
from conformance.wire.sse import Event

WIDTH, LEFT, TOP, LANE = 640, 96, 16, 17
"""In units of the drawing."""
READ, EVENTS = 256 * 1024, 3000
"""Bytes and events of a stream that are looked at."""
KINDS = ("role", "reasoning", "content", "tool call", "finish", "usage", "error", "[DONE]", "comment", "other")


@dataclass(frozen=True)
class Lane:
    """The events of one kind: `ticks` is the path of a line for each, `marks` where the marked ones are."""

    kind: str
    count: int
    y: int
    ticks: Markup
    marks: tuple[float, ...]


@dataclass(frozen=True)
class Timeline:
    """A drawing of `height` units, and what it shows in words."""

    lanes: tuple[Lane, ...]
    height: int
    axis: tuple[tuple[float, str], ...]
    words: str


Moment = tuple[str, float, int]
"""The kind of an event, when it came, and its position among the events that are no comments (-1: it is one)."""


def moments(x: Exchange) -> list[Moment]:
    """The events of a stream whose arrivals are known, the first EVENTS of them."""
    if not (x.arrivals and x.streaming) or len(x.body) > READ or "framing" in x.missing:
        return []
    received = [count for _, count in x.arrivals]
    found, position = [], -1
    for event in x.sse[1][:EVENTS]:
        position += not event.only_comments
        at = x.arrivals[min(bisect_left(received, event.stop), len(received) - 1)][0]
        found.append((_kind(event), at, -1 if event.only_comments else position))
    return found


def timeline(events: list[Moment], marked: Collection[int] = ()) -> Timeline | None:
    """The drawing of these events; those at the positions `marked` stand out."""
    if not events:
        return None
    end = max(events[-1][1], 1e-4)
    lanes = []
    for kind in (kind for kind in KINDS if any(kind == each for each, _, _ in events)):
        times = {_place(at, end) for each, at, _ in events if each == kind}
        marks = {_place(at, end) for each, at, position in events if each == kind and position in marked}
        y = TOP + LANE * len(lanes)
        ticks = Markup("".join(f"M{at:g} {y + 3}v{LANE - 6}" for at in sorted(times)))
        lanes.append(Lane(kind, sum(each == kind for each, _, _ in events), y, ticks, tuple(sorted(marks))))
    axis = tuple((_place(end * part, end), milliseconds(end * part)) for part in (0, 0.5, 1))
    return Timeline(tuple(lanes), TOP + LANE * len(lanes) + 20, axis, _words([at for _, at, _ in events]))


def _place(at: float, end: float) -> float:
    return round(LEFT + min(at / end, 1) * (WIDTH - LEFT - 14), 1)


def _words(every: list[float]) -> str:
    longest = max((after - before for before, after in pairwise(every)), default=None)
    pause = f", the longest pause {milliseconds(longest)}" if longest is not None else ""
    return f"{len(every)} events, the first after {milliseconds(every[0])}, the last after {milliseconds(every[-1])}{pause}"


def milliseconds(seconds: float) -> str:
    """A time in the unit that reads best."""
    if seconds >= 10:
        return f"{seconds:.1f} s"
    if seconds >= 1:
        return f"{seconds:.2f} s"
    if seconds >= 0.1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds * 1000:.1f} ms" if seconds >= 0.001 or not seconds else f"{seconds * 1e6:.0f} µs"


def _kind(event: Event) -> str:
    if event.only_comments:
        return "comment"
    if event.data == "[DONE]":
        return "[DONE]"
    try:
        value = jsontext.parse_text(event.data or "")
    except NotJSON:
        return "other"
    if isinstance(value, dict) and (value.get("error") or event.field("event") == "error"):
        return "error"
    return _kind_of_chunk(value) if is_chunk(value) else "other"


def _kind_of_chunk(chunk: dict[str, Any]) -> str:
    choices = chunk.get("choices")
    parts = [part for part in choices if isinstance(part, dict)] if isinstance(choices, list) else []
    if any(part.get("finish_reason") for part in parts):
        return "finish"
    deltas = [delta for part in parts if isinstance(delta := part.get("delta"), dict)]
    for kind, keys in (
        ("tool call", ("tool_calls", "function_call")),
        ("content", ("content", "refusal")),
        ("reasoning", ("reasoning_content", "reasoning")),
        ("role", ("role",)),
    ):
        if any(delta.get(key) for delta in deltas for key in keys):
            return kind
    return "usage" if chunk.get("usage") else "other"
