"""Lies about mistakes in the parameters: they are served all the same, or refused without a word of what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import asked, error, is_error

HELLO = [{"role": "user", "content": "Say hello."}]


def refusal(reply: Reply, beginning: str, **changes: Any) -> Reply:
    """Change the members of the error whose message begins so; `status` is changed beside them."""
    if not is_error(reply) or not reply.body["error"]["message"].startswith(beginning):
        return reply
    return replace(error(reply, **{k: v for k, v in changes.items() if k != "status"}),
                   status=changes.get("status", reply.status))  # fmt: skip


@lets("no-input-served")
def _(call: Call) -> Call:
    """A request without messages is served as if it said hello."""
    return call.asking(messages=HELLO) if asked(call) and "messages" not in asked(call) else call


@says("no-input-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal for want of a parameter does not name it."""
    return refusal(reply, "Missing required parameter: 'messages'", param=None)


def _repaired(name: str, wrong: Callable[[Any], bool], value: Any) -> Callable[[Call], Call]:
    """A server that takes `value` for a parameter that is wrong, None for its default."""
    return lambda call: call.asking(**{name: value}) if wrong(asked(call).get(name)) else call


@lets("wrong-type-served")
def _(call: Call) -> Call:
    """A temperature that is a text is ignored."""
    return _repaired("temperature", lambda value: isinstance(value, str), None)(call)


@says("wrong-type-no-code")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a wrong type has no code."""
    return refusal(reply, "Invalid type for", code=None)


@says("wrong-type-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a wrong type does not name the parameter."""
    return refusal(reply, "Invalid type for", param=None)


@lets("above-served")
def _(call: Call) -> Call:
    """A temperature above the maximum is cut down to it."""
    return _repaired("temperature", lambda value: isinstance(value, float) and value > 2, 2)(call)


@says("above-no-code")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a number above its maximum has no code."""
    return refusal(reply, "Invalid 'temperature': decimal above", code=None)


@says("above-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a number above its maximum does not name the parameter."""
    return refusal(reply, "Invalid 'temperature': decimal above", param=None)


@lets("below-served")
def _(call: Call) -> Call:
    """A limit of -1 is no limit."""
    return _repaired("max_completion_tokens", lambda value: value == -1, None)(call)


@says("below-no-code")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a number below its minimum has no code."""
    return refusal(reply, "Invalid 'max_completion_tokens': integer below", code=None)


@says("below-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a number below its minimum does not name the parameter."""
    return refusal(reply, "Invalid 'max_completion_tokens': integer below", param=None)


@lets("bad-value-served")
def _(call: Call) -> Call:
    """A response_format of an unknown type is ignored."""
    return _repaired("response_format", lambda value: value == {"type": "object"}, None)(call)


@says("bad-value-no-code")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of an unknown value has no code."""
    return refusal(reply, "Invalid value: 'object'", code=None)


@says("bad-value-param")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a value inside an object names the object only."""
    return refusal(reply, "Invalid value: 'object'", param="response_format")


@lets(
    "unknown-parameter-served",
    link="https://github.com/ralphgrewe/TradingAgents/issues/168",
    bugs="unknown-params-ignored-compat",
)
def _(call: Call) -> Call:
    """Unknown parameters are ignored."""
    return call.asking(conformance_unknown=None) if "conformance_unknown" in asked(call) else call


@says("unknown-parameter-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of an unknown parameter does not say which."""
    return refusal(reply, "Unrecognized request argument", message="Unrecognized request argument.")


@says("unsupported-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of what the model does not support does not name it."""
    return refusal(reply, "Unsupported parameter: 'reasoning_effort'", param=None)


@says("unsupported-no-code")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of max_tokens has no code."""
    return refusal(reply, "Unsupported parameter: 'max_tokens'", code=None)


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
