"""Lies about the counts of the usage. Those that shift counts spare the answers that are compared or limited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body, chat_body, each_chunk, is_chat, is_stream, last_text, without


def counts(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """The plain answer with its usage changed."""
    return body(reply, usage=without(change(reply.body["usage"]))) if is_chat(reply) else reply


def everywhere(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """The answer with its usage changed, plain or streamed."""
    return streamed(counts(reply, change), change)


def streamed(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """The stream with its usage changed."""
    if not is_stream(reply):
        return reply
    return each_chunk(
        reply, lambda _, chunk: {**chunk, "usage": change(chunk["usage"])} if chunk.get("usage") else chunk
    )


def summed(usage: Json, **changes: int) -> Json:
    """The usage with counts changed, and the total with them."""
    changed = {**usage, **changes}
    return {**changed, "total_tokens": changed["prompt_tokens"] + changed["completion_tokens"]}


def greeting(call: Call) -> bool:
    """A greeting that is not also compared with its stream."""
    return "Say hello" in last_text(call) and "store" not in (call.json or {})


def detail(reply: Reply, kind: str, **changes: Any) -> Reply:
    name = f"{kind}_tokens_details"
    return counts(reply, lambda usage: {**usage, name: {**usage[name], **changes}})


@says("usage-absent")
def _(call: Call, reply: Reply) -> Reply:
    """A plain answer has no usage."""
    return chat_body(reply, usage=...)


@says("usage-null")
def _(call: Call, reply: Reply) -> Reply:
    """The usage of a plain answer is null."""
    return chat_body(reply, usage=None)


@says("usage-strings")
def _(call: Call, reply: Reply) -> Reply:
    """The counts are strings."""
    return counts(reply, lambda usage: {k: str(v) if isinstance(v, int) else v for k, v in usage.items()})


@says("usage-counts-null", link="https://github.com/openai/openai-agents-python/issues/1179", bugs="usage-fields-null")
def _(call: Call, reply: Reply) -> Reply:
    """The counts are null."""
    return counts(reply, lambda usage: {k: None if isinstance(v, int) else v for k, v in usage.items()})


@says("usage-negative", link="https://github.com/Tencent/WeKnora/pull/2980", bugs="usage-negative")
def _(call: Call, reply: Reply) -> Reply:
    """completion_tokens is negative."""
    return counts(reply, lambda usage: summed(usage, completion_tokens=-3)) if greeting(call) else reply


@says("usage-prompt-zero")
def _(call: Call, reply: Reply) -> Reply:
    """The prompt costs nothing."""
    return counts(reply, lambda usage: summed(usage, prompt_tokens=0)) if greeting(call) else reply


@says("usage-completion-zero")
def _(call: Call, reply: Reply) -> Reply:
    """The answer costs nothing."""
    return counts(reply, lambda usage: summed(usage, completion_tokens=0)) if greeting(call) else reply


@says("usage-total-differs", link="https://github.com/Portkey-AI/gateway/pull/1458", bugs="usage-total-exceeds-sum")
def _(call: Call, reply: Reply) -> Reply:
    """The total counts tokens that stand nowhere else."""
    return counts(reply, lambda u: {**u, "total_tokens": u["total_tokens"] + 100}) if greeting(call) else reply


@says("usage-first-choice-only")
def _(call: Call, reply: Reply) -> Reply:
    """Of two choices one is counted."""
    two = (call.json or {}).get("n") == 2
    return everywhere(reply, lambda u: summed(u, completion_tokens=u["completion_tokens"] // 2)) if two else reply


@says("usage-prompt-constant")
def _(call: Call, reply: Reply) -> Reply:
    """Every prompt costs the same."""
    return everywhere(reply, lambda usage: summed(usage, prompt_tokens=10))


@says(
    "usage-cached-subtracted",
    link="https://github.com/router-for-me/CLIProxyAPI/pull/1643",
    bugs="usage-cached-subtracted",
)
def _(call: Call, reply: Reply) -> Reply:
    """Cached tokens are subtracted from the prompt's when it comes again (which here is escaped)."""
    return counts(reply, lambda u: summed(u, prompt_tokens=u["prompt_tokens"] - 5)) if b"\\u" in call.body else reply


@says("usage-reasoning-text")
def _(call: Call, reply: Reply) -> Reply:
    """reasoning_tokens is a string."""
    return detail(reply, "completion", reasoning_tokens="0")


@says("usage-reasoning-beside")
def _(call: Call, reply: Reply) -> Reply:
    """Reasoning is not part of completion_tokens."""
    return detail(reply, "completion", reasoning_tokens=320) if greeting(call) else reply


@says("usage-cached-text")
def _(call: Call, reply: Reply) -> Reply:
    """cached_tokens is a string."""
    return detail(reply, "prompt", cached_tokens="0")


@says("usage-cached-beside")
def _(call: Call, reply: Reply) -> Reply:
    """Cached tokens are not part of prompt_tokens."""
    return detail(reply, "prompt", cached_tokens=4000)


@says("usage-detail-float")
def _(call: Call, reply: Reply) -> Reply:
    """audio_tokens has a fraction."""
    return detail(reply, "prompt", audio_tokens=0.5)


@says(
    "usage-stream-prompt-zero",
    link="https://github.com/diegosouzapw/OmniRoute/pull/4615",
    bugs="usage-prompt-zero-stream",
)
def _(call: Call, reply: Reply) -> Reply:
    """The prompt costs nothing when streamed."""
    return streamed(reply, lambda usage: summed(usage, prompt_tokens=0))


@says(
    "usage-stream-counts-null",
    link="https://github.com/openai/openai-agents-python/issues/1179",
    bugs="usage-fields-null",
)
def _(call: Call, reply: Reply) -> Reply:
    """The counts of a stream are null."""
    return streamed(reply, lambda usage: {k: None if isinstance(v, int) else v for k, v in usage.items()})
