"""Lies about `stream_options`, and about errors in a stream."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.stream.chunks_lies import rearranged, swapped
from conformance.areas.stream.joined_lies import finish_at
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import busy, each_chunk

USAGE = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}


def sends_usage(reply: Reply) -> bool:
    return bool(reply.chunks) and bool(reply.chunks[-1].get("usage"))


def staged(call: Call) -> bool:
    """The staged stream that fails in the middle: its last event is the error."""
    return call.header("x-conformance-stage") == "stream-error"


def erring(reply: Reply, error: object, *more: Json) -> Reply:
    """Another error at the end of a failing stream, and what follows it."""
    return replace(reply, chunks=(*reply.chunks[:-1], {"error": error}, *more))


# ---------------------------------------------------------------------- usage


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


# ---------------------------------------------------------------------- errors


@says("stream-refusal-in-200", link="https://github.com/ggml-org/llama.cpp/issues/14566", bugs="stream-error-in-200")
def _(call: Call, reply: Reply) -> Reply:
    """A request is refused by the first event of a stream."""
    error = {"message": "The prompt is too long.", "type": "invalid_request_error", "param": "messages", "code": None}
    return replace(reply, chunks=({"error": error},)) if staged(call) else reply


@says("stream-error-text")
def _(call: Call, reply: Reply) -> Reply:
    """The error in a stream is a string."""
    return erring(reply, "The server had an error.") if staged(call) else reply


@says("stream-error-without-message")
def _(call: Call, reply: Reply) -> Reply:
    """The error in a stream has no message."""
    error = {"type": "server_error", "param": None, "code": None}
    return erring(reply, error) if staged(call) else reply


@says("stream-error-bare")
def _(call: Call, reply: Reply) -> Reply:
    """The error in a stream is a message and a number."""
    return erring(reply, {"message": "The server had an error.", "code": 500}) if staged(call) else reply


@says("stream-goes-on-after-error")
def _(call: Call, reply: Reply) -> Reply:
    """Chunks follow the error in a stream."""
    return erring(reply, reply.chunks[-1]["error"], reply.chunks[-2]) if staged(call) else reply


@says(
    "stream-error-flat",
    link="https://github.com/huggingface/text-generation-inference/pull/2668",
    bugs="stream-error-event-shape",
)
def _(call: Call, reply: Reply) -> Reply:
    """An error in a stream is not in `error`."""
    flat = {"message": "The worker was restarted.", "type": "server_error", "code": 500}
    return rearranged(reply, lambda chunks: (*chunks[:2], flat, *chunks[2:])) if busy(call) else reply


@says("stream-error-in-chunk", link="https://github.com/openclaw/openclaw/pull/109313", bugs="finish-reason-error-200")
def _(call: Call, reply: Reply) -> Reply:
    """The error stands beside the choices of a chunk."""
    if not staged(call):
        return reply
    *rest, last, error = reply.chunks
    choice = {**last["choices"][0], "delta": {}, "finish_reason": "error"}
    return replace(reply, chunks=(*rest, last, {**last, "choices": [choice], **error}))
