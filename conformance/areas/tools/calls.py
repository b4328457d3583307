"""TOOL: the calls of an answer, plain or put together from a stream: their fields, their arguments, what they may name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.areas.citations import FUNCTION_CALLING, MESSAGE, TOOL_CALL, node, python
from conformance.exchange import ABSENT, Choice, Exchange, ToolCall, Unreadable, find, need
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import asked, chat, completion, headers_known, may_call, offers_tools, tool_calls
from conformance.judge.objects import OBJECTS, misfits
from conformance.judge.relations import streamed_twin
from conformance.judge.shared import said_by_client
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON, show

MARKUP = (
    "<tool_call>", "<|tool_call", "<|python_tag|>", "<|tool▁call", "<｜tool▁call", "[TOOL_CALLS]", "<function=",
    "<minimax:tool_call>", "<|tool_calls_section_begin|>", "<|channel|>",
)  # fmt: skip
"""How models of several families write a call before a server reads it: Hermes and Qwen, Llama, DeepSeek, Mistral, Kimi ..."""


@response("whose message carries tool calls")
def carries_calls(x: Exchange) -> bool:
    return next(OBJECTS["tool-call"](x), None) is not None


@response("whose message calls a function")
def carries_functions(x: Exchange) -> bool:
    return next(OBJECTS["function-call"](x), None) is not None


@response("that makes several calls at once")
def calls_several(x: Exchange) -> bool:
    return any(len(choice.tool_calls) > 1 for choice in x.choices)


plain_calls = chat & may_call & carries_calls
plain_functions = chat & may_call & carries_functions


def messages(x: Exchange) -> list[tuple[str, dict[str, Any]]]:
    """(path, message or delta) of every choice of a plain or streamed answer. Raises Unreadable."""
    if "messages" not in x.memo:
        x.memo["messages"] = list(_messages(x))
    return x.memo["messages"]


def _messages(x: Exchange) -> Iterator[tuple[str, dict[str, Any]]]:
    if x.streaming:
        for n, _, part in x.deltas:
            yield f"chunk {n} delta", need(part, "delta", dict)
    else:
        choices = need(x.answer, "choices", list)
        if not choices:
            raise Unreadable("choices is [], expected at least one choice")
        for n, choice in enumerate(choices):
            yield f"choices.{n}.message", need(choice, "message", dict)


def settled(choice: Choice) -> bool:
    """The model came to its end: no limit, filter or failure cut it short, and it did not refuse."""
    return choice.finish_reason not in ("length", "content_filter", None) and not choice.refusal


@response("whose model came to its end")
def finished(x: Exchange) -> bool:
    return any(map(settled, x.choices))


def offered(x: Exchange) -> dict[str, tuple[str, dict[str, Any]]]:
    """(type, definition) of every tool that the request offers, by name; deprecated functions are function tools."""
    tools, functions = (x.asked.get(key) for key in ("tools", "functions"))
    found = [("function", function) for function in (functions if isinstance(functions, list) else ())]
    for tool in tools if isinstance(tools, list) else ():
        for kind in ("function", "custom"):
            found.append((kind, tool.get(kind) if isinstance(tool, dict) else None))
    named = [(kind, body) for kind, body in found if isinstance(body, dict) and isinstance(body.get("name"), str)]
    return {body["name"]: (kind, body) for kind, body in named}


def calls(x: Exchange) -> Iterator[tuple[str, Choice, ToolCall]]:
    """(path, choice, call) of every call in the answer. Raises Unreadable."""
    for choice in x.choices:
        for n, call in enumerate(choice.tool_calls):
            yield f"choices.{choice.index} tool_calls.{n}", choice, call


def parsed(arguments: str) -> Any:
    """The JSON value of the arguments. Raises NotJSON."""
    return jsontext.parse(arguments.encode("utf-8", "surrogatepass"))


# ---------------------------------------------------------------------- the fields of a call


@check("tool.list", MUST, when=completion, source=MESSAGE, breaks="tool-calls-an-object", covers="TOOL-001")
def tool_calls_is_a_list_of_objects(x: Exchange) -> Problems:
    """`tool_calls`, where it is sent, is an array of objects.

    Clients iterate over it: over an object they walk its keys, over strings they fail.
    """
    for path, message in messages(x):
        sent = message.get("tool_calls")
        if sent is not None and not (isinstance(sent, list) and all(isinstance(call, dict) for call in sent)):
            yield differs(f"{path}.tool_calls", sent, "an array of objects")


@check("tool.absent", MAY, when=completion, source=MESSAGE, breaks="tool-calls-empty", covers="TOOL-033")
def no_tool_calls_without_a_call(x: Exchange) -> Problems:
    """A message or delta without a call has no `tool_calls`, neither null nor an empty array.

    Both SDKs bear it; clients that ask whether the key is there take an answer for a call.
    """
    for path, message in messages(x):
        if "tool_calls" in message and not message["tool_calls"]:
            yield differs(f"{path}.tool_calls", message["tool_calls"], "no such key")


@check("tool.id", MUST, when=plain_calls, source=TOOL_CALL, breaks="tool-call-without-id", covers="TOOL-001")
def call_has_an_id(x: Exchange) -> Problems:
    """A tool call has an `id`, a non-empty string.

    Without one the result cannot say which call it answers, and the next turn is refused.
    """
    yield from misfits(x, "tool-call", "id")


# So are the ids of all 230 recorded calls of OpenAI.
@check("tool.id-form", MAY, when=tool_calls, source=FUNCTION_CALLING, breaks="tool-id-vendor", covers="TOOL-001")
def id_has_the_prefix(x: Exchange) -> Problems:
    """The `id` of a call begins with "call_".

    It is opaque to both SDKs. Where a conversation moves between models, gateways know by the prefix what they must rewrite.
    """
    for path, _, call in calls(x):
        if call.id and not call.id.startswith("call_"):
            yield differs(f"{path} id", call.id, '"call_" and more')


@check("tool.plain-index", MAY, when=plain_calls, source=TOOL_CALL, breaks="tool-plain-index", covers="TOOL-001")
def plain_calls_have_no_index(x: Exchange) -> Problems:
    """A call of a plain answer has no `index`, which belongs to the fragments of a stream.

    Sent back as history, it is a member that strict servers refuse.
    """
    for path, message in messages(x):
        for n, call in enumerate(need(message, "tool_calls", list) if message.get("tool_calls") else ()):
            if find(call, "index") is not ABSENT:
                yield differs(f"{path}.tool_calls.{n}.index", find(call, "index"), "no such key")


@check("tool.type", MUST, when=plain_calls, source=(TOOL_CALL, node("lib/parser.ts", 293)),
       breaks="tool-call-without-type", covers="TOOL-001")  # fmt: skip
def call_has_a_type(x: Exchange) -> Problems:
    """A tool call has a `type`, "function" or "custom".

    openai-node's parse() throws "Received `undefined`"; openai-python's skips parsing the arguments in silence.
    """
    yield from misfits(x, "tool-call", "type")


@check("tool.function", MUST, when=plain_calls, source=TOOL_CALL, breaks="tool-call-flat", covers="TOOL-001")
def call_has_its_body(x: Exchange) -> Problems:
    """A tool call holds its name and arguments in an object `function`, or `custom` for a custom tool.

    Clients read `call.function.name`; a flat call, as of the Responses API, gives None or a TypeError.
    """
    yield from misfits(x, "tool-call", "function", "custom")


@check("tool.name", MUST, when=plain_functions, source=TOOL_CALL, breaks="tool-call-without-name", covers="TOOL-001")  # fmt: skip
def function_has_a_name(x: Exchange) -> Problems:
    """The function of a tool call has a `name`, a non-empty string.

    Without it no client knows what to run.
    """
    yield from misfits(x, "function-call", "name")


@check("tool.arguments", MUST, when=plain_functions,
       source=(TOOL_CALL, python("openai/lib/_parsing/_completions.py", 197), node("lib/parser.ts", 253)),
       breaks="tool-arguments-an-object", covers=("TOOL-001", "TOOL-002"))  # fmt: skip
def arguments_is_a_string(x: Exchange) -> Problems:
    """`function.arguments` is a string that holds JSON, not the JSON value itself.

    openai-python's parse() raises TypeError, openai-node's a SyntaxError about "[object Object]"; typed clients refuse the answer.
    """
    yield from misfits(x, "function-call", "arguments")


# ---------------------------------------------------------------------- what a call may name


@check("tool.offered", MUST, when=tool_calls & offers_tools, source=TOOL_CALL,
       breaks=("tool-name-unknown", "tool-stream-names-differ", "tool-name-cut"), covers="TOOL-005")  # fmt: skip
def called_tool_was_offered(x: Exchange) -> Problems:
    """A call names one of the tools that the request offers.

    An agent has nothing to run; most answer the model with an error and lose a turn.
    """
    names = offered(x)
    for path, _, call in calls(x):
        if call.name is not None and call.name not in names:
            yield differs(f"{path} name", call.name, f"one of {show(sorted(names))}")


# Per choice: OpenAI itself gives the calls of two alternative choices one id (n > 1).
@check("tool.id-unique", MUST, when=completion & may_call & calls_several, source=TOOL_CALL, breaks="tool-ids-equal",
       covers="TOOL-006")  # fmt: skip
def ids_are_unique_in_a_message(x: Exchange) -> Problems:
    """No two calls of a message have the same id.

    Results are matched to calls by id alone: with equal ids one call gets both results and the other none.
    """
    seen: set[tuple[int, str]] = set()
    for path, choice, call in calls(x):
        if call.id and (choice.index, call.id) in seen:
            yield differs(f"{path} id", call.id, "an id of its own")
        seen.add((choice.index, call.id or ""))


# A recorder that scrubs headers also replaces ids, by the same ones each time.
@check("tool.id-fresh", SHOULD, when=tool_calls & headers_known, together=streamed_twin, source=TOOL_CALL,
       breaks="tool-ids-counted-anew", covers="TOOL-006")  # fmt: skip
def ids_are_not_used_again(plain: Exchange, streamed: Exchange) -> Problems:
    """The ids of one answer's calls are not used again by another answer.

    A conversation holds the calls of many answers: ids that start anew each time make its results ambiguous.
    """
    before = {call.id for _, _, call in calls(plain)}
    for path, _, call in calls(streamed):
        if call.id and call.id in before:
            yield differs(f"{path} id", call.id, "an id that the other answer to this request does not use")


@check("tool.markup", SHOULD, when=completion & offers_tools, source=FUNCTION_CALLING,
       breaks=("tool-markup-in-content", "tool-markup-beside-calls"))  # fmt: skip
def content_has_no_markup(x: Exchange) -> Problems:
    """The text of an answer does not hold the markup in which a model writes its calls, unless the client spoke of it.

    Users see it, agents parse it once more, and as history it teaches the model to go on so.
    """
    for choice in x.choices:
        for mark in MARKUP:
            if mark in (choice.content or "") and not said_by_client(x, mark):
                yield differs(f"choices.{choice.index} content", choice.content, f"no {mark}")
                break


@check("tool.written-out", SHOULD, when=completion & offers_tools & ~asked("response_format"), source=FUNCTION_CALLING,
       breaks=("tool-call-as-text", "tool-call-as-text-beside"))  # fmt: skip
def call_is_not_written_as_text(x: Exchange) -> Problems:
    """A call comes in `tool_calls`, not as JSON text in the content, neither there alone nor there as well.

    Agents take the text for the answer and run nothing, or show it to their user.
    """
    names = offered(x)
    for choice in x.choices:
        try:
            said = parsed(choice.content) if choice.content else None
        except NotJSON:
            continue
        if isinstance(said, dict) and isinstance(said.get("name"), str) and said["name"] in names:
            yield differs(f"choices.{choice.index} content", choice.content, "a call in tool_calls")
