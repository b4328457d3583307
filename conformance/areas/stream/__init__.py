"""Streams: server-sent events, chunks, deltas, and how they end.

Checks: `stream.*`.
"""

PART, CORE = "streaming", True
