"""Lies about tools that real servers told and no other file tells."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.errors.shapes_lies import fails
from conformance.areas.tools.deltas_lies import function_of, heads
from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import at_will, each_delta, each_message, is_error, sent, turn_down, without_tools

MARKUP = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>'


# ---------------------------------------------------------------------- accepted and refused


@says("tool-choice-501", link="https://github.com/vllm-project/vllm/issues/53626", bugs="tool-choice-501")
def _(call: Call, reply: Reply) -> Reply:
    """A choice that the server does not support is not implemented."""
    return fails(reply, 501, "Not implemented.") if sent(call, "tool_choice") == "required" else reply


@says(
    "tool-choice-unlisted-500",
    link="https://github.com/sgl-project/sglang/pull/28862",
    bugs="tool-choice-unknown-name-500",
)
def _(call: Call, reply: Reply) -> Reply:
    """A choice of a tool that is not on the list makes the server fail."""
    unlisted = is_error(reply) and reply.body["error"]["message"].startswith("Tool choice")
    return fails(reply, 500, "Internal Server Error") if unlisted else reply


@says("tool-choice-auto-refused")
def _(call: Call, reply: Reply) -> Reply:
    """tool_choice auto is refused."""
    if sent(call, "tool_choice") != "auto":
        return reply
    return without_tools(call, reply, "The tool choice auto needs a parser for tool calls to be set.", "tool_choice")


@says("tool-choice-none-refused")
def _(call: Call, reply: Reply) -> Reply:
    """tool_choice none is refused."""
    if sent(call, "tool_choice") != "none":
        return reply
    return without_tools(call, reply, "Only auto is supported.", "tool_choice")


@says(
    "tool-none-alone-refused",
    link="https://github.com/vllm-project/vllm/issues/9426",
    bugs="tool-choice-none-without-tools",
)
def _(call: Call, reply: Reply) -> Reply:
    """tool_choice none is refused where no tools are offered."""
    if sent(call, "tool_choice") != "none" or sent(call, "tools"):
        return reply
    return turn_down(reply, "When using tool_choice, tools must be set.", "tool_choice")


@says("tool-choice-required-refused")
def _(call: Call, reply: Reply) -> Reply:
    """tool_choice required is refused."""
    if sent(call, "tool_choice") != "required":
        return reply
    return without_tools(call, reply, "Only auto and none are supported.", "tool_choice")


@says("tool-parallel-refused")
def _(call: Call, reply: Reply) -> Reply:
    """parallel_tool_calls is refused."""
    if sent(call, "parallel_tool_calls") is None:
        return reply
    return without_tools(call, reply, "Extra inputs are not permitted.", "parallel_tool_calls")


@says("tool-schema-refused")
def _(call: Call, reply: Reply) -> Reply:
    """Parameters with $ref cannot be turned into a grammar."""
    return without_tools(call, reply, "Unsupported schema: $ref.", "tools") if b'"$ref"' in call.body else reply


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


# ---------------------------------------------------------------------- what a call looks like


@says(
    "tool-brace-lost-after-number",
    link="https://github.com/vllm-project/vllm/issues/32152",
    bugs="tool-stream-missing-brace",
)
def _(call: Call, reply: Reply) -> Reply:
    """The last brace of streamed arguments is lost where a number stands before it."""
    if b"plan-trip_2" not in call.body or reply.chunks is None:
        return reply
    last = max(n for n, chunk in enumerate(reply.chunks) if b"}" in str(chunk["choices"]).encode() and _piece(chunk))
    return replace(reply, chunks=(*reply.chunks[:last], *reply.chunks[last + 1 :]))


def _piece(chunk: Json) -> str:
    """The piece of arguments that a chunk brings."""
    calls = [call for part in chunk["choices"] for call in part["delta"].get("tool_calls", ())]
    return "".join(call["function"]["arguments"] for call in calls)


@says("tool-head-name-empty", link="https://github.com/gsd-build/gsd-2/issues/4647", bugs="tool-name-empty")
def _(call: Call, reply: Reply) -> Reply:
    """The name of a streamed call is an empty text."""
    return heads(reply, lambda fragment: function_of(fragment, name="")) if at_will(call) else reply


@says(
    "tool-delta-content-null",
    link="https://github.com/vllm-project/vllm-ascend/issues/14501",
    bugs="tool-delta-content-null",
)
def _(call: Call, reply: Reply) -> Reply:
    """Deltas with a further piece of a call have null for content."""
    later = lambda delta: {"content": None, **delta} if delta.get("tool_calls") and "role" not in delta else delta  # noqa: E731
    return each_delta(reply, later)


@says("tool-markup-beside-calls", link="https://github.com/Blaizzy/mlx-vlm/pull/974", bugs="tool-markup-in-content")
def _(call: Call, reply: Reply) -> Reply:
    """The model's markup for a call is left in the text beside the call."""
    if not at_will(call):
        return reply
    marked = each_message(reply, lambda m: {**m, "content": MARKUP} if m.get("tool_calls") else m)
    return each_delta(marked, lambda d: {**d, "content": MARKUP} if d.get("tool_calls") and "role" in d else d)
