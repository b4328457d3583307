"""TOOL: what needs two exchanges: results sent back, tools without parameters, plain and streamed calls that must agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance.areas.citations import FUNCTION, FUNCTION_CALLING, TOOL_CALL, TOOL_CALL_CHUNK, TOOL_RESULT
from conformance.areas.tools.calls import finished, offered, parsed, settled
from conformance.areas.tools.probes import RESULT_WORD
from conformance.exchange import Choice, Exchange, ToolCall
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.blame import carries
from conformance.judge.condition import request
from conformance.judge.conditions import completion, intent, offers_tools, tool_calls, tool_choice
from conformance.judge.given import Useless, problems
from conformance.judge.refusals import judged
from conformance.judge.relations import accepted, streamed_twin
from conformance.judge.shared import disagree
from conformance.wire.jsontext import NotJSON, show

forced = tool_choice("required") | tool_choice("function")


@request("at temperature 0")
def unsampled(x: Exchange) -> bool:
    return x.asked.get("temperature") == 0


# ---------------------------------------------------------------------- results and parameters


@check("tool.result-accepted", MUST, when=judged,
       together=accepted("tools.auto", "tools.result", carries("tool calls in the history")),
       source=(TOOL_RESULT, FUNCTION_CALLING),
       breaks=("tool-result-refused", "content-signature-demanded"), covers="TOOL-018")  # fmt: skip
def result_is_accepted(_: Exchange, result: Exchange) -> Problems:
    """A call sent back as it came, with its result in a message of role "tool", is accepted.

    Every agent does so in its second request: refused here, no agent works at all.
    """
    if not result.ok:
        yield differs("status", result.status, "200")


@check("tool.result-used", SHOULD, when=completion & finished & intent("tool-result"), source=(TOOL_RESULT, FUNCTION_CALLING),
       breaks="tool-result-unread", covers="TOOL-018")  # fmt: skip
def result_is_used(x: Exchange) -> Problems:
    """The answer that follows a tool's result makes use of it.

    A chat template that leaves out messages of role "tool" lets the model invent what the tool said.
    """
    for choice in x.choices:
        if settled(choice) and RESULT_WORD not in (choice.content or "").lower():
            yield differs(f"choices.{choice.index} content", choice.content, f'an answer with the word "{RESULT_WORD}"')


@check("tool.without-parameters", MUST, when=judged, together=accepted("tools.required", "tools.no-arguments"),
       source=FUNCTION, breaks="tool-parameters-demanded", covers="TOOL-020")  # fmt: skip
def parameters_may_be_absent(_: Exchange, bare: Exchange) -> Problems:
    """A function without `parameters` is accepted: it has none.

    Chat templates that read the key unasked answer 500.
    """
    if not bare.ok:
        yield differs("status", bare.status, "200")


# ---------------------------------------------------------------------- plain and streamed


def _pairs(plain: Exchange, streamed: Exchange) -> list[tuple[Choice, Choice]]:
    """The choices of both answers side by side, where neither was cut short."""
    others = {choice.index: choice for choice in streamed.choices}
    pairs = [(choice, others[choice.index]) for choice in plain.choices if choice.index in others]
    return [(one, other) for one, other in pairs if settled(one) and settled(other)]


def _shape(calls: tuple[ToolCall, ...]) -> list[str]:
    """Which fields the calls have, one word for each kind of call among them."""
    return sorted(
        {
            f"{call.type} with "
            + ", ".join(key for key in ("id", "name", "arguments") if getattr(call, key) is not None)
            for call in calls
        }
    )


@check("tool.agree-shape", MUST, when=tool_calls & forced, together=streamed_twin, source=(TOOL_CALL_CHUNK, TOOL_CALL),
       breaks=("tool-head-without-id", "tool-stream-without-arguments"), covers="TOOL-031")  # fmt: skip
def streamed_call_has_the_shape_of_a_plain_one(plain: Exchange, streamed: Exchange) -> Problems:
    """A forced call, put together from a stream, has the type and the fields that it has in a plain answer.

    Switching `stream` on must not change what an agent can read.
    """
    for one, other in _pairs(plain, streamed):
        if _shape(one.tool_calls) != _shape(other.tool_calls):
            yield disagree(f"choices.{one.index} tool_calls", _shape(one.tool_calls), _shape(other.tool_calls))


def _agree(plain: Exchange, streamed: Exchange, read: Callable[[ToolCall], Any], what: str) -> Problems:
    """A problem where one of as many calls reads differently; what one of them cannot give (None) is left to other checks."""
    for one, other in _pairs(plain, streamed):
        if len(one.tool_calls) == len(other.tool_calls):
            for n, pair in enumerate(zip(one.tool_calls, other.tool_calls, strict=True)):
                before, after = map(read, pair)
                if before is not None and after is not None and before != after:
                    yield disagree(f"choices.{one.index} {what} of call {n}", before, after)


# The two are generated apart, so these three are no MUST, even at temperature 0.
@check("tool.agree-number", SHOULD, when=completion & offers_tools & unsampled, together=streamed_twin,
       source=(TOOL_CALL_CHUNK, "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/759"),
       breaks=("tool-stream-one-call", "tool-stream-without-calls", "tool-delta-one-index"), covers="TOOL-031")  # fmt: skip
def streamed_calls_are_as_many(plain: Exchange, streamed: Exchange) -> Problems:
    """At temperature 0 an answer holds as many calls streamed as plain.

    Stream parsers lose calls, or never see one: agents then work in one mode only.
    """
    for one, other in _pairs(plain, streamed):
        before, after = len(one.tool_calls), len(other.tool_calls)
        if before != after:
            yield disagree(f"choices.{one.index} number of calls", before, after)


@check("tool.agree-names", SHOULD, when=tool_calls & unsampled, together=streamed_twin, source=TOOL_CALL_CHUNK,
       breaks="tool-stream-names-differ", covers="TOOL-031")  # fmt: skip
def streamed_calls_name_the_same(plain: Exchange, streamed: Exchange) -> Problems:
    """At temperature 0 the calls name the same tools streamed as plain."""
    yield from _agree(plain, streamed, lambda call: call.name, "the name")


@check("tool.agree-arguments", SHOULD, when=tool_calls & unsampled, together=streamed_twin,
       source=(TOOL_CALL_CHUNK, "https://github.com/vllm-project/vllm/issues/32152"),
       breaks=("tool-stream-arguments-differ", "tool-stream-untyped", "tool-plain-untyped", "text-replaced-in-stream",
               "text-trimmed-in-stream", "text-typed-in-stream"), covers="TOOL-031")  # fmt: skip
def streamed_calls_argue_the_same(plain: Exchange, streamed: Exchange) -> Problems:
    """At temperature 0 the calls have the same arguments, as JSON values, streamed as plain.

    Stream parsers drop or double a piece, turn numbers into texts, or stop at the first nested value.
    """
    yield from _agree(plain, streamed, _value, "the arguments")


def _value(call: ToolCall) -> Any:
    try:
        value = parsed(call.arguments or "") if call.type != "custom" else None
    except NotJSON:
        return None
    return value if isinstance(value, dict) else None


def _retyped(plain: Any, streamed: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(path, plain, streamed) of every value that the one answer has as it is, and the other as its text."""
    if isinstance(plain, dict) and isinstance(streamed, dict):
        for name in (each for each in plain if each in streamed):
            yield from _retyped(plain[name], streamed[name], f"{path}.{name}".lstrip("."))
    elif isinstance(plain, list) and isinstance(streamed, list):
        for n, (one, other) in enumerate(zip(plain, streamed, strict=False)):
            yield from _retyped(one, other, f"{path}.{n}".lstrip("."))
    elif isinstance(plain, str) != isinstance(streamed, str):
        text, value = (plain, streamed) if isinstance(plain, str) else (streamed, plain)
        if text.strip().lower() == show(value).lower() or _read(text) == value:
            yield path, plain, streamed


def _read(text: str) -> Any:
    try:
        return parsed(text)
    except NotJSON:
        return None


def _fits(schema: Any, value: Any) -> bool:
    """Whether the arguments fit the parameters; those that cannot be used are fit by all."""
    try:
        return next(problems(schema, value), None) is None
    except Useless:
        return True


# A model may write a number as text by itself, but not in streams alone, where the call is forced and nothing is drawn by lot.
@check("tool.agree-types", MUST, when=tool_calls & forced & unsampled, together=streamed_twin,
       source=(TOOL_CALL_CHUNK, FUNCTION, "https://github.com/vllm-project/vllm/issues/49316"),
       breaks=("tool-stream-untyped", "tool-plain-untyped", "text-typed-in-stream"), covers="TOOL-031")  # fmt: skip
def arguments_keep_their_types(plain: Exchange, streamed: Exchange) -> Problems:
    """Numbers, booleans and objects in the arguments of a forced call are none the less so streamed, or plain.

    Typed tools work in one mode and fail in the other.
    """
    for one, other in _pairs(plain, streamed):
        for n, pair in enumerate(zip(one.tool_calls, other.tool_calls, strict=False)):
            schema = offered(plain).get(pair[0].name, ("", {}))[1].get("parameters")
            before, after = map(_value, pair)
            if (
                isinstance(schema, dict)
                and None not in (before, after)
                and _fits(schema, before) != _fits(schema, after)
            ):
                for path, seen, streamed_as in _retyped(before, after):
                    yield disagree(f"choices.{one.index} {path} in the arguments of call {n}", seen, streamed_as)
