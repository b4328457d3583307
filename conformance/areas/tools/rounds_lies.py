"""Lies about the rounds of calls and results: results turned down, calls that differ when streamed."""

from __future__ import annotations

from conformance.areas.tools.arguments_lies import each_piece
from conformance.areas.tools.choice_lies import chosen
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import at_will, position, turn_down


@says(
    "tool-result-refused", link="https://github.com/anomalyco/opencode/issues/1680", bugs="tool-call-id-format-strict"
)
def _(call: Call, reply: Reply) -> Reply:
    """A conversation with results is refused for the ids of its calls."""
    n = position(call, lambda message: message.get("role") == "tool")
    if n is None or reply.status >= 400:
        return reply
    return turn_down(reply, "The id of a call must be 9 letters long.", f"messages[{n}].tool_call_id")


@lets("tool-result-unread")
def _(call: Call) -> Call:
    """The chat template leaves out what tools answered."""
    messages = (call.json or {}).get("messages")
    if not isinstance(messages, list):
        return call
    return call.asking(messages=[{**m, "content": "done"} if m.get("role") == "tool" else m for m in messages])


@lets("tool-parameters-demanded")
def _(call: Call) -> Call:
    """A function without parameters is refused."""
    tools = (call.json or {}).get("tools") or ()
    bare = any("parameters" not in (tool.get("function") or {"parameters": {}}) for tool in tools)
    return call.asking(messages=[]) if bare and chosen(call) == "required" else call


@says("tool-stream-arguments-differ")
def _(call: Call, reply: Reply) -> Reply:
    """Streamed arguments name another city than plain ones."""
    return each_piece(reply, lambda piece: piece.replace("Paris", "Lyon")) if at_will(call) else reply
