"""Lies about chunks: their members, what stays the same in all of them, and their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.areas.stream.events_lies import Pieces, first
from conformance.reference.lies import lets, says, sends
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import each_chunk, is_stream, resend

Chunks = tuple[Json, ...]


def rearranged(reply: Reply, change: Callable[[Chunks], Chunks]) -> Reply:
    """Another sequence of chunks; other replies stay."""
    return replace(reply, chunks=change(reply.chunks)) if is_stream(reply) else reply


@says("stream-empty")
def _(call: Call, reply: Reply) -> Reply:
    """A stream is [DONE] and nothing else."""
    return replace(reply, chunks=()) if is_stream(reply) and reply.done else reply


@says("chunk-without-id", link="https://github.com/mudler/LocalAI/issues/648", bugs="chunk-missing-id-created")
def _(call: Call, reply: Reply) -> Reply:
    """Only the first chunk has an id."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "id": ...} if n else chunk)


@says("chunk-object-completion")
def _(call: Call, reply: Reply) -> Reply:
    """Chunks call themselves chat.completion."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "object": "chat.completion"})


@says("chunk-created-milliseconds")
def _(call: Call, reply: Reply) -> Reply:
    """`created` of chunks is in milliseconds."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "created": chunk.get("created", 0) * 1000})


@says("chunk-created-float")
def _(call: Call, reply: Reply) -> Reply:
    """`created` of chunks is a float."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "created": float(chunk.get("created", 0))})


@says("chunk-without-model")
def _(call: Call, reply: Reply) -> Reply:
    """Chunks have no model."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "model": ...})


@says("chunk-without-choices")
def _(call: Call, reply: Reply) -> Reply:
    """The first chunk has no choices."""
    return each_chunk(reply, lambda n, chunk: chunk if n else {**chunk, "choices": ...})


@says("chunk-choices-null")
def _(call: Call, reply: Reply) -> Reply:
    """The chunk that carries the usage has null for choices."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "choices": None} if chunk.get("usage") else chunk)


@says("chunk-first-empty")
def _(call: Call, reply: Reply) -> Reply:
    """A chunk with nothing in it comes first."""
    return rearranged(reply, lambda chunks: (*({**c, "choices": []} for c in chunks[:1] if "choices" in c), *chunks))


@says("chunk-id-changes")
def _(call: Call, reply: Reply) -> Reply:
    """Every chunk has an id of its own."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "id": f"{chunk.get('id')}-{n}"})


@says("chunk-created-changes", link="https://github.com/BerriAI/litellm/pull/11528", bugs="chunk-created-changes")
def _(call: Call, reply: Reply) -> Reply:
    """`created` is when the chunk was sent."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "created": chunk.get("created", 0) + n // 2})


@says("chunk-model-changes")
def _(call: Call, reply: Reply) -> Reply:
    """The last chunks name another model than the first."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "model": f"{chunk.get('model')}-upstream"} if n > 1 else chunk)


@says("chunk-obfuscation-number")
def _(call: Call, reply: Reply) -> Reply:
    """`obfuscation` is a number."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "obfuscation": 1} if "obfuscation" in chunk else chunk)


@lets("stream-always-obfuscated")
def _(call: Call) -> Call:
    """`include_obfuscation: false` is not looked at."""
    options = (call.json or {}).get("stream_options")
    plain = call.streaming and options and not isinstance(options.get("include_obfuscation"), str)
    return call.asking(stream_options={**options, "include_obfuscation": True}) if plain else call


@says("chunk-without-created", link="https://github.com/mudler/LocalAI/issues/648", bugs="chunk-missing-id-created")
def _(call: Call, reply: Reply) -> Reply:
    """Chunks have no `created`."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "created": ...})


@says("chunk-object-now-and-then")
def _(call: Call, reply: Reply) -> Reply:
    """In a stream of text every third chunk calls itself chat.completion."""
    if (call.json or {}).get("tools") or (call.json or {}).get("stream_options"):
        return reply
    return each_chunk(reply, lambda n, chunk: {**chunk, "object": "chat.completion"} if n % 3 == 2 else chunk)


@sends("stream-ping-as-data")
def _(call: Call, pieces: Pieces) -> Pieces:
    """A keep-alive is an empty JSON object."""
    return first(pieces, resend({}))
