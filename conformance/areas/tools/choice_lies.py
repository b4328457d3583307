"""Lies about what the request decides on calls: choices that are ignored, forced, refused or accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.areas.tools.deltas_lies import fragments
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import at_will, sent


def chosen(call: Call) -> Any:
    """What the request chose: the word, or the type of the object; None without a choice."""
    choice = (call.json or {}).get("tool_choice")
    return choice["type"] if isinstance(choice, dict) else choice


def _instead(way: str, choice: Any) -> Callable[[Call], Call]:
    """The rewriting of calls that chose this way, with tools, to another choice; None removes it."""
    return lambda call: call.asking(tool_choice=choice) if chosen(call) == way and call.json.get("tools") else call


@lets("tool-choice-none-ignored", link="https://github.com/ollama/ollama/issues/17921", bugs="tool-choice-none-ignored")
def _(call: Call) -> Call:
    """tool_choice none is taken for auto."""
    return _instead("none", "auto")(call)


@lets("tool-choice-auto-forces")
def _(call: Call) -> Call:
    """Tools on offer force a call."""
    return call.asking(tool_choice="required") if at_will(call) else call


@lets("tool-choice-auto-ignored", link="https://github.com/cloudflare/ai/issues/192")
def _(call: Call) -> Call:
    """Tools are not called unless the request forces it."""
    return call.asking(tool_choice="none") if at_will(call) else call


@lets(
    "tool-stream-without-calls",
    link="https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/1066",
    bugs="tool-stream-none-generated",
)
def _(call: Call) -> Call:
    """Tools are not called in streams unless the request forces it."""
    return call.asking(tool_choice="none") if at_will(call) and call.streaming else call


@lets("tool-choice-required-ignored")
def _(call: Call) -> Call:
    """tool_choice required is taken for auto."""
    return _instead("required", "auto")(call)


@lets("tool-choice-named-ignored")
def _(call: Call) -> Call:
    """A tool_choice that names a function of the list is taken for none."""
    return _instead("function", "none")(call) if _listed(call) else call


@lets("tool-choice-name-ignored")
def _(call: Call) -> Call:
    """A tool_choice that names a function of the list is taken for required."""
    return _instead("function", "required")(call) if _listed(call) else call


@lets(
    "tool-choice-object-refused",
    link="https://github.com/vectorize-io/hindsight/pull/528",
    bugs="tool-choice-object-rejected",
)
def _(call: Call) -> Call:
    """A tool_choice that names a function is refused: only the three words are known."""
    return _instead("function", "an object")(call)


def _listed(call: Call) -> bool:
    """The function that the choice names is among the tools."""
    names = [tool.get("function", {}).get("name") for tool in (call.json or {}).get("tools") or ()]
    return chosen(call) == "function" and call.json["tool_choice"]["function"]["name"] in names


@lets("tool-allowed-ignored")
def _(call: Call) -> Call:
    """The list of allowed tools is ignored."""
    return _instead("allowed_tools", "required")(call)


@lets("tool-allowed-mode-ignored")
def _(call: Call) -> Call:
    """The mode of allowed tools is taken for auto."""
    if chosen(call) != "allowed_tools":
        return call
    choice = call.json["tool_choice"]
    return call.asking(tool_choice={**choice, "allowed_tools": {**choice["allowed_tools"], "mode": "auto"}})


@lets("tool-parallel-ignored")
def _(call: Call) -> Call:
    """parallel_tool_calls is ignored."""
    return call.asking(parallel_tool_calls=None) if sent(call, "parallel_tool_calls") is False else call


@lets("tool-parallel-dropped")
def _(call: Call) -> Call:
    """Of several calls only the first is kept."""
    readable = not isinstance(sent(call, "parallel_tool_calls"), str)
    return call.asking(parallel_tool_calls=False) if readable and at_will(call) else call


@lets("tool-choice-unlisted-accepted")
def _(call: Call) -> Call:
    """A tool_choice that names a tool not on the list is taken for auto."""
    return call if _listed(call) else _instead("function", "auto")(call)


@lets("tool-choice-alone-accepted")
def _(call: Call) -> Call:
    """A tool_choice without tools is ignored."""
    return call.asking(tool_choice=None) if call.json and not call.json.get("tools") else call


@lets("tool-choice-any-accepted")
def _(call: Call) -> Call:
    """A tool_choice that nobody documented is taken for auto."""
    return _instead("any", "auto")(call)


@lets("tool-name-malformed-accepted")
def _(call: Call) -> Call:
    """Names of functions are cleaned up instead of refused."""

    def cleaned(tool: Any) -> Any:
        kind = tool["type"]
        if kind not in tool:
            return tool
        return {
            **tool,
            kind: {**tool[kind], "name": "".join(c for c in tool[kind]["name"] if c.isalnum() or c in "_-")},
        }

    return (
        call.asking(tools=[cleaned(tool) for tool in call.json["tools"]])
        if call.json and call.json.get("tools")
        else call
    )


def keeping(reply: Reply, keep: Callable[[Json], bool]) -> Reply:
    """Drop the chunks whose fragment is not to be kept."""
    if reply.chunks is None:
        return reply
    return replace(reply, chunks=tuple(chunk for chunk in reply.chunks if all(map(keep, fragments(chunk)))))


@says(
    "tool-stream-one-call",
    link="https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/759",
    bugs="tool-parallel-stream-broken",
)
def _(call: Call, reply: Reply) -> Reply:
    """Of several calls only the first is streamed."""
    return keeping(reply, lambda fragment: fragment["index"] == 0)
