"""Lies about the usage of streams, which differs from that of plain answers."""

from __future__ import annotations

from conformance.areas.usage.counts_lies import streamed, summed
from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import chat_body, is_chat


@says(
    "content-details-streamed-only",
    link="https://github.com/jundot/omlx/issues/919",
    bugs="usage-cached-tokens-mode-differs",
)
def _(call: Call, reply: Reply) -> Reply:
    """Cached tokens are told in streams only."""
    if not is_chat(reply):
        return reply
    return chat_body(reply, usage={**reply.body["usage"], "prompt_tokens_details": None})


@says("usage-stream-counts-chunks")
def _(call: Call, reply: Reply) -> Reply:
    """Chunks are counted instead of tokens, where the limit is far."""
    far = ((call.json or {}).get("max_completion_tokens") or 0) > 5
    return streamed(reply, lambda usage: summed(usage, completion_tokens=len(reply.chunks))) if far else reply
