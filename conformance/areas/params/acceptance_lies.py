"""Lies about parameters: documented values turned down, limits and seeds that do nothing, wrong values let through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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

STOPS = ["@@", "5 6 7"]
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


# ---------------------------------------------------------------------- turned down


def _refuses(param: str, message: str, test: Callable[[Any], object]) -> Callable[[Call, Reply], Reply]:
    def refuse(call: Call, reply: Reply) -> Reply:
        wrong = reply.status < 400 and param in asked(call) and test(asked(call)[param])
        return turn_down(reply, message, param, "invalid_value") if wrong else reply

    return refuse


for _name, _param, _message, _test, _link in (
    ("temperature-two", "temperature", "temperature must be at most 1.", lambda value: value == 2, ()),
    ("top-p", "top_p", "top_p must be below 1.", lambda value: value == 1, ()),
    ("penalties", "presence_penalty", "presence_penalty is not supported.", lambda value: value == 2, ()),
    ("logit-bias", "logit_bias", "logit_bias is not supported.", bool, ()),
    ("seed", "seed", "seed is not supported.", bool, ()),
    ("nulls", "temperature", "temperature: None is not a number.", lambda value: value is None, ()),
    ("null-tools", "tool_choice", "tool_choice: None is not allowed.", lambda value: value is None,
     "https://github.com/plmbr/notebook-intelligence/pull/115"),
    ("user", "user", "user: extra inputs are not permitted.", bool, ()),
    ("safety-identifier", "safety_identifier", "safety_identifier: extra inputs are not permitted.", bool, ()),
    ("cache-key", "prompt_cache_key", "prompt_cache_key: extra inputs are not permitted.", bool, ()),
    ("metadata", "metadata", "metadata: extra inputs are not permitted.", bool, ()),
    ("store", "store", "store: extra inputs are not permitted.", bool, ()),
    ("tier", "service_tier", "service_tier: extra inputs are not permitted.", bool, ()),
    ("prediction", "prediction", "prediction: extra inputs are not permitted.", bool, ()),
    ("obfuscation", "stream_options", "include_obfuscation: extra inputs are not permitted.",
     lambda value: isinstance(value, dict) and "include_obfuscation" in value, ()),
):  # fmt: skip
    _refuse = _refuses(_param, _message, _test)
    _refuse.__doc__ = f"A request is turned down for its {_param} ({_name})."
    says(f"param-refuses-{_name}", link=_link)(_refuse)


@says(
    "param-refuses-temperature-zero",
    link="https://github.com/ai-forever/gigachain/issues/237",
    bugs="param-temperature-zero-rejected",
)
def _(call: Call, reply: Reply) -> Reply:
    """A temperature of 0 is out of bounds (beside stop sequences)."""
    wrong = asked(call).get("stop") == STOPS and asked(call).get("temperature") == 0
    return turn_down(reply, "temperature must be in the range (0, 2].", "temperature") if wrong else reply


@says("param-refusal-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """What the server does not support it calls a bad request, and no more."""
    return turn_down(reply, "Bad request.") if asked(call).get("presence_penalty") == 2 else reply


@says("param-seed-500", link="https://github.com/HabanaAI/vllm-fork/issues/773", bugs="seed-crash-500")
def _(call: Call, reply: Reply) -> Reply:
    """A seed makes the server fail."""
    return crash(reply) if asked(call).get("seed") is not None else reply


# ---------------------------------------------------------------------- limits and stops


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


# ---------------------------------------------------------------------- without effect


@lets("param-seed-ignored", link="https://github.com/InternLM/lmdeploy/pull/2353", bugs="seed-unsupported")
def _(call: Call) -> Call:
    """Each request draws a seed of its own."""
    return call.asking(seed=2 if call.streaming else 3) if asked(call).get("seed") else call


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


# ---------------------------------------------------------------------- let through


def _lets_through(param: str, wrong: Any) -> Callable[[Call], Call]:
    def drop(call: Call) -> Call:
        return call.asking(**{param: None}) if asked(call).get(param) == wrong else call

    return drop


for _name, _param, _wrong in (
    ("effort-unknown-served", "reasoning_effort", "banana"),
    ("top-p-clamped", "top_p", 1.5),
    ("penalty-clamped", "presence_penalty", 2.5),
    ("n-zero-served", "n", 0),
):
    _drop = _lets_through(_param, _wrong)
    _drop.__doc__ = f"A wrong {_param} is dropped without a word."
    lets(f"param-{_name}")(_drop)
