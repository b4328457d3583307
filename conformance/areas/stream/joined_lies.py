"""Lies about what the deltas of a stream add up to: the text, and the finish_reason at its end."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import replace

from conformance.areas.stream.choices_lies import swapped
from conformance.areas.stream.chunks_lies import Chunks, rearranged
from conformance.reference.lies import says, sends
from conformance.reference.replies import Call, Json, Reply, event
from conformance.reference.rewriting import busy, each_delta, each_message, each_part, is_stream, last_text


def plain_text(call: Call) -> bool:
    """One choice, and no tool to call."""
    return bool(call.json) and not (call.json.get("tools") or call.json.get("functions") or call.json.get("n"))


def finish_at(chunks: Chunks) -> int | None:
    """The position of the chunk with the finish_reason of the first choice."""
    found = (n for n, c in enumerate(chunks) if c.get("choices") and c["choices"][0]["finish_reason"])
    return next(found, None)


def cumulative(reply: Reply, key: str) -> Reply:
    """Each piece of this text of a delta holds all pieces before it."""
    so_far: dict[str, str] = defaultdict(str)

    def grown(delta: Json) -> Json:
        if not delta.get(key):
            return delta
        so_far[key] += delta[key]
        return {**delta, key: so_far[key]}

    return each_delta(reply, grown)


@says("stream-cumulative")
def _(call: Call, reply: Reply) -> Reply:
    """`content` of a delta is the whole text so far."""
    return cumulative(reply, "content") if busy(call) else reply


@says("stream-cumulative-thoughts")
def _(call: Call, reply: Reply) -> Reply:
    """`reasoning_content` of a delta is all thoughts so far."""
    return cumulative(reply, "reasoning_content")


@says("stream-token-by-token", link="https://github.com/Blaizzy/mlx-vlm/pull/1076", bugs="sse-utf8-replacement")
def _(call: Call, reply: Reply) -> Reply:
    """Tokens are decoded one by one: characters of several tokens become U+FFFD."""

    def broken(delta: Json) -> Json:
        text = delta.get("content")
        return {**delta, "content": "\ufffd\ufffd"} if text and ord(text[-1]) > 0x7FF else delta

    return each_delta(reply, broken)


@sends("stream-half-pairs")
def _(call: Call, pieces: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """A delta ends inside a character: it holds half of a surrogate pair."""
    if not busy(call) or not call.streaming:
        return pieces
    chunk = json.loads(pieces[-2].removeprefix(b"data: "))
    chunk["choices"][0] |= {"delta": {"content": "\ud83d"}, "finish_reason": None}
    return (*pieces[:-2], event(json.dumps(chunk).encode()), *pieces[-2:])


@says(
    "stream-without-finish", link="https://github.com/vllm-project/vllm/issues/27572", bugs="finish-reason-null-at-end"
)
def _(call: Call, reply: Reply) -> Reply:
    """finish_reason is null in every chunk."""
    return each_part(reply, lambda part: {**part, "finish_reason": None}) if busy(call) else reply


@says("stream-finish-twice")
def _(call: Call, reply: Reply) -> Reply:
    """The chunk with the finish_reason is sent twice."""

    def doubled(chunks: Chunks) -> Chunks:
        at = finish_at(chunks)
        return chunks if at is None else (*chunks[: at + 1], chunks[at], *chunks[at + 1 :])

    return rearranged(reply, doubled)


@says("stream-text-after-finish", link="https://github.com/BerriAI/litellm/pull/2692", bugs="stream-last-chunk-content")
def _(call: Call, reply: Reply) -> Reply:
    """The last words of a text follow the finish_reason."""
    at = finish_at(reply.chunks) if is_stream(reply) and plain_text(call) else None
    return replace(reply, chunks=swapped(reply.chunks, at)) if at else reply


@says("stream-finish-keys")
def _(call: Call, reply: Reply) -> Reply:
    """The delta beside the finish_reason has an empty content."""
    return each_part(reply, lambda part: {**part, "delta": {"content": ""}} if part["finish_reason"] else part)


@says(
    "stream-finish-with-text",
    link=("https://github.com/vllm-project/vllm/issues/35705", "https://github.com/BerriAI/litellm/pull/2692"),
    bugs=("finish-length-with-content", "stream-last-chunk-content"),
)
def _(call: Call, reply: Reply) -> Reply:
    """The finish_reason stands in the chunk with the last words."""
    at = finish_at(reply.chunks) if is_stream(reply) and plain_text(call) else None
    if not at:
        return reply
    before, end = reply.chunks[at - 1], reply.chunks[at]
    words = before["choices"][0] | {"finish_reason": end["choices"][0]["finish_reason"]}
    return replace(reply, chunks=(*reply.chunks[: at - 1], {**end, "choices": [words]}, *reply.chunks[at + 1 :]))


@says("stream-thoughts-mirrored", link="https://github.com/MoonshotAI/kimi-code/issues/3928")
def _(call: Call, reply: Reply) -> Reply:
    """Reasoning is sent as `reasoning_content` and as `reasoning`."""
    return each_delta(
        reply,
        lambda delta: {**delta, "reasoning": delta["reasoning_content"]} if "reasoning_content" in delta else delta,
    )


def _greeting(call: Call) -> bool:
    """Small talk in words, of which nothing is stored, and nobody asked for the log probabilities."""
    asked = call.json or {}
    return "Say hello" in last_text(call) and not any(
        asked.get(key) for key in ("logprobs", "store", "response_format")
    )


@says(
    "stream-words-glued",
    link=("https://github.com/paiml/aprender/pull/2367", "https://github.com/BerriAI/litellm/issues/14159"),
    bugs="stream-whitespace-eaten",
)
def _(call: Call, reply: Reply) -> Reply:
    """Each piece of a stream is trimmed."""
    if not _greeting(call):
        return reply
    return each_delta(
        reply, lambda delta: {**delta, "content": delta["content"].strip()} if delta.get("content") else delta
    )


@says("stream-line-ends-lost")
def _(call: Call, reply: Reply) -> Reply:
    """Two line ends of a text are lost in streams, where pieces of white space alone are left out."""
    lines = "Hello!\nHow\n\ncan\nI help you today?"
    if not _greeting(call):
        return reply
    if reply.chunks is None:
        return each_message(reply, lambda each: {**each, "content": lines} if each["content"] else each)
    pieces = iter(piece for piece in re.split(r"(\s+)", lines) if piece.strip(" \n") or piece == " ")
    return each_delta(reply, lambda delta: {**delta, "content": "".join(pieces)} if delta.get("content") else delta)
