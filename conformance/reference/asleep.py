"""A reference that goes to sleep when nobody asks, as an endpoint does that is scaled down to nothing.

A lie that no check is broken by: it is how servers are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import Lie
from conformance.reference.replies import Call, Reply

WAKING = {
    "message": "The model is loading.",
    "type": "service_unavailable_error",
    "param": None,
    "code": "server_is_overloaded",
}


def asleep(after: float, refusals: int, wait: float = 1.0, now: Callable[[], float] = time.monotonic) -> Lie:
    """Asleep after so many seconds without a request; then it refuses so many POST requests with 503 and a Retry-After."""
    last, left = now(), 0

    def reply(call: Call, honest: Reply) -> Reply:
        nonlocal last, left
        if call.method != "POST":
            return honest
        if now() - last >= after:
            left = refusals
        last = now()
        if left == 0:
            return honest
        left -= 1
        refused = replace(honest, status=503, body={"error": WAKING}, chunks=None, ending="clean")
        return refused.with_headers(content_type="application/json", retry_after=f"{wait:g}")

    return Lie("asleep", "It is asleep when nobody has asked for a while, and says when to come back.", reply=reply)
