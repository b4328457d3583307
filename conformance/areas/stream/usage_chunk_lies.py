"""Lies about `stream_options`, and the chunk that holds the usage."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.stream.choices_lies import swapped
from conformance.areas.stream.chunks_lies import rearranged
from conformance.areas.stream.joined_lies import finish_at
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import busy, each_chunk, is_stream

USAGE = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}


def sends_usage(reply: Reply) -> bool:
    return is_stream(reply) and bool(reply.chunks) and bool(reply.chunks[-1].get("usage"))


@says("stream-usage-ignored", link="https://github.com/ollama/ollama/issues/5200", bugs="usage-stream-options-ignored")
def _(call: Call, reply: Reply) -> Reply:
    """`include_usage: true` is not looked at."""
    if not sends_usage(reply):
        return reply
    return each_chunk(replace(reply, chunks=reply.chunks[:-1]), lambda n, chunk: {**chunk, "usage": ...})


@says("stream-usage-with-finish")
def _(call: Call, reply: Reply) -> Reply:
    """The usage stands in the chunk with the finish_reason."""
    if not sends_usage(reply):
        return reply
    *rest, end, last = reply.chunks
    return replace(reply, chunks=(*rest, {**end, "usage": last["usage"]}))


@says("stream-usage-everywhere")
def _(call: Call, reply: Reply) -> Reply:
    """Every chunk carries the usage."""
    if not sends_usage(reply):
        return reply
    usage = reply.chunks[-1]["usage"]
    return each_chunk(reply, lambda n, chunk: {**chunk, "usage": usage})


@says(
    "stream-usage-key-missing",
    link="https://github.com/BerriAI/litellm/issues/9657",
    bugs="usage-null-not-on-content-chunks",
)
def _(call: Call, reply: Reply) -> Reply:
    """Chunks before the usage have no key for it."""
    return each_chunk(reply, lambda n, chunk: chunk if chunk.get("usage") else {**chunk, "usage": ...})


@says("stream-chunk-after-usage")
def _(call: Call, reply: Reply) -> Reply:
    """The chunk with the finish_reason follows the usage."""
    return rearranged(reply, lambda chunks: swapped(chunks, len(chunks) - 1)) if sends_usage(reply) else reply


@says("stream-usage-unasked", link="https://github.com/mudler/LocalAI/issues/1744", bugs="chunk-usage-zeros")
def _(call: Call, reply: Reply) -> Reply:
    """A usage is sent that nobody asked for."""
    if not busy(call):
        return reply
    return each_chunk(reply, lambda n, chunk: {**chunk, "usage": USAGE} if n == finish_at(reply.chunks) else chunk)


@lets("stream-options-unstreamed")
def _(call: Call) -> Call:
    """`stream_options` is accepted without a stream."""
    return call if not call.json or call.streaming else call.asking(stream_options=None)
