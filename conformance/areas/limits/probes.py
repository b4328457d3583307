"""Limits and outages, as the reference stages them: rate limits, a quota that is used up, too much load."""

from __future__ import annotations

from conformance.areas.questions import staged

PROBES = (
    staged("rate-limited"),
    staged("rate-limited-stream", stream=True),
    staged("quota-exhausted"),
    staged("overloaded"),
)
