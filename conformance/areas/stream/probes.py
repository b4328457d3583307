"""Streams as no client can ask for them, staged by the reference: broken by an error, and of a server that is busy."""

from __future__ import annotations

from conformance.areas.questions import COUNT, staged

PROBES = (
    staged("stream-error", COUNT, stream=True),
    staged("busy-stream", COUNT, stream=True),  # keep-alive comments, reasoning deltas
)
