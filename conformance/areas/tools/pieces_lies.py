"""Lies about the pieces of a call in a stream: what comes once, and what they add up to."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.tools.choice_lies import keeping
from conformance.areas.tools.deltas_lies import fragments, function_of, heads
from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import at_will


@says("tool-delta-whole-call", link="https://github.com/ollama/ollama/issues/13581", bugs="tool-stream-single-chunk")
def _(call: Call, reply: Reply) -> Reply:
    """A streamed call comes whole, in one fragment."""
    whole: dict[int, str] = {}
    for fragment in (fragment for chunk in reply.chunks or () for fragment in fragments(chunk)):
        if "function" in fragment:
            whole[fragment["index"]] = whole.get(fragment["index"], "") + fragment["function"]["arguments"]
    if not whole:
        return reply
    return heads(keeping(reply, lambda f: "id" in f), lambda f: function_of(f, arguments=whole[f["index"]]))


@says("tool-delta-piece-object")
def _(call: Call, reply: Reply) -> Reply:
    """The first piece of the arguments is an empty object."""
    return heads(reply, lambda fragment: function_of(fragment, arguments={})) if at_will(call) else reply


@says(
    "tool-delta-piece-null",
    link=("https://github.com/lidge-jun/opencodex/pull/1754", "https://github.com/shiaho777/web-to-app/issues/394"),
    bugs="tool-delta-args-null",
)
def _(call: Call, reply: Reply) -> Reply:
    """The first piece of the arguments is null."""
    return heads(reply, lambda fragment: function_of(fragment, arguments=None)) if at_will(call) else reply


@says(
    "tool-stream-without-arguments",
    link="https://github.com/vllm-project/vllm/issues/28806",
    bugs="tool-stream-noarg-dropped",
)
def _(call: Call, reply: Reply) -> Reply:
    """The arguments of a function without parameters are not streamed at all."""
    functions = [tool["function"] for tool in (call.json or {}).get("tools") or () if "function" in tool]
    if not functions or any("parameters" in function for function in functions):
        return reply
    return heads(keeping(reply, lambda f: "id" in f), lambda f: function_of(f, arguments=...))


@says("tool-delta-after-finish")
def _(call: Call, reply: Reply) -> Reply:
    """The last piece of the arguments comes after the finish reason."""
    late = [chunk for chunk in reply.chunks or () if fragments(chunk)][-1:]
    if not late:
        return reply
    chunks = [chunk for chunk in reply.chunks if chunk is not late[0]]
    at = next(n for n, chunk in enumerate(chunks) if any(part["finish_reason"] for part in chunk["choices"]))
    return replace(reply, chunks=(*chunks[: at + 1], late[0], *chunks[at + 1 :]))


@says(
    "tool-head-without-arguments",
    link=("https://github.com/moeru-ai/xsai/issues/235", "https://github.com/openai-php/client/pull/623"),
)
def _(call: Call, reply: Reply) -> Reply:
    """The first fragment of a call has no key for the arguments, which follow."""
    return heads(reply, lambda fragment: function_of(fragment, arguments=...)) if at_will(call) else reply
