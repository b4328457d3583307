"""Lies about what stays the same from chunk to chunk."""

from __future__ import annotations

from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import each_chunk


@says("content-fingerprint-changes")
def _(call: Call, reply: Reply) -> Reply:
    """The first chunk does not yet know the fingerprint."""
    return each_chunk(reply, lambda n, chunk: chunk if n else {**chunk, "system_fingerprint": None})


@says("content-tier-changes")
def _(call: Call, reply: Reply) -> Reply:
    """The tier is told from the second chunk on."""
    return each_chunk(reply, lambda n, chunk: chunk if n else {**chunk, "service_tier": None})


@says("content-fingerprint-late")
def _(call: Call, reply: Reply) -> Reply:
    """The first chunk, which the gateway makes up, has no fingerprint."""
    return each_chunk(reply, lambda n, chunk: chunk if n else {**chunk, "system_fingerprint": ...})
