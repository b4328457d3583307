"""Lies about what parameters do: limits and seeds that do nothing, wrong values let through."""

from __future__ import annotations

from conformance.areas.params.acceptance_lies import STOPS
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import (
    asked,
    chat_body,
    crash,
    each_message,
    each_part,
    is_chat,
    is_stream,
    turn_down,
)

HUGE = 100_000_000


def append(reply: Reply, text: str) -> Reply:
    """The reply with this at the end of its text, plain or streamed."""
    if is_chat(reply):
        return each_message(reply, lambda each: {**each, "content": each["content"] + text})
    pieces = [part["delta"].get("content") for chunk in reply.chunks or () for part in chunk["choices"]]
    last = next((piece for piece in reversed(pieces) if piece), None)
    if last is None:
        return reply
    return each_part(
        reply,
        lambda part: {**part, "delta": {"content": last + text}} if part["delta"].get("content") == last else part,
    )


@says("param-limit-faked", link="https://github.com/jjang-ai/vmlx/issues/67", bugs="stream-empty-then-error-text")
def _(call: Call, reply: Reply) -> Reply:
    """Words of the server's own follow a text that was cut, and are not counted."""
    cut = asked(call).get("max_completion_tokens") == 5 and asked(call).get("messages", [{}])[-1].get("content")
    return append(reply, " (the model stopped before it was done)") if cut and "Count" in cut else reply


@lets("param-larger-limit")
def _(call: Call) -> Call:
    """Of two limits the newer one counts, be it larger."""
    both = asked(call).get("max_tokens") and asked(call).get("max_completion_tokens")
    return call.asking(max_tokens=None) if both else call


@says("param-huge-500")
def _(call: Call, reply: Reply) -> Reply:
    """A limit beyond the context window makes the server fail."""
    return crash(reply) if asked(call).get("max_completion_tokens") == HUGE else reply


@says("param-huge-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """A limit beyond the context window is turned down without a reason."""
    return turn_down(reply, "Invalid request.") if asked(call).get("max_completion_tokens") == HUGE else reply


@says(
    "param-huge-cuts-prompt",
    link="https://github.com/LostRuins/koboldcpp/issues/2481",
    bugs="max-tokens-shrinks-prompt",
)
def _(call: Call, reply: Reply) -> Reply:
    """Room for a large limit is made at the cost of the prompt."""
    if asked(call).get("max_completion_tokens") != HUGE or not is_chat(reply):
        return reply
    usage = reply.body["usage"]
    return chat_body(reply, usage={**usage, "prompt_tokens": 1, "total_tokens": 1 + usage["completion_tokens"]})


@says("param-stop-prefix-left", link="https://github.com/jundot/omlx/issues/2386", bugs="stop-partial-left")
def _(call: Call, reply: Reply) -> Reply:
    """The first tokens of a stop sequence are out before it is known to be one."""
    return append(reply, STOPS[1][:4]) if asked(call).get("stop") == STOPS else reply


SEED = 42


@lets("param-seed-ignored", link="https://github.com/InternLM/lmdeploy/pull/2353", bugs="seed-unsupported")
def _(call: Call) -> Call:
    """Each request draws a seed of its own."""
    return call.asking(seed=2 if call.streaming else 3) if asked(call).get("seed") == SEED else call


@says("param-zero-sampled")
def _(call: Call, reply: Reply) -> Reply:
    """At temperature 0 the same request is answered otherwise the second time (which here is escaped)."""
    return append(reply, "!") if b"\\u4f60" in call.body and not is_stream(reply) else reply


@lets("param-bias-ignored")
def _(call: Call) -> Call:
    """logit_bias is accepted and not looked at."""
    return call.asking(logit_bias=None) if asked(call).get("logit_bias") else call


@lets("param-penalty-ignored")
def _(call: Call) -> Call:
    """frequency_penalty is accepted and not looked at."""
    return call.asking(frequency_penalty=None) if asked(call).get("frequency_penalty") == 2 else call
