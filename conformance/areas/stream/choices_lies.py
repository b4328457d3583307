"""Lies about the choices in the chunks of a stream: their members, and whose they are."""

from __future__ import annotations

from collections import defaultdict

from conformance.areas.stream.chunks_lies import Chunks, rearranged
from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import busy, each_chunk, each_delta, each_part, is_stream


@says("finish-blank")
def _(call: Call, reply: Reply) -> Reply:
    """finish_reason is an empty text until the end."""
    return each_part(reply, lambda part: {**part, "finish_reason": part["finish_reason"] or ""})


@says("delta-bare-text")
def _(call: Call, reply: Reply) -> Reply:
    """An element of choices is the text itself."""
    spoken = [part["delta"].get("content") for chunk in reply.chunks or () for part in chunk.get("choices", ())]
    if not busy(call) or not any(spoken):
        return reply
    return each_chunk(reply, lambda n, chunk: {**chunk, "choices": ["Hello!"]} if n == 1 else chunk)


def swapped(chunks: Chunks, at: int) -> Chunks:
    """The chunks with the one at this position and the one before it exchanged."""
    return (*chunks[: at - 1], chunks[at], chunks[at - 1], *chunks[at + 1 :])


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


@says(
    "delta-content-list",
    link="https://github.com/epam/ai-dial-adapter-openai/issues/395",
    bugs="content-array-thinking",
)
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
