"""Lies about the arguments of a call: no JSON, of other types, or not what the schema allows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.areas.tools.calls_lies import each_call, each_fragment
from conformance.areas.tools.deltas_lies import function_of
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import at_will


def each_piece(reply: Reply, change: Callable[[str], str]) -> Reply:
    """Change every piece of the arguments in a stream; other replies stay."""

    def piece(fragment: Json, first: bool) -> Json:
        function = fragment["function"]
        return {**fragment, "function": {**function, "arguments": change(function["arguments"])}}

    return each_fragment(reply, piece)


@says("tool-arguments-half", link="https://github.com/vllm-project/vllm/issues/32152", bugs="tool-stream-missing-brace")
def _(call: Call, reply: Reply) -> Reply:
    """The last brace of streamed arguments is lost."""
    return each_piece(reply, lambda piece: piece.replace("}", "")) if at_will(call) else reply


@says("tool-arguments-encoded-twice")
def _(call: Call, reply: Reply) -> Reply:
    """The text of the arguments is encoded a second time."""

    def again(made: Json) -> Json:
        return {**made, "function": {**made["function"], "arguments": json.dumps(made["function"]["arguments"])}}

    return each_call(reply, again) if at_will(call) else reply


@says(
    "tool-arguments-empty", link="https://github.com/openai/openai-agents-js/issues/664", bugs="tool-args-empty-string"
)
def _(call: Call, reply: Reply) -> Reply:
    """A call without arguments has an empty text instead of {}."""

    def empty(made: Json) -> Json:
        bare = made["type"] == "function" and made["function"]["arguments"] == "{}"
        return {**made, "function": {**made["function"], "arguments": ""}} if bare else made

    return each_call(reply, empty)


_CHOICE = re.compile(r', "enum": \[[^]]*\]')


def _misread(call: Call, *, strict: bool) -> Call:
    """The call as read by a server that takes the strings that tools want, strict ones or others, for integers."""

    def misread(tool: Json) -> Json:
        function = tool.get("function", {})
        if "parameters" not in function or bool(function.get("strict")) is not strict:
            return tool
        return json.loads(_CHOICE.sub("", json.dumps(tool).replace('"string"', '"integer"')))

    return (
        call.asking(tools=[misread(tool) for tool in call.json["tools"]])
        if call.json and call.json.get("tools")
        else call
    )


@lets("tool-arguments-misfit")
def _(call: Call) -> Call:
    """The arguments have other types than the tool's parameters."""
    return _misread(call, strict=False)


@lets("tool-arguments-not-strict")
def _(call: Call) -> Call:
    """The arguments of a strict tool have other types than its parameters."""
    return _misread(call, strict=True)


@says("tool-delta-cumulative")
def _(call: Call, reply: Reply) -> Reply:
    """Every piece of the arguments holds all of the text so far."""
    so_far: dict[int, str] = {}

    def grown(fragment: Json, first: bool) -> Json:
        if "function" not in fragment:
            return fragment
        so_far[fragment["index"]] = so_far.get(fragment["index"], "") + fragment["function"]["arguments"]
        return function_of(fragment, arguments=so_far[fragment["index"]])

    return each_fragment(reply, grown)


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


def _as_texts(value: Any) -> Any:
    """The value with every number and boolean as its text."""
    if isinstance(value, dict):
        return {key: _as_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_texts(item) for item in value]
    return json.dumps(value) if isinstance(value, (int, float)) else value


def _untyped(text: str) -> str:
    return json.dumps(_as_texts(json.loads(text)))


@says("tool-stream-untyped", link="https://github.com/vllm-project/vllm/issues/49316", bugs="tool-args-stream-untyped")
def _(call: Call, reply: Reply) -> Reply:
    """In streams, numbers and booleans of the arguments are strings."""
    if b"plan-trip_2" not in call.body or reply.chunks is None:
        return reply
    whole = iter([_untyped("".join(map(_piece, reply.chunks)))])  # the first piece has it all, the others nothing
    return each_fragment(
        reply, lambda fragment, first: fragment if first else function_of(fragment, arguments=next(whole, ""))
    )


@says("tool-plain-untyped")
def _(call: Call, reply: Reply) -> Reply:
    """In plain answers, numbers and booleans of the arguments are strings."""
    if b"plan-trip_2" not in call.body or reply.chunks is not None:
        return reply
    return each_call(reply, lambda made: function_of(made, arguments=_untyped(made["function"]["arguments"])))
