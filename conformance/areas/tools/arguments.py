"""TOOL: the arguments of calls that came to their end: whole, an object, and fit for the tool's parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from types import NoneType
from typing import Any

import jsonschema_rs

from conformance.areas.citations import FUNCTION, STRUCTURED_OUTPUTS, TOOL_CALL, node, python
from conformance.areas.tools.calls import calls, offered, parsed, settled
from conformance.exchange import Exchange, ToolCall
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import at_limit, completion, may_call, offers_tools
from conformance.judge.given import Useless, problems
from conformance.wire.jsontext import NotJSON, show


def _whole_arguments(x: Exchange) -> Iterator[tuple[str, ToolCall, str]]:
    """(path, call, arguments) of every call of a function that was not cut short and has a text, maybe empty."""
    if at_limit(x):  # cut, whatever the finish_reason says; that is for finish.cut-call
        return
    for path, choice, call in calls(x):
        if settled(choice) and call.type != "custom" and call.arguments is not None:
            yield f"{path} arguments", call, call.arguments


@lru_cache(maxsize=64)
def _validator(schema: str) -> Any:
    """The validator of a JSON Schema given as text, None where it is none. Never looks anything up."""
    try:
        return jsonschema_rs.validator_for(json.loads(schema), offline=True, validate_formats=False)
    except ValueError:
        return None


def _described(x: Exchange, *, strict: bool) -> Iterator[tuple[str, ToolCall, str, dict[str, Any]]]:
    """(path, call, arguments, schema) of every whole call of a function with parameters, of strict functions or of others.

    A function is taken for strict only where it is called alone: of parallel calls OpenAI promises nothing.
    """
    tools, alone = offered(x), not any(len(choice.tool_calls) > 1 for choice in x.choices)
    for path, call, arguments in _whole_arguments(x):
        kind, definition = tools.get(call.name, ("", {}))
        schema, binding = definition.get("parameters"), definition.get("strict") is True and alone
        if kind == "function" and isinstance(schema, dict) and binding is strict:
            yield path, call, arguments, schema


def _misfitting(x: Exchange, *, strict: bool) -> Problems:
    for path, call, arguments, schema in _described(x, strict=strict):
        validator = _validator(json.dumps(schema, sort_keys=True))
        try:
            value = parsed(arguments)
            if validator and isinstance(value, dict) and not validator.is_valid(value):
                where, seen, wanted = _first_misfit(schema, value)
                yield differs(f"{path}{where}", seen, f"{wanted} of the parameters of {show(call.name)}")
        except ValueError:  # no JSON, or text that is no Unicode: other checks say so
            continue


def _first_misfit(schema: Any, value: Any) -> tuple[str, Any, str]:
    """Which argument does not fit, how it is, and what of the schema says so; the arguments as a whole where that takes too long."""
    with suppress(Useless):
        for place, seen, wanted in problems(schema, value):
            return f" {place}" if place else "", seen, wanted
    return "", value, "what fits the schema"


@request("that offers a strict function")
def offers_strict(x: Exchange) -> bool:
    return any(definition.get("strict") is True for _, definition in offered(x).values())


@response("that calls a function to its end")
def calls_whole(x: Exchange) -> bool:
    return any(_whole_arguments(x))


@response("that calls a function with parameters")
def calls_described(x: Exchange) -> bool:
    return any(_described(x, strict=False))


@response("that calls a strict function")
def calls_strict(x: Exchange) -> bool:
    return any(_described(x, strict=True))


whole_calls = completion & may_call & calls_whole


# The specification warns that a model may write broken JSON. In genuine traffic no call that came to its end did.
@check("tool.arguments-json", MUST, when=whole_calls,
       source=(TOOL_CALL, python("openai/lib/_parsing/_completions.py", 197), node("lib/parser.ts", 253)),
       breaks=("tool-arguments-half", "tool-delta-cumulative", "tool-delta-one-index", "tool-brace-lost-after-number"),
       covers=("TOOL-003", "TOOL-029"))  # fmt: skip
def arguments_are_json(x: Exchange) -> Problems:
    """The arguments of a call that was not cut short are one whole JSON text.

    json.loads and JSON.parse raise in both SDKs' strict parsing, and in every agent.
    """
    for path, _, arguments in _whole_arguments(x):
        try:
            if arguments:
                parsed(arguments)
        except NotJSON as reason:
            yield differs(path, arguments, f"a JSON text ({reason})")


@check("tool.arguments-object", MUST, when=whole_calls, source=(TOOL_CALL, FUNCTION), breaks="tool-arguments-encoded-twice",
       covers="TOOL-003")  # fmt: skip
def arguments_are_an_object(x: Exchange) -> Problems:
    """The arguments of a call are a JSON object, not a string that was encoded twice; of a strict function nor null or an array.

    Clients hand its members to the function by name: `f(**json.loads(arguments))` raises TypeError.
    """
    # What a model writes for a function that is not strict is its own, but for what is no model's: a text in a text.
    for path, call, arguments in _whole_arguments(x):
        try:
            kinds = (
                str
                if offered(x).get(call.name, ("", {}))[1].get("strict") is not True
                else (str, list, int, float, NoneType)
            )
            if arguments and isinstance(parsed(arguments), kinds):
                yield differs(path, arguments, "the text of a JSON object")
        except NotJSON:
            continue  # tool.arguments-json says so


@check("tool.arguments-empty", MUST, when=whole_calls,
       source=(TOOL_CALL, python("openai/lib/_parsing/_completions.py", 197), node("lib/parser.ts", 253)),
       breaks="tool-arguments-empty", covers="TOOL-003")  # fmt: skip
def arguments_are_never_empty(x: Exchange) -> Problems:
    """A call without arguments says "{}", never an empty text.

    JSON.parse("") and json.loads("") raise; some agents then drop the call in silence.
    """
    for path, _, arguments in _whole_arguments(x):
        if not arguments:
            yield differs(path, arguments, '"{}" at least')


# No MUST: 1 of some 340 genuine answers misses the schema of its tool, which was not strict.
@check("tool.arguments-fit", SHOULD, when=completion & offers_tools & calls_described, source=(TOOL_CALL, FUNCTION),
       breaks=("tool-arguments-misfit", "tool-stream-untyped", "tool-plain-untyped", "text-escaped", "text-mark-eaten",
               "text-number-typed", "text-replaced-in-stream", "text-trimmed-in-stream", "text-typed-in-stream",
               "utf8-read-as-latin1"),
       covers="TOOL-004")  # fmt: skip
def arguments_fit_the_parameters(x: Exchange) -> Problems:
    """The arguments of a call fit the JSON Schema in the tool's `parameters`.

    A missing or misspelled argument reaches the function as an error of the caller's code.
    """
    yield from _misfitting(x, strict=False)


@check("tool.arguments-strict", MUST, when=completion & offers_strict & calls_strict, source=(FUNCTION, STRUCTURED_OUTPUTS),
       breaks="tool-arguments-not-strict", covers="TOOL-004")  # fmt: skip
def strict_arguments_fit_the_parameters(x: Exchange) -> Problems:
    """The arguments of a call to a tool with `strict: true`, made alone, fit its `parameters` exactly.

    Callers of strict tools skip validation; openai-python's parse() raises ValidationError.
    """
    yield from _misfitting(x, strict=True)
