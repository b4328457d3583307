"""FIN: finish_reason says why an answer ended, plain and streamed."""

from __future__ import annotations

import json

from conformance.areas.citations import (
    CHUNK,
    COMPLETION,
    LEGACY_COMPLETION,
    NODE_NEEDS_FINISH,
    PARSES_LENGTH,
    STRUCTURED_OUTPUTS,
)
from conformance.areas.questions import COUNT_ENDS
from conformance.exchange import ABSENT, Choice, Exchange, Unreadable, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import (
    asked,
    asks_audio,
    at_limit,
    calls_tool,
    chat,
    choices_asked,
    completion,
    intent,
    offers_tools,
    ok,
    post,
    route,
    streaming,
    tool_choice,
)
from conformance.judge.relations import streamed_twin
from conformance.judge.shared import REASONS, disagree, pairs, places

LEGACY_REASONS = ("stop", "length", "content_filter")

SMALL = 1000
"""Tokens of prompt and answer that fit into every context window (GPT-2 had 1024), so that it did not cut such an answer."""

below_limit = response("that used less than its limit")(lambda x: at_limit(x) is False)
within_window = response(f"of less than {SMALL} tokens")(lambda x: need(x.usage, "total_tokens", int) < SMALL)
reached_limit = response("that used up its limit")(lambda x: at_limit(x) is True)
alone = request("that asks for one choice")(lambda x: choices_asked(x) == 1)
chosen = tool_choice("auto") | (offers_tools & ~asked("tool_choice"))
forced = tool_choice("required") | tool_choice("function") | tool_choice("custom")


def ended(x: Exchange) -> tuple[Choice, ...]:
    """The choices that say in a word of the API how they ended. Raises Unreadable where there is none."""
    known = tuple(choice for choice in x.choices if choice.finish_reason in REASONS)
    if not known:
        raise Unreadable(differs("finish_reason", x.choices[0].finish_reason, f"one of {', '.join(REASONS)}"))
    return known


def expecting(x: Exchange, *wanted: str) -> Problems:
    """What is wrong where every choice must have ended in one of these ways."""
    for choice in ended(x):
        if choice.finish_reason not in wanted:
            yield differs(
                f"finish_reason of choice {choice.index}", choice.finish_reason, " or ".join(map(repr, wanted))
            )


# A preview model of 2023 sent `finish_details` in place of finish_reason, once in the recordings.
@check("finish.present", MUST, when=chat, source=(COMPLETION, NODE_NEEDS_FINISH),
       breaks=("finish-absent", "finish-null"), covers="FIN-001")  # fmt: skip
def says_how_it_ended(x: Exchange) -> Problems:
    """Each choice of a plain answer has a `finish_reason`, never null.

    Clients that wait for a reason take the answer for broken off; the typed SDK models do not allow null.
    """
    for path in places(x):
        reason = find(x.answer, f"{path}.finish_reason")
        if reason is ABSENT and find(x.answer, f"{path}.finish_details") is ABSENT:
            yield f"{path}.finish_reason is absent, expected one of {', '.join(REASONS)}"
        elif reason is not ABSENT and not (isinstance(reason, str) and reason):
            yield differs(f"{path}.finish_reason", reason, f"one of {', '.join(REASONS)}")


@check(
    "finish.known",
    MUST,
    when=completion,
    source=COMPLETION,
    breaks=("finish-eos", "finish-tool-call", "finish-error"),
    covers="FIN-001",
)
def ends_in_a_known_way(x: Exchange) -> Problems:
    """`finish_reason` is stop, length, tool_calls, content_filter or function_call.

    Clients with exhaustive matches, as in Rust, Go and Java, fail on "eos" or "error"; the SDKs hand them on.
    """
    for choice in x.choices:
        if choice.finish_reason and choice.finish_reason not in REASONS:
            yield differs(
                f"finish_reason of choice {choice.index}", choice.finish_reason, f"one of {', '.join(REASONS)}"
            )


# All 159 recorded answers of OpenAI that ended below their limit without calls say "stop".
@check("finish.stop", MUST, when=completion & alone & below_limit & within_window & ~calls_tool & ~asked("functions")
       & ~intent("stop-inside"), source=COMPLETION, breaks="finish-length-at-end", covers="FIN-002")  # fmt: skip
def natural_end_is_stop(x: Exchange) -> Problems:
    """`finish_reason` is "stop" at the natural end of an answer: one without calls that did not reach its limit.

    "length" makes clients ask for a continuation that there is not; parse() of both SDKs raises.
    """
    yield from expecting(x, "stop", "content_filter")


@check("finish.stop-sequence", MUST, when=completion & alone & intent("stop-inside") & below_limit, source=COMPLETION,
       breaks="finish-length-at-stop", covers="FIN-003")  # fmt: skip
def stop_sequence_is_stop(x: Exchange) -> Problems:
    """`finish_reason` is "stop" where a stop sequence ended the answer.

    Loops that go on while an answer is cut never come to an end.
    """
    yield from expecting(x, "stop", "content_filter")


# Sampled choices may end by themselves at their last token, so several are not judged.
@check("finish.length", MUST, when=completion & intent("long-answer") & ~asked("n") & reached_limit,
       source=(COMPLETION, PARSES_LENGTH),
       breaks=("finish-stop-at-limit", "finish-stream-stop"), covers="FIN-004")  # fmt: skip
def limit_is_length(x: Exchange) -> Problems:
    """`finish_reason` is "length" where the token limit cut the answer.

    "stop" hides the cut: half a JSON document is taken for a whole one. parse() of both SDKs relies on "length" to raise.
    """
    # A count that came to its end just there was not cut.
    if not all((choice.content or "").rstrip(" .\n").endswith(COUNT_ENDS) for choice in x.choices):
        yield from expecting(x, "length")


@check("finish.tool-calls", MUST, when=completion & chosen & calls_tool, source=COMPLETION,
       breaks=("finish-stop-for-calls", "finish-function-call-for-calls"), covers="FIN-005")  # fmt: skip
def chosen_calls_are_tool_calls(x: Exchange) -> Problems:
    """`finish_reason` is "tool_calls" where the model chose to call a tool.

    Agent loops that look at it end the turn on "stop" and never run the tool.
    """
    for choice in ended(x):
        if choice.tool_calls and choice.finish_reason not in ("tool_calls", "length", "content_filter"):
            yield differs(f"finish_reason of choice {choice.index}", choice.finish_reason, "'tool_calls'")


@check("finish.forced", SHOULD, when=completion & forced & calls_tool & below_limit, source=(COMPLETION, STRUCTURED_OUTPUTS),
       breaks=("finish-length-for-forced", "finish-function-call-for-calls"), covers="FIN-006")  # fmt: skip
def forced_calls_are_stop_or_tool_calls(x: Exchange) -> Problems:
    """`finish_reason` is "stop" or "tool_calls" where the request forced a call that was not cut.

    OpenAI says "stop" for most named tools and "tool_calls" for required ones; clients must cope with both, and with no other.
    """
    for choice in ended(x):
        if choice.tool_calls and choice.finish_reason not in ("stop", "tool_calls", "content_filter"):
            yield differs(f"finish_reason of choice {choice.index}", choice.finish_reason, "'tool_calls' or 'stop'")


@check("finish.function-call", MUST, when=completion & ~asked("functions") & ~(streaming & asks_audio), source=COMPLETION,
       breaks="finish-function-call-for-calls", covers="FIN-007")  # fmt: skip
def function_call_only_for_functions(x: Exchange) -> Problems:
    """`finish_reason` is "function_call" only in answers to the deprecated `functions` parameter.

    Current clients wait for "tool_calls" and run nothing.
    """
    for choice in ended(x):
        if choice.finish_reason == "function_call":
            yield differs(
                f"finish_reason of choice {choice.index}", choice.finish_reason, "'tool_calls' without functions"
            )


@check("finish.cut-call", MUST, when=completion & calls_tool & reached_limit, source=(COMPLETION, PARSES_LENGTH),
       breaks=("finish-calls-for-cut-call", "finish-stream-calls-cut"), covers="FIN-010")  # fmt: skip
def cut_call_is_length(x: Exchange) -> Problems:
    """`finish_reason` is "length" where the token limit cut the arguments of a tool call.

    With "tool_calls" the client parses half an object and crashes, or worse, runs the tool without its arguments.
    """
    for choice in ended(x):
        cut = any(call.type != "custom" and not _is_json(call.arguments) for call in choice.tool_calls)
        if cut and choice.finish_reason != "length":
            yield differs(
                f"finish_reason of choice {choice.index}", choice.finish_reason, "'length': the arguments are cut"
            )


def _is_json(arguments: str | None) -> bool:
    try:
        json.loads(arguments or "")
    except (ValueError, RecursionError):
        return False
    return True


@check("finish.legacy", MUST, when=route("completions") & post & ok & ~streaming, source=LEGACY_COMPLETION,
       breaks="finish-legacy-tool-calls", covers="FIN-011")  # fmt: skip
def legacy_ends_in_three_ways(x: Exchange) -> Problems:
    """`finish_reason` of a legacy completion is stop, length or content_filter.

    The typed SDK models know no other, and no null.
    """
    for n, part in enumerate(need(x.answer, "choices", list)):
        reason = find(part, "finish_reason")
        if reason not in LEGACY_REASONS:
            yield differs(
                f"choices.{n}.finish_reason", None if reason is ABSENT else reason, " or ".join(LEGACY_REASONS)
            )


# Several choices are asked for to differ: not compared. A limit may be met the one time and not the other; where both
# say so or neither does, the reason must be the same.
@check("finish.same-streamed", MUST, together=streamed_twin, when=completion & ~asked("functions") & ~asked("n"),
       source=(COMPLETION, CHUNK), breaks=("finish-stream-stop", "finish-stream-calls-cut"), covers="FIN-009")  # fmt: skip
def same_reason(plain: Exchange, streamed: Exchange) -> Problems:
    """`finish_reason` is the same streamed and not streamed.

    Applications switch streaming on for their users and lose the handling of cut answers and tool calls.
    """
    for one, other in pairs(plain, streamed):
        reasons = (one.finish_reason, other.finish_reason)
        if reasons[0] != reasons[1]:
            limits = (at_limit(plain), at_limit(streamed))
            if "length" not in reasons or (limits[0] == limits[1] and limits[0] is not None):
                yield _blaming(one.index, *reasons, full=limits[0])


def _blaming(index: int, plain: str, streamed: str, full: bool | None) -> str:
    """The problem of two reasons that are not the same, held against the one that does not go with a limit that was used up or not."""
    wrong = {"plain": plain, "streamed": streamed} if "length" in (plain, streamed) and full is not None else {}
    for mode, reason in wrong.items():
        if (reason == "length") is not full:
            wanted = "'length': all tokens of the limit were used" if full else "another: the limit was not used up"
            return differs(f"finish_reason of choice {index} {mode}", reason, wanted)
    return disagree(f"finish_reason of choice {index}", plain, streamed)
