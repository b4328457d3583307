"""Lies about documented values of parameters, which are turned down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import asked, turn_down

STOPS = ["@@", "7 8 9"]


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
    """A temperature of 0 is out of bounds."""
    wrong = reply.status < 400 and asked(call).get("temperature") == 0
    return turn_down(reply, "temperature must be in the range (0, 2].", "temperature") if wrong else reply


@says("param-refusal-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """What the server does not support it calls a bad request, and no more."""
    return turn_down(reply, "Bad request.") if asked(call).get("presence_penalty") == 2 else reply
