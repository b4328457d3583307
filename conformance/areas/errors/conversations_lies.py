"""Lies about messages and schemas that cannot be: they are served all the same, or refused without saying why."""

from __future__ import annotations

from collections.abc import Callable

from conformance.areas.errors.parameters_lies import HELLO, refusal
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import asked

_LONG = 10_000
"""Characters of a message that is cut; no other probe's is as long."""


def _messages(call: Call, change: Callable[[Json], Json | None]) -> Call:
    """The call with each message changed, or left out where that gives None."""
    messages = asked(call).get("messages")
    if not isinstance(messages, list):
        return call
    return call.asking(messages=[new for old in messages if (new := change(old)) is not None])


def _form(call: Call) -> Json:
    return asked(call).get("response_format") or {}


@lets(
    "too-long-cut",
    link=("https://github.com/ollama/ollama/issues/17889", "https://github.com/ollama/ollama/issues/4967"),
    bugs=("context-overflow-inconsistent", "context-silently-truncated"),
)
def _(call: Call) -> Call:
    """A prompt beyond the context window is cut in silence."""

    def cut(message: Json) -> Json:
        text = message.get("content")
        return {**message, "content": text[:_LONG]} if isinstance(text, str) else message

    return _messages(call, cut)


@says("too-long-413")
def _(call: Call, reply: Reply) -> Reply:
    """A prompt beyond the context window is too large a body."""
    return refusal(reply, "This model's maximum context", status=413)


@says("too-long-no-code")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a long prompt has no code."""
    return refusal(reply, "This model's maximum context", code=None)


@says("too-long-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a long prompt does not name the messages."""
    return refusal(reply, "This model's maximum context", param=None)


@lets("unanswered-served")
def _(call: Call) -> Call:
    """Tool calls that nobody answered are left out of the history."""
    messages = asked(call).get("messages")
    called = isinstance(messages, list) and any(m.get("tool_calls") for m in messages)
    answered = isinstance(messages, list) and any(m.get("role") == "tool" for m in messages)
    return _messages(call, lambda m: None if m.get("tool_calls") else m) if called and not answered else call


@says("unanswered-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of an unanswered call names nothing."""
    return refusal(reply, "An assistant message with", param=None)


@lets("orphan-served")
def _(call: Call) -> Call:
    """A tool message at the beginning is read as one of the user."""
    messages = asked(call).get("messages")
    first = isinstance(messages, list) and messages and messages[0].get("role") == "tool"
    return call.asking(messages=HELLO) if first else call


@says("orphan-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a tool message does not say which message it was."""
    return refusal(reply, "Messages with role 'tool'", param="messages")


@lets("image-ignored")
def _(call: Call) -> Call:
    """Images that cannot be read are left out."""

    def without_images(message: Json) -> Json:
        parts = message.get("content")
        texts = [part for part in parts if "base64,AAAA" not in str(part)] if isinstance(parts, list) else parts
        return {**message, "content": texts}

    return _messages(call, without_images)


@says("image-no-code")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of an image has no code."""
    return refusal(reply, "Invalid image", code=None)


@lets("loose-schema-served")
def _(call: Call) -> Call:
    """A strict schema that is none is not looked at."""
    named = _form(call).get("json_schema", {})
    loose = named.get("schema", {}).get("type") == "object" and "additionalProperties" not in named["schema"]
    return call.asking(response_format={**_form(call), "json_schema": {**named, "strict": False}}) if loose else call


@says("loose-schema-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a schema does not name the parameter."""
    return refusal(reply, "Invalid schema for response_format", param=None)


@lets("json-unsaid-served")
def _(call: Call) -> Call:
    """JSON mode does not look for the word."""
    unsaid = _form(call).get("type") == "json_object" and "JSON" not in str(asked(call)["messages"])
    any_object = {"name": "any", "schema": {"type": "object"}}
    return call.asking(response_format={"type": "json_schema", "json_schema": any_object}) if unsaid else call


@says("json-unsaid-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of JSON mode does not name the messages."""
    return refusal(reply, "'messages' must contain the word", param=None)
