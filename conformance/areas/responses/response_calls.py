"""RESP: calls of the client's tools: their members, their arguments, and what tool_choice says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from conformance.areas.responses.conditions import calls_tool, ended, finished, holds, offers_functions, served
from conformance.areas.responses.response_reading import Json, calls, items, parsed, read_json, sent_items, sent_tools
from conformance.areas.responses.sources import (
    CALL,
    CHOICE,
    CHOICE_ALLOWED,
    CHOICE_OPTIONS,
    CUSTOM_CALL,
    FUNCTION_TOOL,
    RESPONSE_REQUEST,
)
from conformance.exchange import Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.conditions import tool_choice
from conformance.judge.given import Useless, problems
from conformance.judge.objects import misfits
from conformance.wire.jsontext import NotJSON, show

calling = served & holds("function_call")


@request("that offers tools of the client's alone")
def own_tools(x: Exchange) -> bool:
    found, more = (
        sent_tools(x),
        any("tools" in item for item in sent_items(x)),
    )  # what a search found, or was added on the way
    return bool(found) and not more and all(tool.get("type") in ("function", "custom") for tool in found)


def offered(x: Exchange) -> dict[Any, Json]:
    """The tools of the request by name."""
    return {tool.get("name"): tool for tool in sent_tools(x) if isinstance(tool.get("name"), str)}


@check("response.call", MUST, when=calling, source=CALL,
       breaks=("response-call-without-call-id", "response-call-nested", "response-arguments-object"), covers="RESP-011")  # fmt: skip
def calls_have_their_members(x: Exchange) -> Problems:
    """A call has call_id, name and arguments, the last a string of JSON text.

    Agents answer by call_id, and parse arguments: an object raises in json.loads.
    """
    yield from misfits(x, "response-call", "call_id", "name", "arguments")


@check(
    "response.call-status",
    SHOULD,
    when=calling,
    source=CALL,
    breaks="response-call-status-odd",
    covers=("RESP-011", "RESP-052"),
)
def calls_say_their_status(x: Exchange) -> Problems:
    """The status of a call, where it has one, is "completed", "incomplete" or "in_progress"."""
    yield from misfits(x, "response-call", "status")


@check(
    "response.call-ids-differ",
    MUST,
    when=served & calls_tool,
    source=CALL,
    breaks="response-call-ids-same",
    covers="RESP-011",
)
def calls_have_ids_of_their_own(x: Exchange) -> Problems:
    """No two calls of an answer share a call_id.

    Two results come back under one id: both go to the first call, or the next turn is refused.
    """
    counts = Counter(found for _, call in calls(x) if isinstance(found := call.get("call_id"), str))
    for id, count in counts.items():
        if count > 1:
            yield differs("the call_ids", f"{id} {count} times", "each once")


@check("response.call-offered", MUST, when=served & calls_tool & own_tools, source=(CALL, FUNCTION_TOOL),
       breaks="response-call-unknown-tool", covers="RESP-011")  # fmt: skip
def calls_are_of_tools_that_were_offered(x: Exchange) -> Problems:
    """A call names a tool of the request.

    Agents have nothing to run, and most stop there.
    """
    names = offered(x)
    for path, call in calls(x):
        if names and isinstance(call.get("name"), str) and call["name"] not in names:
            yield differs(f"{path}.name", find(call, "name"), " or ".join(map(show, names)))


@check("response.arguments-json", MUST, when=calling & ended("completed"), source=CALL,
       breaks=("response-arguments-broken", "response-arguments-empty", "response-arguments-listed"), covers="RESP-011")  # fmt: skip
def arguments_are_json(x: Exchange) -> Problems:
    """The arguments of a completed call are one whole JSON object as text, "{}" where there are none.

    json.loads and JSON.parse raise in every agent.
    """
    for path, call in items(x, "function_call"):
        if isinstance(text := call.get("arguments"), str) and call.get("status") != "incomplete":
            try:
                value = parsed(text)
            except NotJSON as reason:
                yield differs(f"{path}.arguments", text, f"a JSON text ({reason})")
                continue
            if isinstance(value, (str, list)):
                yield differs(f"{path}.arguments", text, "the text of a JSON object")


def _misfitting(x: Exchange, *, strict: bool) -> Iterator[str]:
    tools, found = offered(x), items(x, "function_call")
    for path, call in found:
        name, value = call.get("name"), read_json(call.get("arguments"))
        tool = tools.get(name, {}) if isinstance(name, str) else {}
        schema = tool.get("parameters")
        if isinstance(schema, dict) and isinstance(value, dict) and (tool.get("strict") is True) is strict:
            try:
                for place, seen, wanted in problems(schema, value):
                    yield differs(f"{path}.arguments {place}".rstrip(), seen, f"{wanted} of the parameters")
                    break
            except Useless:
                continue


# No MUST: what a model writes for a function that is not strict is its own.
@check("response.arguments-fit", SHOULD, when=calling & ended("completed") & offers_functions, source=(CALL, FUNCTION_TOOL),
       breaks="response-arguments-misfit", covers="RESP-011")  # fmt: skip
def arguments_fit_the_parameters(x: Exchange) -> Problems:
    """The arguments of a call fit the JSON Schema in the tool's `parameters`."""
    yield from _misfitting(x, strict=False)


@check("response.arguments-strict", MUST, when=calling & ended("completed") & offers_functions, source=(CALL, FUNCTION_TOOL),
       breaks="response-arguments-misfit", covers="RESP-011")  # fmt: skip
def arguments_fit_a_strict_tool(x: Exchange) -> Problems:
    """The arguments of a call to a strict tool fit its `parameters` exactly.

    Callers of strict tools look no further, and fail within.
    """
    yield from _misfitting(x, strict=True)


@check("response.custom-call", MUST, when=served & holds("custom_tool_call"), source=CUSTOM_CALL, breaks="response-custom-arguments",
       covers="RESP-011")  # fmt: skip
def custom_calls_have_their_members(x: Exchange) -> Problems:
    """A call of a custom tool has call_id, name and input, the last a string."""
    yield from misfits(x, "response-custom-call", "call_id", "name", "input")


# ---------------------------------------------------------------------- tool_choice


@check("response.required", MUST, when=served & ended("completed") & tool_choice("required") & own_tools, source=(CHOICE, CHOICE_OPTIONS),
       breaks=("response-required-ignored", "tool-choice-required-ignored"), covers=("RESP-015", "RESP-014"))  # fmt: skip
def required_calls(x: Exchange) -> Problems:
    """With tool_choice "required" the answer holds a call.

    Agents that end their turn by a tool get prose, and go round for ever.
    """
    if (found := items(x)) and not calls(x):
        yield differs("the output", [item.get("type") for _, item in found], "a call of a tool")


@check("response.none", MUST, when=served & finished & tool_choice("none"), source=(CHOICE, CHOICE_OPTIONS),
       breaks=("response-none-ignored", "tool-choice-none-ignored"), covers=("RESP-015", "RESP-014"))  # fmt: skip
def none_calls_nothing(x: Exchange) -> Problems:
    """With tool_choice "none" the answer holds no call."""
    for path, call in calls(x):
        yield differs(f"{path}.type", call.get("type"), "no call")


@check("response.named-tool", MUST, when=served & ended("completed") & (tool_choice("function") | tool_choice("custom")),
       source=(CHOICE, "https://github.com/vllm-project/vllm/issues/49712"),
       breaks=("response-named-ignored", "response-named-other", "tool-choice-custom-ignored"), covers="RESP-014")  # fmt: skip
def the_named_tool_is_called(x: Exchange) -> Problems:
    """The tool that tool_choice names is called, and no other.

    Controllers that force their last step get prose, or another step.
    """
    wanted = find(x.asked, "tool_choice.name")
    names = [call.get("name") for _, call in calls(x)]
    if isinstance(wanted, str) and items(x) and (not names or any(name != wanted for name in names)):
        yield differs("the tools that are called", names, f"{show(wanted)} alone")


@check("response.allowed-tools", MUST, when=served & finished & tool_choice("allowed_tools"), source=CHOICE_ALLOWED,
       breaks=("response-allowed-ignored", "tool-allowed-ignored"), covers=("RESP-016", "RESP-014"))  # fmt: skip
def only_allowed_tools_are_called(x: Exchange) -> Problems:
    """No tool is called that tool_choice does not allow.

    It is how agents withhold a dangerous tool without a change of the prompt.
    """
    allowed = find(x.asked, "tool_choice.tools")
    names = [find(tool, "name") for tool in allowed] if isinstance(allowed, list) else []
    for path, call in calls(x):
        if isinstance(call.get("name"), str) and call["name"] not in names:
            yield differs(f"{path}.name", find(call, "name"), " or ".join(map(show, names)))


@request("that declines parallel calls")
def one_only(x: Exchange) -> bool:
    return x.asked.get("parallel_tool_calls") is False


@check("response.one-at-a-time", MUST, when=served & finished & one_only, source=RESPONSE_REQUEST,
       breaks=("response-parallel-anyway", "tool-parallel-ignored"), covers="RESP-014")  # fmt: skip
def one_call_at_a_time(x: Exchange) -> Problems:
    """With parallel_tool_calls false there is at most one call.

    Who declines them runs the first, and never answers the second.
    """
    if len(found := calls(x)) > 1:
        yield differs("the count of calls", len(found), "at most 1")
