"""Lies in the chunks of a stream: their members, and whose they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import busy, each_chunk, each_delta, each_part, is_stream

Chunks = tuple[Json, ...]


def rearranged(reply: Reply, change: Callable[[Chunks], Chunks]) -> Reply:
    """Another sequence of chunks; other replies stay."""
    return replace(reply, chunks=change(reply.chunks)) if is_stream(reply) else reply


def swapped(chunks: Chunks, at: int) -> Chunks:
    """The chunks with the one at this position and the one before it exchanged."""
    return (*chunks[: at - 1], chunks[at], chunks[at - 1], *chunks[at + 1 :])


# ---------------------------------------------------------------------- members


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
    return rearranged(reply, lambda chunks: ({**chunks[0], "choices": []}, *chunks))


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
    return call.asking(stream_options={**options, "include_obfuscation": True}) if call.streaming and options else call


# ---------------------------------------------------------------------- choices


@says("delta-missing")
def _(call: Call, reply: Reply) -> Reply:
    """The chunk with the finish_reason has no delta."""
    return each_part(reply, lambda part: {**part, "delta": ...} if part["finish_reason"] else part)


@says("delta-text", link="https://github.com/lm-sys/FastChat/pull/873", bugs="stream-delta-string")
def _(call: Call, reply: Reply) -> Reply:
    """A delta is the text itself."""
    return each_part(reply, lambda part: {**part, "delta": part["delta"].get("content") or ""})


@says("stream-message-beside-delta")
def _(call: Call, reply: Reply) -> Reply:
    """Each element of choices has the message so far beside its delta."""
    return each_part(reply, lambda part: {**part, "message": {"role": "assistant", "content": ""}})


@says("delta-without-index", link="https://github.com/mudler/LocalAI/issues/340")
def _(call: Call, reply: Reply) -> Reply:
    """The elements of choices have no index."""
    return each_part(reply, lambda part: {**part, "index": ...})


@says(
    "delta-without-finish-key", link="https://github.com/mudler/LocalAI/issues/1194", bugs="chunk-finish-reason-omitted"
)
def _(call: Call, reply: Reply) -> Reply:
    """finish_reason is left out until the end."""
    return each_part(reply, lambda part: part if part["finish_reason"] else {**part, "finish_reason": ...})


@says("delta-content-list")
def _(call: Call, reply: Reply) -> Reply:
    """`content` of a delta is a list of parts."""

    def listed(delta: Json) -> Json:
        text = delta.get("content")
        return {**delta, "content": [{"type": "text", "text": text}]} if text else delta

    return each_delta(reply, listed)


@says("delta-refusal-false")
def _(call: Call, reply: Reply) -> Reply:
    """`refusal` of a delta is false."""
    return each_delta(reply, lambda delta: {**delta, "refusal": False} if "refusal" in delta else delta)


@says(
    "delta-index-counts",
    link="https://github.com/microsoft/foundry-local/issues/144",
    bugs="choice-index-counts-chunks",
)
def _(call: Call, reply: Reply) -> Reply:
    """The index of a choice counts chunks."""
    counted = lambda n, chunk: {**chunk, "choices": [{**part, "index": n} for part in chunk["choices"]]}  # noqa: E731
    return each_chunk(reply, counted) if busy(call) else reply


@says("stream-second-choice-first")
def _(call: Call, reply: Reply) -> Reply:
    """With n=2 the second choice begins first."""
    several = is_stream(reply) and (call.json or {}).get("n") == 2
    return rearranged(reply, lambda chunks: swapped(chunks, 1)) if several else reply


@says(
    "stream-without-role",
    link="https://github.com/algorithmicsuperintelligence/optillm/issues/67",
    bugs="stream-first-role-missing",
)
def _(call: Call, reply: Reply) -> Reply:
    """No delta has a role."""
    return each_delta(reply, lambda delta: {**delta, "role": ...})


@says("stream-role-model")
def _(call: Call, reply: Reply) -> Reply:
    """The role of an answer is "model"."""
    return each_delta(reply, lambda delta: {**delta, "role": "model"} if "role" in delta else delta)


@says("stream-role-late")
def _(call: Call, reply: Reply) -> Reply:
    """The role stands in the second delta."""
    seen: dict[int, int] = defaultdict(int)

    def later(part: Json) -> Json:
        seen[part["index"]] += 1
        role = "assistant" if seen[part["index"]] == 2 else ...
        return {**part, "delta": {k: v for k, v in {**part["delta"], "role": role}.items() if v is not ...}}

    return each_part(reply, later)


@says("stream-role-repeated")
def _(call: Call, reply: Reply) -> Reply:
    """Every delta has a role."""
    return each_delta(reply, lambda delta: {**delta, "role": "assistant"})


@says(
    "stream-first-content-missing",
    link="https://github.com/xorbitsai/inference/issues/1113",
    bugs="stream-first-content-missing",
)
def _(call: Call, reply: Reply) -> Reply:
    """The first delta has a role and no content."""
    return each_delta(reply, lambda delta: {**delta, "content": ...} if "role" in delta else delta)
