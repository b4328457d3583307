"""Lies that say twice, or beside each other, what an answer says once."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import says, sends
from conformance.reference.replies import Call, Reply, frames
from conformance.reference.rewriting import chat_body, each_chunk, is_chat, is_error, is_stream


# Only in this process: the h11 of the reference's own socket sends one of the two. A raw socket sends both in tests/whole/test_twice.py.
@says(
    "stream-length-and-chunked",
    link="https://github.com/timoklimmer/powerproxy-aoai/issues/53",
    bugs="length-and-chunked",
)
def _(call: Call, reply: Reply) -> Reply:
    """A proxy passes a stream on in chunks, under the Content-Length of its own."""
    return reply.with_headers(content_length=str(len(b"".join(frames(reply))))) if is_stream(reply) else reply


@says(
    "coding-stale-on-errors",
    link=(
        "https://github.com/envoyproxy/ai-gateway/pull/2554",
        "https://github.com/tombii/better-ccflare/pull/243",
        "https://github.com/freelensapp/freelens-ai-extension/issues/272",
    ),
    bugs="content-encoding-stale-errors",
)
def _(call: Call, reply: Reply) -> Reply:
    """An error is written anew by a gateway, under the Content-Encoding of its upstream."""
    packs = "gzip" in call.header("accept-encoding")
    return reply.with_headers(content_encoding="gzip") if is_error(reply) and packs else reply


def _twice(pieces: tuple[bytes, ...], member: bytes) -> tuple[bytes, ...]:
    return tuple(piece.replace(member, member + member) for piece in pieces)


@sends("json-key-twice", link="https://github.com/tinyhumansai/openhuman/pull/4207", bugs="json-duplicate-key")
def _(call: Call, pieces: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """A plain message has the key refusal twice."""
    return _twice(pieces, b'"refusal": null,')


@sends("stream-key-twice")
def _(call: Call, pieces: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Every chunk has the key service_tier twice."""
    return _twice(pieces, b'"service_tier":"default",')


@says("cors-origin-twice", link="https://github.com/mostlygeek/llama-swap/issues/1133", bugs="cors-duplicate-origin")
def _(call: Call, reply: Reply) -> Reply:
    """A proxy adds an Access-Control-Allow-Origin to that of its upstream."""
    return replace(
        reply, headers=(*reply.headers, ("access-control-allow-origin", "*"), ("Access-Control-Allow-Origin", ""))
    )


@says("json-error-null")
def _(call: Call, reply: Reply) -> Reply:
    """Completions and their chunks have an error that is null."""
    return each_chunk(chat_body(reply, error=None), lambda _, chunk: {"error": None, **chunk})


@says("json-error-beside")
def _(call: Call, reply: Reply) -> Reply:
    """A completion that was cut says so as an error beside its choices."""
    cut = is_chat(reply) and any(choice["finish_reason"] == "length" for choice in reply.body["choices"])
    return chat_body(reply, error={"message": "max_tokens reached", "code": None}) if cut else reply
