"""Lies of servers that keep a connection and do not know what came over it."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import turn_down

SILENT = 1.0
"""Seconds of silence after which a connection is forgotten."""


def _streamed(call: Call) -> bool:
    return call.line.before is not None and call.line.before.chunks is not None


@says(
    "reuse-body-left-over",
    link=(
        "https://github.com/ardeyouxipianyi/workbuddy2api-intl/pull/30",
        "https://github.com/ggml-org/llama.cpp/issues/17388",
    ),
)
def _(call: Call, reply: Reply) -> Reply:
    """A body that was refused unread is taken for the beginning of the next request."""
    refused = call.line.before is not None and call.line.before.status >= 400
    return turn_down(reply, "Bad request syntax.") if refused else reply


@says("reuse-type-forgotten")
def _(call: Call, reply: Reply) -> Reply:
    """After a stream what follows over its connection is called a plain text."""
    return reply.with_headers(content_type="text/plain") if _streamed(call) else reply


@says("reuse-after-stream-hangs")
def _(call: Call, reply: Reply) -> Reply:
    """After a stream the connection is open, and nobody reads from it."""
    return replace(reply, ending="silent") if _streamed(call) else reply


@says(
    "closed-after-stream",
    link=(
        "https://github.com/NousResearch/hermes-agent/issues/82805",
        "https://github.com/takeshy/obsidian-local-llm-hub/issues/32",
        "https://github.com/mock-server/mockserver-monorepo/issues/2641",
    ),
)
def _(call: Call, reply: Reply) -> Reply:
    """After a stream that kept the connection it is closed."""
    return replace(reply, ending="none") if _streamed(call) else reply


@says("closed-in-silence", link="https://github.com/ShishirPatil/gorilla/issues/1339")
def _(call: Call, reply: Reply) -> Reply:
    """A connection that was silent for a while is closed when something comes."""
    return replace(reply, ending="none") if call.line.idle > SILENT else reply


@says("stream-again-shorter")
def _(call: Call, reply: Reply) -> Reply:
    """Of the second stream over a connection a piece of the text is lost."""
    if reply.chunks is None or not _streamed(call):
        return reply
    return replace(reply, chunks=(*reply.chunks[:2], *reply.chunks[3:]))
