"""Lies about errors in a stream."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.stream.chunks_lies import rearranged
from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import busy


def staged(call: Call) -> bool:
    """The staged stream that fails in the middle: its last event is the error."""
    return call.header("x-conformance-stage") == "stream-error"


def erring(reply: Reply, error: object, *more: Json) -> Reply:
    """Another error at the end of a failing stream, and what follows it."""
    return replace(reply, chunks=(*reply.chunks[:-1], {"error": error}, *more))


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


@says("stream-error-says-none")
def _(call: Call, reply: Reply) -> Reply:
    """The error in a stream says "None" where there is nothing, and has the status for its code."""
    words = {"message": "The upstream failed.", "type": "None", "param": "", "code": "500"}
    return erring(reply, words) if staged(call) else reply
