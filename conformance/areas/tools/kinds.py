"""TOOL: the kinds of tools beside functions in `tools`: custom tools with free text, and the deprecated `functions`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.areas.citations import CUSTOM_CALL, MESSAGE, NAMED_CUSTOM, REQUEST, node
from conformance.areas.tools.calls import calls, finished, messages, offered, parsed
from conformance.areas.tools.choice import names_other_than, without_call
from conformance.exchange import ABSENT, Exchange, find
from conformance.judge import MAY, MUST, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import asked, chat, completion, cut_by_limit, tool_calls, tool_choice
from conformance.judge.objects import OBJECTS, misfits
from conformance.wire.jsontext import NotJSON


@request("that offers a custom tool")
def offers_custom(x: Exchange) -> bool:
    return any(kind == "custom" for kind, _ in offered(x).values())


@response("whose message calls a custom tool")
def carries_custom(x: Exchange) -> bool:
    return next(OBJECTS["custom-call"](x), None) is not None


@request("that offers no deprecated functions")
def offers_no_functions(x: Exchange) -> bool:
    return bool(x.asked) and not x.asked.get("functions")


@response("whose message has a function_call")
def carries_function_call(x: Exchange) -> bool:
    return any(message.get("function_call") is not None for _, message in messages(x))


@request("whose function_call names a function")
def names_a_function(x: Exchange) -> bool:
    return bool(x.asked.get("functions")) and isinstance(find(x.asked, "function_call.name"), str)


# ---------------------------------------------------------------------- custom tools


@check("tool.custom-forced", MAY, when=completion & finished & tool_choice("custom"), source=NAMED_CUSTOM,
       breaks="tool-choice-custom-ignored", covers="TOOL-012")  # fmt: skip
def custom_choice_gives_that_call(x: Exchange) -> Problems:
    """A tool_choice that names a custom tool gives a call of it, and of no other."""
    yield from without_call(x)
    yield from names_other_than(x, [find(x.asked, "tool_choice.custom.name")])


@check("tool.custom-type", MAY, when=tool_calls & offers_custom, source=CUSTOM_CALL, breaks="tool-custom-as-function",
       covers="TOOL-021")  # fmt: skip
def call_has_the_kind_of_its_tool(x: Exchange) -> Problems:
    """A call has the type of its tool: "custom" for a custom tool, "function" for a function.

    Read as a function, free text is parsed as JSON and fails.
    """
    tools = offered(x)
    for path, _, call in calls(x):
        kind = tools.get(call.name, (None,))[0]
        if kind is not None and call.type is not None and call.type != kind:
            yield differs(f"{path} type", call.type, f'"{kind}"')


@check("tool.custom-name", MUST, when=chat & offers_custom & carries_custom, source=CUSTOM_CALL, breaks="tool-custom-without-name",
       covers="TOOL-021")  # fmt: skip
def custom_call_has_a_name(x: Exchange) -> Problems:
    """The `custom` of a custom tool's call has a `name`, a non-empty string."""
    yield from misfits(x, "custom-call", "name")


@check("tool.custom-input", MUST, when=chat & offers_custom & carries_custom, source=CUSTOM_CALL, breaks="tool-custom-input-object",
       covers="TOOL-021")  # fmt: skip
def custom_call_has_an_input(x: Exchange) -> Problems:
    """The `custom` of a custom tool's call has an `input`, a string of free text.

    Nothing but text can hold what a grammar allows: patches, programs, queries.
    """
    yield from misfits(x, "custom-call", "input")


# ---------------------------------------------------------------------- deprecated functions


def function_calls(x: Exchange) -> Iterator[tuple[str, Any, Any]]:
    """(path, name, arguments) of the function_call of every choice that has one, plain or put together from its deltas.

    What was never sent is ABSENT; a piece that is no string stands for the whole. Raises Unreadable.
    """
    if not x.streaming:
        for path, message in messages(x):
            if (call := find(message, "function_call")) not in (None, ABSENT):
                yield f"{path}.function_call", find(call, "name"), find(call, "arguments")
        return
    found: dict[int, dict[str, Any]] = {}
    for (_, index, _), (_, delta) in zip(x.deltas, messages(x), strict=True):
        if (piece := delta.get("function_call")) is not None:
            whole = found.setdefault(index, {"name": ABSENT, "arguments": ABSENT})
            for key, seen in whole.items():
                new = find(piece, key)
                both = isinstance(seen, str) and isinstance(new, str)
                whole[key] = seen if new is ABSENT else seen + new if both else new
    for index, whole in found.items():
        yield f"choices.{index} function_call", whole["name"], whole["arguments"]


@check("tool.function-call-unasked", MUST, when=completion & offers_no_functions,
       source=(MESSAGE, node("lib/ChatCompletionStream.ts", 756)), breaks="function-call-unasked", covers="TOOL-034")  # fmt: skip
def no_function_call_unasked(x: Exchange) -> Problems:
    """A message has no `function_call` where the request offers no deprecated `functions`.

    openai-node's stream helper then drops the tool calls, and throws where the function_call has no name.
    """
    for path, message in messages(x):
        if message.get("function_call") is not None:
            yield differs(f"{path}.function_call", message["function_call"], "no such key")


@check("tool.function-call", MAY, when=completion & names_a_function & ~cut_by_limit, source=(REQUEST, MESSAGE),
       breaks=("function-call-missing", "function-call-another"), covers="TOOL-034")  # fmt: skip
def named_function_is_called(x: Exchange) -> Problems:
    """A deprecated `function_call` that names a function gives a message with a `function_call` of that name.

    Frameworks that still send `functions` look nowhere else.
    """
    wanted, names = find(x.asked, "function_call.name"), [name for _, name, _ in function_calls(x)]
    if not names:
        yield f"function_call is absent, expected a call of {wanted}"
    for name in names:
        if isinstance(name, str) and name != wanted:
            yield differs("function_call.name", name, wanted)


@check("tool.function-call-name", MUST, when=completion & asked("functions") & carries_function_call,
       source=(MESSAGE, node("lib/ChatCompletionStream.ts", 762)), breaks="function-call-without-name",
       covers="TOOL-034")  # fmt: skip
def function_call_has_a_name(x: Exchange) -> Problems:
    """A `function_call` has a `name`, a non-empty string.

    openai-node's stream helper throws "missing function_call.name".
    """
    for path, name, _ in function_calls(x):
        if not isinstance(name, str) or not name:
            yield differs(f"{path}.name", name, "a non-empty string")


@check("tool.function-call-arguments", MUST, when=completion & asked("functions") & carries_function_call & ~cut_by_limit,
       source=(MESSAGE, node("lib/ChatCompletionStream.ts", 758)), breaks="function-call-arguments-object",
       covers="TOOL-034")  # fmt: skip
def function_call_has_arguments(x: Exchange) -> Problems:
    """A `function_call` has `arguments`, a string that holds JSON.

    openai-node's stream helper throws "missing function_call.arguments" without, and clients parse the string.
    """
    for path, _, arguments in function_calls(x):
        try:
            whole = isinstance(arguments, str) and parsed(arguments) is not None
        except NotJSON:
            whole = False
        if not whole:
            yield differs(f"{path}.arguments", arguments, "a string of JSON text")
