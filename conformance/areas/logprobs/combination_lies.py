"""Lies about logprobs and top_logprobs, the one without the other."""

from __future__ import annotations

from conformance.areas.logprobs.per_token_lies import top
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import error, turn_down


@says(
    "logprobs-refused-alone",
    link="https://github.com/vllm-project/vllm/issues/4795",
    bugs="logprobs-without-top-rejected",
)
def _(call: Call, reply: Reply) -> Reply:
    """logprobs are turned down where top_logprobs is not set."""
    alone = (call.json or {}).get("logprobs") is True and top(call) is None and call.path.endswith("/chat/completions")
    return turn_down(reply, "Top logprobs must be set when logprobs is.") if alone else reply


@lets("logprobs-top-alone-served")
def _(call: Call) -> Call:
    """top_logprobs without logprobs is ignored."""
    alone = call.path.endswith("/chat/completions") and top(call) and not (call.json or {}).get("logprobs")
    return call.asking(top_logprobs=None) if alone else call


@says("logprobs-top-alone-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of top_logprobs without logprobs names nothing."""
    return error(reply, param=None) if top(call) and not (call.json or {}).get("logprobs") else reply
