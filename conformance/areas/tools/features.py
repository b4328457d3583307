"""Features of tool calls: which tools there can be, and how the request chooses among them."""

from __future__ import annotations

import json
from typing import Any

from conformance.exchange import Exchange, find, need
from conformance.judge.condition import request
from conformance.judge.conditions import asked, offers_tools, tool_choice
from conformance.judge.features import HONOURED, Finding, feature, ignored, unclear, unseen, wrong
from conformance.judge.given import Useless, problems
from conformance.judge.refusals import asking
from conformance.wire.jsontext import NotJSON, parse, show

open_choice = request("that leaves the choice of a tool open")(lambda x: x.asked.get("tool_choice") in (None, "auto"))


def called(x: Exchange) -> list[str | None]:
    """The names of the tools called, in all choices."""
    return [call.name for choice in x.choices for call in choice.tool_calls]


def free(x: Exchange) -> bool:
    """The model ended its answer by itself: not cut, not filtered, not refused."""
    return any(choice.finish_reason in ("stop", "tool_calls") and not choice.refusal for choice in x.choices)


def _unforced(x: Exchange) -> Finding:
    """No call where one was forced."""
    return ignored("a text came instead of a call") if free(x) else unclear("the answer ended before any call")


def chosen(x: Exchange) -> Any:
    return find(x.asked, "tool_choice")


@feature(
    "tools", when=asking & offers_tools & open_choice, names=("tool", "function"), profile="agents", probes="tools.auto",
)  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """A question that only a tool can answer is answered by a call, though nothing forces one; ignored, by words."""
    if called(x):
        return HONOURED
    return unseen("no call, though the question asks for one") if "must-call" in x.intent else None


@feature("tool_choice_required", words="required tool calls", when=asking & tool_choice("required"), names=("tool_choice", "required"),
         probes="tools.required", profile="agents", part_of="tools")  # fmt: skip
def _(x: Exchange) -> Finding:
    """A greeting with a forced tool is answered by a call; ignored, by a greeting."""
    return HONOURED if called(x) else _unforced(x)


@feature("tool_choice_named", words="the choice of a tool by name",
         when=asking & tool_choice("function"), names=("tool_choice", "tool choice"),
         probes="tools.named", profile="agents", part_of="tools")  # fmt: skip
def _(x: Exchange) -> Finding:
    """The tool that is named is called, though the question is for the other one; ignored, the other is."""
    wanted = find(chosen(x), "function.name")
    other = [name for name in called(x) if name != wanted]
    return ignored(f"{show(other[0], 60)} was called") if other else HONOURED if called(x) else _unforced(x)


@feature("tool_choice_none", words="the choice of no tool", when=asking & tool_choice("none"), names=("tool_choice", "none"), needs="tools",
         probes=("tools.none", "tools.auto"), profile="agents", part_of="tools")  # fmt: skip
def _(x: Exchange) -> Finding:
    """A question that only a tool can answer is answered by words, for no tool may be called; ignored, by a call."""
    return ignored(f"{show(called(x)[0], 60)} was called") if called(x) else HONOURED


@feature("allowed_tools", when=asking & tool_choice("allowed_tools"), names=("tool_choice", "allowed_tools"),
         probes="tools.allowed", profile="full", part_of="tools")  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """The one tool that is allowed is called, though the question is for another; ignored, the other is."""
    listed = need(chosen(x), "allowed_tools.tools", list)
    allowed = [find(tool, f"{find(tool, 'type')}.name") for tool in listed]
    if other := [name for name in called(x) if name not in allowed]:
        return ignored(f"{show(other[0], 60)} was called")
    must = find(chosen(x), "allowed_tools.mode") == "required"
    return HONOURED if called(x) else _unforced(x) if must else None


@feature("parallel_tools", words="parallel tool calls",
         names=("parallel", "tool"), probes="tools.parallel", profile="agents", part_of="tools",
         when=asking & offers_tools & open_choice & request("with parallel calls")(
             lambda x: x.asked.get("parallel_tool_calls") is not False))  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """A question about two cities is answered by two calls at once; not supported, by one."""
    if any(len(choice.tool_calls) > 1 for choice in x.choices):
        return HONOURED
    return unseen("one call at most, though the question asks for two") if "two-calls" in x.intent else None


@feature("parallel_tools_off", words="one tool call at a time",
         names=("parallel_tool_calls",), needs="parallel_tools", probes=("tools.single", "tools.parallel"),
         part_of="tools",
         when=asking & offers_tools & request("without parallel calls")(
             lambda x: x.asked.get("parallel_tool_calls") is False), profile="agents")  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """The same question is answered by one call where parallel_tool_calls is false; ignored, by two."""
    most = max(len(choice.tool_calls) for choice in x.choices)
    return ignored(f"{most} calls in one answer") if most > 1 else HONOURED if most else None


def _strict(x: Exchange) -> dict[str, Any]:
    """The schemas of the strict functions, by name."""
    tools = x.asked.get("tools")
    functions = [find(tool, "function") for tool in (tools if isinstance(tools, list) else ())]
    return {
        str(find(function, "name")): find(function, "parameters")
        for function in functions
        if find(function, "strict") is True and isinstance(find(function, "parameters"), dict)
    }


@feature("strict_tools", when=asking & request("with strict tools")(_strict), names=("strict",), probes="tools.strict",
         profile="agents", part_of="tools")  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """Arguments fit a strict schema that contradicts the question; ignored, they say what the question says."""
    schemas, fits = _strict(x), False
    for choice in x.choices:
        alone = len(choice.tool_calls) == 1  # of parallel calls OpenAI promises nothing
        for call in choice.tool_calls if alone and choice.finish_reason != "length" else ():
            if call.name in schemas:
                try:
                    misfit = next(problems(schemas[call.name], parse((call.arguments or "").encode())), None)
                except NotJSON:
                    return wrong(f"the arguments are {show(call.arguments, 60)}, which is no JSON")
                except Useless:
                    return None
                if misfit is not None:
                    return ignored(f"the arguments are {show(call.arguments, 60)}, which the schema does not allow")
                fits = True
    return HONOURED if fits else None


@feature("custom_tools", names=("custom", "type"), probes="tools.custom", part_of="tools",
         when=asking & request("with custom tools")(lambda x: '"custom"' in json.dumps(x.asked.get("tools"))))  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """A custom tool that is forced is called with free text; ignored, a text comes or a function is called."""
    kinds = [call.type for choice in x.choices for call in choice.tool_calls]
    if "custom" in kinds:
        return HONOURED
    if tool_choice("custom")(x) is not True:
        return None
    return wrong("the tool was called as a function") if kinds else _unforced(x)


@feature(
    "functions",
    words="the deprecated functions",
    when=asking & asked("functions"),
    names=("function",),
    probes="tools.functions",
    profile="full",
    part_of="tools",
)
def _(x: Exchange) -> Finding | None:
    """The deprecated `functions` are answered by `function_call`; ignored, by words."""
    parts = [part for _, _, part in x.deltas] if x.streaming else need(x.answer, "choices", list)
    path = "delta.function_call.name" if x.streaming else "message.function_call.name"
    named = isinstance(x.asked.get("function_call"), dict)
    if any(isinstance(find(part, path), str) for part in parts):
        return HONOURED
    return wrong("tool_calls came instead of function_call") if called(x) else _unforced(x) if named else None
