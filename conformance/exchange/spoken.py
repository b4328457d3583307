"""Which events of a stream hold tokens, and when the first of them came."""

from __future__ import annotations

from bisect import bisect_left
from operator import itemgetter
from typing import Any

from conformance.exchange.exchange import Exchange
from conformance.exchange.reading import Unreadable, find

SPOKEN = ("content", "reasoning_content", "reasoning", "refusal", "tool_calls")
"""Members of a delta that hold tokens."""


def speaks(value: Any) -> bool:
    """Whether a chunk holds tokens."""
    parts = find(value, "choices")
    deltas = [find(part, "delta") for part in parts] if isinstance(parts, list) else []
    return any(isinstance(delta, dict) and any(delta.get(name) for name in SPOKEN) for delta in deltas)


def first_token(x: Exchange) -> float | None:
    """Seconds from sending to the first portion that holds a token, comments and roles left out; None where none came."""
    try:
        end = next((x.events[n].stop for n, value in x.messages if speaks(value)), None) if x.ok else None
    except Unreadable:
        return None
    if end is None or not x.arrivals:
        return None
    at = bisect_left(x.arrivals, end, key=itemgetter(1))
    return x.arrivals[min(at, len(x.arrivals) - 1)][0]


def token_times(x: Exchange) -> list[float]:
    """Seconds from sending to each portion with a token, one for each event that holds one; none where they cannot be read."""
    try:
        ends = [x.events[n].stop for n, value in x.messages if speaks(value)] if x.ok else []
    except Unreadable:
        return []
    if not x.arrivals:
        return []
    sizes = [size for _, size in x.arrivals]
    return [x.arrivals[min(bisect_left(sizes, end), len(sizes) - 1)][0] for end in ends]
