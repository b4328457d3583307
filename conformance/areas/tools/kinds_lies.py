"""Lies about custom tools and the deprecated functions."""

from __future__ import annotations

from typing import Any

from conformance.areas.tools.calls_lies import each_call
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import each_message, sent, without


@lets("tool-choice-custom-ignored")
def _(call: Call) -> Call:
    """A tool_choice that names a custom tool is taken for none."""
    forced = bool(call.json) and isinstance(choice := call.json.get("tool_choice"), dict) and choice["type"] == "custom"
    return call.asking(tool_choice="none") if forced else call


@lets("tool-custom-as-function")
def _(call: Call) -> Call:
    """A custom tool is taken for a function without parameters."""
    choice = (call.json or {}).get("tool_choice")
    if not isinstance(choice, dict) or choice["type"] != "custom":
        return call
    tools = [{"type": "function", "function": tool["custom"]} for tool in call.json["tools"]]
    return call.asking(tools=tools, tool_choice={"type": "function", "function": choice["custom"]})


def _each_custom(reply: Reply, **changes: Any) -> Reply:
    def custom(made: Json) -> Json:
        return {**made, "custom": without({**made["custom"], **changes})} if "custom" in made else made

    return each_call(reply, custom)


@says("tool-custom-without-name")
def _(call: Call, reply: Reply) -> Reply:
    """The call of a custom tool does not say which."""
    return _each_custom(reply, name=...)


@says("tool-custom-input-object")
def _(call: Call, reply: Reply) -> Reply:
    """The input of a custom tool is an object."""
    return _each_custom(reply, input={"text": "Hello!"})


@lets("function-call-missing")
def _(call: Call) -> Call:
    """The deprecated functions are ignored."""
    named = isinstance(sent(call, "function_call"), dict) and sent(call, "function_call") and sent(call, "functions")
    return call.asking(functions=None, function_call=None) if named else call


def _each_function_call(reply: Reply, **changes: Any) -> Reply:
    def called(message: Json) -> Json:
        made = message.get("function_call")
        return {**message, "function_call": without({**made, **changes})} if made else message

    return each_message(reply, called)


@says("function-call-without-name")
def _(call: Call, reply: Reply) -> Reply:
    """A function_call does not say which function."""
    return _each_function_call(reply, name=...)


@says("function-call-another")
def _(call: Call, reply: Reply) -> Reply:
    """A function_call is of another function than the one that the request names."""
    return _each_function_call(reply, name="get_time") if isinstance(sent(call, "function_call"), dict) else reply


@says("function-call-arguments-object")
def _(call: Call, reply: Reply) -> Reply:
    """The arguments of a function_call are an object."""
    return _each_function_call(reply, arguments={"city": "Paris"})


@says("function-call-unasked")
def _(call: Call, reply: Reply) -> Reply:
    """Every message has a blank function_call."""
    if sent(call, "functions"):
        return reply
    return each_message(reply, lambda message: {"function_call": {"name": "", "arguments": ""}, **message})
