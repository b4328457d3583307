"""Lies about streams of legacy completions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from conformance.areas.completions.text_completion_lies import legacy
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import each_chunk, each_part, without


def _streamed(call: Call, reply: Reply) -> bool:
    return bool(legacy(call)) and reply.chunks is not None


def _chunks(name: str, text: str, change: Callable[[int, Json], Json]) -> None:
    """Declare a lie that changes every chunk, given its position."""

    def lie(call: Call, reply: Reply) -> Reply:
        return each_chunk(reply, change) if _streamed(call, reply) else reply

    lie.__doc__ = text
    says(f"completions-stream-{name}")(lie)


def _parts(name: str, text: str, change: Callable[[Json], Json]) -> None:
    """Declare a lie that changes every choice of every chunk."""

    def lie(call: Call, reply: Reply) -> Reply:
        return each_part(reply, change) if _streamed(call, reply) else reply

    lie.__doc__ = text
    says(f"completions-stream-{name}")(lie)


def _trimmed(found: Json) -> Json:
    return {**found, "tokens": [token.strip() for token in found["tokens"]]}


_chunks(
    "chunk-object", "A chunk calls itself one of chat.", lambda _, chunk: {**chunk, "object": "chat.completion.chunk"}
)
_chunks("ids", "Each chunk has an id of its own.", lambda n, chunk: {**chunk, "id": f"{chunk['id']}-{n}"})
_chunks("without-id", "Chunks have no id.", lambda _, chunk: {**chunk, "id": ...})
_chunks(
    "created",
    "Each chunk has the time when it was made.",
    lambda n, chunk: {**chunk, "created": chunk["created"] + n // 2},
)
_parts(
    "deltas",
    "Chunks have a delta in place of a text.",
    lambda part: {**part, "text": ..., "delta": {"content": part["text"]}},
)
_parts("index-zero", "All choices of a stream have the index 0.", lambda part: {**part, "index": 0})
_parts("no-finish", "No choice of a stream ends.", lambda part: {**part, "finish_reason": None})
_parts(
    "trimmed",
    "The pieces of a stream are trimmed.",
    lambda part: part if part["logprobs"] else {**part, "text": part["text"].strip()},
)
_parts("logprobs-lost", "A stream has no log probabilities.", lambda part: {**part, "logprobs": None})
_parts("logprobs-trimmed", "The tokens of a stream are trimmed, and the text is not.",
       lambda part: {**part, "logprobs": part["logprobs"] and _trimmed(part["logprobs"])})  # fmt: skip
_chunks("usage-without-total", "The usage of a stream has no total.",
        lambda _, chunk: {**chunk, "usage": without({**chunk["usage"], "total_tokens": ...})} if chunk.get("usage") else chunk)  # fmt: skip


@says("completions-stream-cumulative", link="https://github.com/NVIDIA/TensorRT-LLM/issues/3280")
def _(call: Call, reply: Reply) -> Reply:
    """Each piece of a stream is the whole text so far, where nobody asks for the numbers of its tokens."""
    said: dict[int, str] = defaultdict(str)

    def grown(part: Json) -> Json:
        said[part["index"]] += part["text"]
        return {**part, "text": said[part["index"]]}

    return each_part(reply, grown) if _streamed(call, reply) and call.json.get("logprobs") is None else reply


@says("completions-stream-loses-text")
def _(call: Call, reply: Reply) -> Reply:
    """The second piece of a stream is lost."""
    if not _streamed(call, reply) or reply.chunks[0]["choices"][0]["logprobs"] or len(reply.chunks) < 4:
        return reply
    return replace(reply, chunks=(reply.chunks[0], *reply.chunks[2:]))


@says("completions-stream-text-after")
def _(call: Call, reply: Reply) -> Reply:
    """Text follows the finish reason."""
    return (
        each_part(reply, lambda part: {**part, "finish_reason": part["finish_reason"] or "length"})
        if _streamed(call, reply)
        else reply
    )


@says("completions-stream-no-done")
def _(call: Call, reply: Reply) -> Reply:
    """A stream ends without [DONE]."""
    return replace(reply, done=False) if _streamed(call, reply) else reply


@says("completions-stream-plain")
def _(call: Call, reply: Reply) -> Reply:
    """What should be a stream comes as lines of JSON, and says so."""
    return reply.with_headers(content_type="application/jsonl") if _streamed(call, reply) else reply


@lets("completions-stream-usage-ignored")
def _(call: Call) -> Call:
    """include_usage is ignored."""
    return call.asking(stream_options=None) if legacy(call).get("stream") else call


@says("completions-stream-usage-beside")
def _(call: Call, reply: Reply) -> Reply:
    """The chunk with the usage has a choice."""
    if not _streamed(call, reply):
        return reply
    last = [{"text": "", "index": 0, "logprobs": None, "finish_reason": "length"}]
    return each_chunk(reply, lambda _, chunk: {**chunk, "choices": last} if chunk.get("usage") else chunk)


@says("completions-stream-usage-unasked")
def _(call: Call, reply: Reply) -> Reply:
    """Every chunk has a usage, though none was asked for."""
    if not _streamed(call, reply) or legacy(call).get("stream_options"):
        return reply
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return each_chunk(reply, lambda _, chunk: {**chunk, "usage": usage})
