"""Lies that refuse what is asked for streamed."""

from __future__ import annotations

from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import at_will, sent, turn_down, without_tools


@says("stream-options-refused")
def _(call: Call, reply: Reply) -> Reply:
    """`stream_options` is an unknown parameter, where nothing else is asked for."""
    asked = call.streaming and call.json.get("stream_options") == {"include_usage": True} and reply.status < 400
    asked = asked and not call.json.get("tools")
    return turn_down(reply, "Extra inputs are not permitted.", "stream_options") if asked else reply


@says(
    "stream-with-tools-refused",
    link="https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/1066",
    bugs="tool-stream-none-generated",
)
def _(call: Call, reply: Reply) -> Reply:
    """Tools cannot be used in streams."""
    if not call.streaming or not at_will(call) or sent(call, "response_format"):
        return reply
    return without_tools(call, reply, "Cannot use tools with stream.", "tools")
