"""Lies on the wire of a stream: how events are framed and how they arrive."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import says, sends
from conformance.reference.replies import Call, Reply, event
from conformance.reference.rewriting import data, is_of_others, is_stream

Pieces = tuple[bytes, ...]


def each(pieces: Pieces, change: Callable[[bytes], bytes]) -> Pieces:
    """Change every event of a stream that has data; comments, and what is no stream, stay."""
    return tuple(change(piece) if piece.startswith(b"data: ") else piece for piece in pieces)


def first(pieces: Pieces, *more: bytes) -> Pieces:
    """Put more pieces after the first event of a stream; what is no stream stays."""
    at = next((n for n, piece in enumerate(pieces) if piece.startswith(b"data: ")), None)
    return pieces if at is None or is_of_others(pieces) else (*pieces[: at + 1], *more, *pieces[at + 1 :])


@says("stream-content-type-json", link="https://github.com/ollama/ollama/issues/8991", bugs="stream-content-type")
def _(call: Call, reply: Reply) -> Reply:
    """A stream has the Content-Type application/json."""
    return reply.with_headers(content_type="application/json") if is_stream(reply) else reply


@says("stream-status-201")
def _(call: Call, reply: Reply) -> Reply:
    """A stream has the status 201."""
    return replace(reply, status=201) if is_stream(reply) else reply


@sends(
    "stream-single-newlines",
    link="https://github.com/nath1295/MLX-Textgen/pull/9",
    bugs="stream-id-sse-inconsistent-framing",
)
def _(call: Call, pieces: Pieces) -> Pieces:
    """No blank line stands between two events."""
    return (*each(pieces[:-1], lambda piece: piece[:-1]), *pieces[-1:])


@sends("stream-data-not-json", link="https://github.com/mnfst/llm-gateway/issues/2053", bugs="sse-comment-as-data")
def _(call: Call, pieces: Pieces) -> Pieces:
    """A keep-alive comment of the upstream is sent on as data."""
    return first(pieces, event(b": PROCESSING"))


@sends("stream-data-in-lines")
def _(call: Call, pieces: Pieces) -> Pieces:
    """The JSON of a chunk is indented, each of its lines a data line."""

    def indented(piece: bytes) -> bytes:
        lines = json.dumps(data(piece), indent=1).encode().split(b"\n") if data(piece) else [b"[DONE]"]
        return b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"

    return each(pieces, indented)


@sends("stream-two-spaces")
def _(call: Call, pieces: Pieces) -> Pieces:
    """Two spaces follow `data:`."""
    return each(pieces, lambda piece: piece.replace(b"data: ", b"data:  ", 1))


@sends("stream-no-space")
def _(call: Call, pieces: Pieces) -> Pieces:
    """No space follows `data:`."""
    return each(pieces, lambda piece: piece.replace(b"data: ", b"data:", 1))


@sends("stream-mixed-line-ends")
def _(call: Call, pieces: Pieces) -> Pieces:
    """Lines end in LF, the blank lines after them in CRLF."""
    return each(pieces, lambda piece: piece[:-1] + b"\r\n")


@sends("stream-crlf", link="https://github.com/langgenius/dify/issues/4120", bugs="sse-starlette-crlf")
def _(call: Call, pieces: Pieces) -> Pieces:
    """Lines end in CRLF."""
    return each(pieces, lambda piece: piece.replace(b"\n", b"\r\n"))


@sends("stream-bom")
def _(call: Call, pieces: Pieces) -> Pieces:
    """A stream begins with a byte order mark."""
    return (b"\xef\xbb\xbf" + pieces[0], *pieces[1:]) if pieces[0].startswith(b"data: ") else pieces


@sends("stream-latin1", link="https://github.com/unslothai/llama.cpp/pull/202")
def _(call: Call, pieces: Pieces) -> Pieces:
    """A byte that is no UTF-8 stands in a chunk."""
    return each(pieces, lambda piece: piece.replace(b'"obfuscation":"xx', b'"obfuscation":"x\xfc'))


@sends("stream-thread-events")
def _(call: Call, pieces: Pieces) -> Pieces:
    """Chunks are sent as events of the Assistants API."""
    return each(pieces, lambda piece: b"event: thread.message.delta\n" + piece if data(piece) else piece)


@sends("stream-named-events", link="https://github.com/mudler/LocalAI/issues/340", bugs="stream-named-events")
def _(call: Call, pieces: Pieces) -> Pieces:
    """Chunks are sent as events named "data"."""
    return each(pieces, lambda piece: b"event: data\n" + piece if data(piece) else piece)


@sends("stream-empty-data")
def _(call: Call, pieces: Pieces) -> Pieces:
    """A keep-alive is an event with empty data."""
    return first(pieces, b"data:\n\n")


@sends("stream-ping-event")
def _(call: Call, pieces: Pieces) -> Pieces:
    """A keep-alive is an event named ping, without data."""
    return first(pieces, b"event: ping\n\n")


@sends("stream-retry-alone")
def _(call: Call, pieces: Pieces) -> Pieces:
    """A retry time is sent in a block of its own."""
    return first(pieces, b"retry: 3000\n\n")


@sends("stream-comment-after-id")
def _(call: Call, pieces: Pieces) -> Pieces:
    """Events have ids, and a comment with a blank line stands between them."""
    return first(each(pieces, lambda piece: b"data: " + piece[6:-1] + b"id: 1\n\n"), b": keep-alive\n\n")


@sends("stream-blank-after-id")
def _(call: Call, pieces: Pieces) -> Pieces:
    """Events have ids, and a blank line more follows the last."""
    named = each(pieces, lambda piece: b"data: " + piece[6:-1] + b"id: 1\n\n")
    return pieces if named == pieces or is_of_others(pieces) else (*named, b"\n")


@sends("stream-bare-line")
def _(call: Call, pieces: Pieces) -> Pieces:
    """A message of the backend stands in the stream as it is."""
    return first(pieces, b'{"detail":"worker restarted"}\n\n')


@sends(
    "stream-keepalive-inside",
    link="https://github.com/router-for-me/CLIProxyAPI/issues/4047",
    bugs="sse-keepalive-splits-event",
)
def _(call: Call, pieces: Pieces) -> Pieces:
    """A keep-alive is written between the lines of one event."""
    return each(pieces, lambda piece: b"event: message\n: keep-alive\n\n" + piece if data(piece) else piece)


@says(
    "stream-content-type-lines", link="https://github.com/Lightning-AI/LitServe/issues/359", bugs="stream-content-type"
)
def _(call: Call, reply: Reply) -> Reply:
    """A stream has the Content-Type of JSON lines."""
    return reply.with_headers(content_type="application/x-ndjson") if is_stream(reply) else reply
