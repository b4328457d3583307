"""Lies that several tests have the reference tell, beside those of the areas."""

from __future__ import annotations

from conformance.reference.lies import Lie
from conformance.reference.replies import Call, Reply


def without_done(call: Call, pieces: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Streams end without [DONE] (a MUST)."""
    return tuple(piece for piece in pieces if not piece.startswith(b"data: [DONE]"))


def without_request_id(call: Call, reply: Reply) -> Reply:
    """Answers have no request id (a SHOULD)."""
    return reply.with_headers(x_request_id=None)


WITHOUT_DONE = Lie("test", "A lie.", wire=without_done)
WITHOUT_BOTH = Lie("test", "Two lies.", reply=without_request_id, wire=without_done)
