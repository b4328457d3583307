"""Lies about how a stream ends: not at all, too early, twice, or with more after its end."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.stream.events_lies import Pieces
from conformance.reference.lies import lets, says, sends
from conformance.reference.replies import Call, Reply, event
from conformance.reference.rewriting import busy, is_of_others, is_stream, schema

DONE = event(b"[DONE]")


def last(pieces: Pieces, *more: bytes) -> Pieces:
    """Send something else in the place of [DONE]."""
    return (*pieces[:-1], *more) if pieces[-1] == DONE and not is_of_others(pieces) else pieces


@lets("stream-ignored", link="https://github.com/tinyhumansai/tinyagents/pull/56", bugs="stream-true-ignored")
def _(call: Call) -> Call:
    """`stream: true` is not looked at."""
    options = call.json.get("stream_options") if call.streaming else None
    odd = options is not None and not (isinstance(options, dict) and all(isinstance(v, bool) for v in options.values()))
    return call.asking(stream=None, stream_options=None) if call.streaming and not odd else call


@lets("stream-when-false")
def _(call: Call) -> Call:
    """The key `stream` alone, whatever its value, makes a stream."""
    return call.asking(stream=True) if call.json and call.json.get("stream") is False else call


@lets("stream-when-null")
def _(call: Call) -> Call:
    """`stream: null` makes a stream."""
    return call.asking(stream=True) if call.json and call.json.get("stream", False) is None else call


@says("stream-null-refused")
def _(call: Call, reply: Reply) -> Reply:
    """`stream: null` is refused."""
    if not call.json or call.json.get("stream", False) is not None:
        return reply
    error = {"message": "Invalid type for 'stream': expected a boolean, but got null instead.",
             "type": "invalid_request_error", "param": "stream", "code": "invalid_type"}  # fmt: skip
    return replace(reply, status=400, body={"error": error})


@sends("stream-buffered", link="https://github.com/BerriAI/litellm/issues/6458", bugs="stream-gzip-buffered")
def _(call: Call, pieces: Pieces) -> Pieces:
    """A stream is held back until it is complete."""
    return pieces if is_of_others(pieces) else (b"".join(pieces),)


@says("stream-until-close")
def _(call: Call, reply: Reply) -> Reply:
    """The end of a stream is the end of the connection."""
    return reply.with_headers(connection="close") if is_stream(reply) else reply


@says("stream-without-done")
def _(call: Call, reply: Reply) -> Reply:
    """A stream just ends after its last chunk."""
    return replace(reply, done=False)


@sends("stream-done-lower-case")
def _(call: Call, pieces: Pieces) -> Pieces:
    """The end is spelled [done]."""
    return last(pieces, event(b"[done]"))


@sends("stream-done-as-json")
def _(call: Call, pieces: Pieces) -> Pieces:
    """The end is a JSON string."""
    return last(pieces, event(b'"[DONE]"'))


@sends("stream-done-twice")
def _(call: Call, pieces: Pieces) -> Pieces:
    """A gateway adds its own [DONE] to that of the server."""
    return last(pieces, DONE, DONE)


@sends("stream-last-line-open")
def _(call: Call, pieces: Pieces) -> Pieces:
    """No blank line follows the last event."""
    return last(pieces, DONE[:-1])


@says("stream-hangs")
def _(call: Call, reply: Reply) -> Reply:
    """The connection stays open after [DONE]."""
    return replace(reply, ending="hang") if is_stream(reply) and reply.done else reply


@says("stream-one-chunk")
def _(call: Call, reply: Reply) -> Reply:
    """The whole text comes in one chunk."""
    if not is_stream(reply) or not busy(call):
        return reply
    text = "".join(c["choices"][0]["delta"].get("content") or "" for c in reply.chunks)
    empty = [c for c in reply.chunks if not c["choices"][0]["delta"].get("content")]
    head = empty[0]
    whole = {**head, "choices": [{**head["choices"][0], "delta": {"content": text}}]}
    return replace(reply, chunks=(*empty[:-1], whole, empty[-1]))


@says("stream-cut-clean", link="https://github.com/earendil-works/pi/issues/5793", bugs="stream-ends-without-finish")
def _(call: Call, reply: Reply) -> Reply:
    """A stream breaks off and its body ends as if it were complete."""
    return replace(reply, chunks=reply.chunks[:9], done=False) if busy(call) else reply


@says(
    "structured-recursion-dies",
    link="https://github.com/vllm-project/vllm/issues/57725",
    bugs="structured-recursive-ref-dies",
)
def _(call: Call, reply: Reply) -> Reply:
    """Under a recursive schema the stream breaks off in the middle."""
    dying = reply.chunks is not None and schema(call).get("properties", {}).get("next")
    return replace(reply, chunks=reply.chunks[:5], done=False) if dying else reply
