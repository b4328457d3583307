"""Lies about the end of an answer: it is cut, or does not come."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.http.protocol_lies import embeddings
from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply


@says("answer-cut")
def _(call: Call, reply: Reply) -> Reply:
    """The connection is closed before the body of an answer is whole."""
    return replace(reply, ending="cut") if embeddings(call, reply) else reply


@says("answer-stalls")
def _(call: Call, reply: Reply) -> Reply:
    """An answer is a status line and headers, and then nothing for as long as anybody waits."""
    return replace(reply, body=b"", ending="hang") if embeddings(call, reply) else reply
