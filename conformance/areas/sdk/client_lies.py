"""Lies that an SDK passes over without a word."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import each_chunk


@says("error-200-for-unknown-model")
def _(call: Call, reply: Reply) -> Reply:
    """That there is no such model is told with status 200."""
    unknown = reply.status == 404 and call.path.endswith("/models/conformance-no-such-model")
    return replace(reply, status=200) if unknown else reply


@says("chunk-object-now-and-then")
def _(call: Call, reply: Reply) -> Reply:
    """In a stream of text every third chunk calls itself chat.completion."""
    if (call.json or {}).get("tools") or (call.json or {}).get("stream_options"):
        return reply
    return each_chunk(reply, lambda n, chunk: {**chunk, "object": "chat.completion"} if n % 3 == 2 else chunk)
