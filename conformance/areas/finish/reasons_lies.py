"""Lies about finish_reason, plain and streamed alike unless said otherwise."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body, busy, each_choice, each_part, is_chat, last_text, sent


def ends(reply: Reply, change: Callable[[str], str]) -> Reply:
    """The reply with its finish reasons changed."""

    def changed(choice: Json) -> Json:
        reason = choice["finish_reason"]
        return {**choice, "finish_reason": change(reason) if reason else reason}

    return each_part(each_choice(reply, changed), changed)


@says("finish-absent", link="https://github.com/mudler/LocalAI/issues/788", bugs="finish-reason-missing-nonstream")
def _(call: Call, reply: Reply) -> Reply:
    """A plain choice has no finish_reason."""
    return each_choice(reply, lambda choice: {**choice, "finish_reason": ...})


@says("finish-null")
def _(call: Call, reply: Reply) -> Reply:
    """The finish_reason of a plain choice is null."""
    return each_choice(reply, lambda choice: {**choice, "finish_reason": None})


@says(
    "finish-eos",
    link="https://github.com/huggingface/text-generation-inference/issues/1724",
    bugs="finish-reason-eos-token",
)
def _(call: Call, reply: Reply) -> Reply:
    """The end token is the finish_reason of plain answers."""
    ended = {"stop": "eos_token"}
    return each_choice(reply, lambda c: {**c, "finish_reason": ended.get(c["finish_reason"], c["finish_reason"])})


@says("finish-length-at-end")
def _(call: Call, reply: Reply) -> Reply:
    """The natural end of a text is called length."""
    natural = not any(sent(call, name) for name in ("stop", "tools", "functions", "n"))
    return ends(reply, lambda reason: "length" if reason == "stop" else reason) if natural else reply


@says(
    "finish-length-at-stop",
    link="https://github.com/LostRuins/koboldcpp/issues/2481",
    bugs="finish-length-for-stop-string",
)
def _(call: Call, reply: Reply) -> Reply:
    """A text ended by a stop string is called cut."""
    return ends(reply, lambda reason: "length") if isinstance(sent(call, "stop"), str) and sent(call, "stop") else reply


@says("finish-stop-at-limit", link="https://github.com/Blaizzy/mlx-vlm/pull/1215", bugs="finish-length-reported-stop")
def _(call: Call, reply: Reply) -> Reply:
    """A text cut by the limit is called whole."""
    counting = "Count from" in last_text(call)
    return ends(reply, lambda reason: "stop" if reason == "length" else reason) if counting else reply


@says("finish-stop-for-calls", link="https://github.com/cloudflare/ai/issues/192")
def _(call: Call, reply: Reply) -> Reply:
    """A turn in which the model chose to call a tool ends with stop."""
    chosen = sent(call, "tools") and not sent(call, "tool_choice")
    return ends(reply, lambda reason: "stop" if reason == "tool_calls" else reason) if chosen else reply


@says("finish-function-call-for-calls")
def _(call: Call, reply: Reply) -> Reply:
    """Tool calls end with the old word function_call."""
    return ends(reply, lambda reason: "function_call" if reason == "tool_calls" else reason)


@says("finish-length-for-forced")
def _(call: Call, reply: Reply) -> Reply:
    """A forced call that is whole ends with length."""
    forced = sent(call, "tool_choice") not in (None, "none", "auto") and not sent(call, "n")
    return ends(reply, lambda reason: "length") if forced else reply


@says("finish-calls-for-cut-call")
def _(call: Call, reply: Reply) -> Reply:
    """A tool call that was cut ends with tool_calls."""
    return ends(reply, lambda reason: "tool_calls" if reason == "length" else reason) if sent(call, "tools") else reply


@says(
    "finish-stream-stop", link="https://github.com/ikawrakow/ik_llama.cpp/pull/2321", bugs="finish-length-reported-stop"
)
def _(call: Call, reply: Reply) -> Reply:
    """A text cut by the limit is called whole when streamed."""
    if is_chat(reply) or "Count from" not in last_text(call):
        return reply
    return ends(reply, lambda reason: "stop" if reason == "length" else reason)


@says(
    "finish-stream-calls-cut",
    link="https://github.com/vllm-project/vllm/issues/53269",
    bugs="finish-reason-truncated-tool-call",
)
def _(call: Call, reply: Reply) -> Reply:
    """A tool call that was cut ends with tool_calls when streamed."""
    if is_chat(reply) or not sent(call, "tools"):
        return reply
    return ends(reply, lambda reason: "tool_calls" if reason == "length" else reason)


@says("finish-legacy-tool-calls")
def _(call: Call, reply: Reply) -> Reply:
    """A legacy completion ends with a reason of chat."""
    if not isinstance(reply.body, dict) or reply.body.get("object") != "text_completion":
        return reply
    return body(reply, choices=[{**choice, "finish_reason": "tool_calls"} for choice in reply.body["choices"]])


@says("finish-tool-call", link="https://github.com/ml-explore/mlx-lm/pull/782", bugs="finish-reason-tool-call-singular")
def _(call: Call, reply: Reply) -> Reply:
    """The reason to end is called tool_call, in the singular."""
    return ends(reply, lambda reason: "tool_call" if reason == "tool_calls" else reason)


@says("finish-error", link="https://github.com/damianvtran/local-operator/pull/223", bugs="finish-reason-error-200")
def _(call: Call, reply: Reply) -> Reply:
    """A generation that failed ends with the reason error, under status 200."""
    return ends(reply, lambda reason: "error") if busy(call) else reply
