"""Lies told in streams only."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import each_chunk, last_text


@lets(
    "chat-stream-one-choice",
    link="https://github.com/epam/ai-dial-adapter-vertexai/issues/157",
    bugs="n-stream-multi-choice",
)
def _(call: Call) -> Call:
    """n is ignored when streamed."""
    return call.asking(n=None) if call.streaming else call


@says("chat-stream-loses-text", link="https://github.com/vllm-project/vllm/issues/31296", bugs="stream-content-lost")
def _(call: Call, reply: Reply) -> Reply:
    """The third chunk of a long text is lost."""
    if reply.chunks is None or "Count from" not in last_text(call) or (call.json or {}).get("n"):
        return reply
    return replace(reply, chunks=(*reply.chunks[:3], *reply.chunks[4:]))


@says("chat-stream-other-model", link="https://github.com/vercel/ai/issues/18118")
def _(call: Call, reply: Reply) -> Reply:
    """Streams name the model differently."""
    return each_chunk(reply, lambda _, chunk: {**chunk, "model": "reference"})
