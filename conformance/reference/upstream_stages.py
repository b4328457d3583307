"""Situations of an upstream that only who stands behind it can bring about: answers that break off, and members that no document has.

They are told beside the request, for a gateway need not pass on what asks for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import Lie, several
from conformance.reference.replies import Call, Reply, pretty
from conformance.reference.staging import STAGE_HEADER

NOTE = {"note": "no document has this member"}
KEPT = 4
"""Chunks of a stream that breaks off."""


def _marked(reply: Reply) -> Reply:
    """Members and headers that no document has, and comments between the events of a stream."""
    noted = reply.with_headers(x_conformance_answer="kept", retry_after_ms=None)
    if reply.chunks is not None:
        chunks = tuple({**chunk, "x_conformance": NOTE} for chunk in reply.chunks)
        return replace(noted, chunks=chunks, before={0: "keep-alive", 2: "keep-alive"})
    return replace(noted, body={**reply.body, "x_conformance": NOTE})


def _breaks(reply: Reply) -> Reply:
    """An answer that breaks off: a stream after a few chunks, any other in the middle."""
    if reply.chunks is not None:
        return replace(reply, chunks=reply.chunks[:KEPT], done=False, ending="cut")
    whole = pretty(reply.body or {})
    return replace(reply, body=(whole[: len(whole) // 2],), ending="cut")


def _gone(reply: Reply) -> Reply:
    """No answer: the connection is closed."""
    return replace(reply, ending="none")


def _unfinished(reply: Reply) -> Reply:
    """A stream that the upstream ends in order, without a reason for its end, and without [DONE]."""
    return replace(reply, chunks=reply.chunks[:KEPT], done=False) if reply.chunks is not None else reply


UPSTREAM_STAGES: dict[str, Callable[[Reply], Reply]] = {
    "upstream-marked": _marked,
    "upstream-breaks": _breaks,
    "upstream-gone": _gone,
    "upstream-unfinished": _unfinished,
}


def _in_stage(call: Call, reply: Reply) -> Reply:
    change = UPSTREAM_STAGES.get(call.header(STAGE_HEADER))
    return change(reply) if change and reply.status < 400 else reply


STAGING = Lie("upstream", "It brings about what an upstream alone can.", reply=_in_stage)
"""What a reference server is told so that it knows these."""


def told_with(lie: Lie | None) -> Lie:
    """What a reference server is told that knows these and tells a lie, too, or none."""
    return several(STAGING, lie) if lie else STAGING
