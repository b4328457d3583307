"""TOOL: what the request decides about calls: none, at will, forced, which tool, how many; and what it must not ask for."""

from __future__ import annotations

import re

from conformance.areas.citations import (
    ALLOWED_TOOLS,
    FUNCTION,
    FUNCTION_CALLING,
    NAMED_TOOL,
    PARALLEL_CALLS,
    TOOL_CHOICE,
)
from conformance.areas.tools.calls import calls, finished, offered, settled
from conformance.exchange import Exchange, find
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs, refusals
from conformance.judge.condition import request
from conformance.judge.conditions import chat_request, completion, intent, offers_tools, tool_calls, tool_choice
from conformance.judge.mistakes import examined
from conformance.judge.refusals import judged
from conformance.judge.relations import accepted
from conformance.wire.jsontext import show

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@request("that forbids parallel calls")
def one_at_a_time(x: Exchange) -> bool:
    return x.asked.get("parallel_tool_calls") is False


@request("whose tool_choice names a tool that it does not offer")
def chooses_unlisted(x: Exchange) -> bool:
    name = find(x.asked, "tool_choice.function.name")
    return bool(x.asked.get("tools")) and isinstance(name, str) and name not in offered(x)


@request("with tool_choice and no tools")
def chooses_from_nothing(x: Exchange) -> bool:
    return (
        x.asked.get("tool_choice") not in (None, "none") and not x.asked.get("tools") and not x.asked.get("functions")
    )


@request("with an undocumented tool_choice")
def chooses_oddly(x: Exchange) -> bool:
    choice = x.asked.get("tool_choice")
    return bool(x.asked.get("tools")) and isinstance(choice, str) and choice not in ("none", "auto", "required")


@request("that offers a function of a malformed name")
def misnames(x: Exchange) -> bool:
    return bool(x.asked.get("tools")) and not all(map(NAME.fullmatch, offered(x)))


def without_call(x: Exchange) -> Problems:
    """A problem for every choice that came to its end without a call."""
    for choice in x.choices:
        if settled(choice) and not choice.tool_calls:
            yield f"choices.{choice.index} tool_calls is absent, expected at least one call"


def names_other_than(x: Exchange, wanted: list[object]) -> Problems:
    """A problem for every call of a tool that is not among those wanted."""
    for path, _, call in calls(x):
        if call.name is not None and call.name not in wanted:
            yield differs(f"{path} name", call.name, " or ".join(map(show, wanted)))


# ---------------------------------------------------------------------- whether there is a call


@check("tool.none", MUST, when=completion & tool_choice("none"), source=TOOL_CHOICE, breaks="tool-choice-none-ignored",
       covers="TOOL-007")  # fmt: skip
def none_gives_no_call(x: Exchange) -> Problems:
    """With tool_choice "none" an answer calls no tool.

    Agents forbid calls to get a final answer out of the model: a call anyway starts the loop again, without end.
    """
    for path, _, call in calls(x):
        yield differs(path, call.name, "no call")


# A model may call a tool when it chats: no MUST.
@check("tool.small-talk", SHOULD, when=completion & offers_tools & intent("small-talk"), source=TOOL_CHOICE,
       breaks="tool-choice-auto-forces", covers="TOOL-008")  # fmt: skip
def small_talk_gives_text(x: Exchange) -> Problems:
    """Tools on offer do not keep the model from answering in words: a greeting is answered without a call.

    A server that takes the default for "required" runs tools nobody asked for.
    """
    for path, _, call in calls(x):
        yield differs(path, call.name, "no call for a greeting")


@check("tool.auto", SHOULD, when=completion & finished & offers_tools & intent("must-call"),
       source=(TOOL_CHOICE, "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/1066"),
       breaks=("tool-choice-auto-ignored", "tool-stream-without-calls", "tool-call-as-text"), covers="TOOL-008")  # fmt: skip
def question_for_a_tool_gives_a_call(x: Exchange) -> Problems:
    """With tools on offer, a question that asks for one of them gives a call.

    Where no parser for the model's calls is switched on, or none in streams, agents never call anything.
    """
    yield from without_call(x)


@check("tool.required", MUST, when=completion & finished & tool_choice("required"), source=(TOOL_CHOICE, FUNCTION_CALLING),
       breaks=("tool-choice-required-ignored", "pair-call-lost"), covers="TOOL-009")  # fmt: skip
def required_gives_a_call(x: Exchange) -> Problems:
    """With tool_choice "required" an answer that came to its end calls at least one tool.

    Clients that use a call as the form of their answer index tool_calls[0] and fail.
    """
    yield from without_call(x)


@check("tool.named", MUST, when=completion & finished & tool_choice("function") & ~chooses_unlisted,
       source=(TOOL_CHOICE, NAMED_TOOL), breaks="tool-choice-named-ignored", covers="TOOL-010")  # fmt: skip
def named_gives_a_call(x: Exchange) -> Problems:
    """A tool_choice that names a function gives a call.

    Extraction and routing are built on it; they index tool_calls[0] and fail.
    """
    yield from without_call(x)


@check("tool.named-only", MUST, when=tool_calls & tool_choice("function"), source=(TOOL_CHOICE, NAMED_TOOL),
       breaks=("tool-choice-name-ignored", "tool-name-cut"), covers="TOOL-010")  # fmt: skip
def named_gives_that_call(x: Exchange) -> Problems:
    """A tool_choice that names a function gives no call of another one.

    The client reads the arguments as those of the function it named.
    """
    yield from names_other_than(x, [find(x.asked, "tool_choice.function.name")])


@check("tool.named-accepted", SHOULD, when=judged, together=accepted("tools.required", "tools.named", tool_choice("function")),
       source=NAMED_TOOL,
       breaks="tool-choice-object-refused", covers="TOOL-010")  # fmt: skip
def named_is_accepted(_: Exchange, named: Exchange) -> Problems:
    """An endpoint that takes tool_choice "required" also takes the object that names a function.

    Forced steps of agents fail on servers that know the three words only.
    """
    if not named.ok:
        yield differs("status", named.status, "200")


@check("tool.allowed", MAY, when=tool_calls & tool_choice("allowed_tools"), source=ALLOWED_TOOLS,
       breaks="tool-allowed-ignored", covers="TOOL-011")  # fmt: skip
def allowed_tools_limit_calls(x: Exchange) -> Problems:
    """A tool_choice of allowed_tools gives calls of the tools that it lists only.

    Callers use it to keep one list of tools, cached, and yet forbid some of them for a turn.
    """
    listed = find(x.asked, "tool_choice.allowed_tools.tools")
    tools = listed if isinstance(listed, list) else []
    named = (find(tool, f"{kind}.name") for tool in tools for kind in ("function", "custom"))
    yield from names_other_than(x, [name for name in named if isinstance(name, str)])


@check("tool.allowed-required", MAY, source=ALLOWED_TOOLS, breaks="tool-allowed-mode-ignored", covers="TOOL-011",
       when=completion & finished & tool_choice("allowed_tools")
       & request("in mode required")(lambda x: find(x.asked, "tool_choice.allowed_tools.mode") == "required"))  # fmt: skip
def allowed_tools_require_a_call(x: Exchange) -> Problems:
    """A tool_choice of allowed_tools in mode "required" gives at least one call."""
    yield from without_call(x)


# ---------------------------------------------------------------------- how many


@check("tool.single", MUST, when=completion & offers_tools & one_at_a_time, source=(PARALLEL_CALLS, FUNCTION_CALLING),
       breaks="tool-parallel-ignored", covers="TOOL-016")  # fmt: skip
def no_parallel_calls(x: Exchange) -> Problems:
    """With `parallel_tool_calls: false` an answer holds one call at most.

    Callers set it because they handle tool_calls[0] alone: further calls stay unanswered, and the next turn is refused.
    """
    for choice in x.choices:
        if len(choice.tool_calls) > 1:
            yield differs(
                f"choices.{choice.index} tool_calls", [call.name for call in choice.tool_calls], "one call at most"
            )


# Two calls in two turns are no fault of the protocol: no MUST.
@check("tool.parallel", SHOULD, when=tool_calls & finished & intent("two-calls"), source=(PARALLEL_CALLS, FUNCTION_CALLING),
       breaks=("tool-parallel-dropped", "tool-stream-one-call", "tool-delta-one-index"), covers="TOOL-017")  # fmt: skip
def two_questions_give_two_calls(x: Exchange) -> Problems:
    """Two independent questions for one tool give two calls in one turn.

    A server that keeps only the first or the last of several calls loses half of the question.
    """
    for choice in x.choices:
        if settled(choice) and len(choice.tool_calls) == 1:
            yield differs(
                f"choices.{choice.index} tool_calls", [call.arguments for call in choice.tool_calls], "two calls"
            )


# ---------------------------------------------------------------------- what is refused


# No MUST in this part: the specification says what a request may hold, not what becomes of others, and no SDK depends on it.
@check("tool.choice-unlisted", SHOULD, when=chat_request & examined & chooses_unlisted, source=(NAMED_TOOL, TOOL_CHOICE),
       breaks="tool-choice-unlisted-accepted", covers="TOOL-013")  # fmt: skip
def unlisted_choice_is_refused(x: Exchange) -> Problems:
    """A tool_choice that names a tool not in `tools` is refused with a 4xx.

    Answered anyway, a misspelled name is found in production only.
    """
    yield from refusals.accepted(x)


@check("tool.choice-alone", SHOULD, when=chat_request & examined & chooses_from_nothing, source=TOOL_CHOICE,
       breaks="tool-choice-alone-accepted", covers="TOOL-014")  # fmt: skip
def choice_without_tools_is_refused(x: Exchange) -> Problems:
    """A tool_choice other than "none" without `tools` is refused with a 4xx.

    Code that loses its list of tools on the way runs on without them, unnoticed.
    """
    yield from refusals.accepted(x)


@check("tool.choice-unknown", SHOULD, when=chat_request & examined & chooses_oddly, source=TOOL_CHOICE,
       breaks="tool-choice-any-accepted", covers="TOOL-015")  # fmt: skip
def unknown_choice_is_refused(x: Exchange) -> Problems:
    """A tool_choice that is not documented, such as "any", is refused with a 4xx.

    Taken for "auto", it lets a call be skipped that the caller thinks is forced.
    """
    yield from refusals.accepted(x)


@check("tool.name-malformed", SHOULD, when=chat_request & examined & misnames, source=FUNCTION,
       breaks="tool-name-malformed-accepted", covers="TOOL-019")  # fmt: skip
def malformed_name_is_refused(x: Exchange) -> Problems:
    """A function name other than 1 to 64 letters, digits, underscores and dashes is refused with a 4xx.

    Tools that work on a lenient server fail on the next one.
    """
    yield from refusals.accepted(x)
