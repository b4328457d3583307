"""Lies about mistakes in the parameters: they are served all the same, or refused without a word of what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import asked, error, is_error
from conformance.reference.script import MODEL

HELLO = [{"role": "user", "content": "Say hello."}]


def refusal(reply: Reply, beginning: str, **changes: Any) -> Reply:
    """Change the members of the error whose message begins so; `status` is changed beside them."""
    if not is_error(reply) or not reply.body["error"]["message"].startswith(beginning):
        return reply
    return replace(error(reply, **{k: v for k, v in changes.items() if k != "status"}),
                   status=changes.get("status", reply.status))  # fmt: skip


@says("not-json-param")
def _(call: Call, reply: Reply) -> Reply:
    """A body that is not JSON is refused with "body" as its parameter."""
    return refusal(reply, "We could not parse", param="body")


# ---------------------------------------------------------------------- the model


@lets("unknown-model-served")
def _(call: Call) -> Call:
    """Whatever model is asked for, the one that is loaded answers."""
    return call.asking(model=MODEL) if "model" in asked(call) else call


@says("unknown-model-400")
def _(call: Call, reply: Reply) -> Reply:
    """An unknown model is a bad request."""
    return refusal(reply, "The model `", status=400)


@says("unknown-model-no-code")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a model has no code."""
    return refusal(reply, "The model `", code=None)


@says("unknown-model-param")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a model names the messages."""
    return refusal(reply, "The model `", param="messages")


@lets("no-model-served")
def _(call: Call) -> Call:
    """A request that names no model is served by the one that is loaded."""
    return call.asking(model=MODEL) if asked(call) and "model" not in asked(call) else call


@says("no-model-param")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal for want of a model names the messages."""
    return refusal(reply, "you must provide a model", param="messages")


# ---------------------------------------------------------------------- missing, mistyped, out of bounds


@lets("no-input-served")
def _(call: Call) -> Call:
    """A request without messages is served as if it said hello."""
    return call.asking(messages=HELLO) if asked(call) and "messages" not in asked(call) else call


@says("no-input-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal for want of a parameter does not name it."""
    return refusal(reply, "Missing required parameter", param=None)


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


# ---------------------------------------------------------------------- values and names


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
