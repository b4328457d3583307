"""Lies about features together: turned down, or one of them lost."""

from __future__ import annotations

from conformance.reference.lies import says
from conformance.reference.logprobs import entries
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import asked, crash, each_choice, is_error, turn_down, without


def _several(call: Call) -> bool:
    return (asked(call).get("n") or 1) > 1


def _formed(call: Call) -> str | None:
    return (asked(call).get("response_format") or {}).get("type")


@says("pair-logprobs-refused", link="https://github.com/ggml-org/llama.cpp/issues/28478")
def _(call: Call, reply: Reply) -> Reply:
    """Log probabilities are not given in streams where tools are offered, and the request is turned down."""
    both = call.streaming and asked(call).get("tools") and asked(call).get("logprobs")
    return turn_down(reply, "logprobs is not supported with tools + stream") if both else reply


@says("pair-choices-refused", link="https://github.com/theopenco/llmgateway/pull/2433")
def _(call: Call, reply: Reply) -> Reply:
    """Several choices are not made where tools are offered, in words that name neither."""
    both = _several(call) and asked(call).get("tools")
    return turn_down(reply, "This combination is not available.", "n") if both else reply


@says("pair-image-refused")
def _(call: Call, reply: Reply) -> Reply:
    """Images are not taken beside a schema."""
    both = _formed(call) == "json_schema" and b"image_url" in call.body
    return (
        turn_down(reply, "Structured output is not supported with image input.")
        if both and not is_error(reply)
        else reply
    )


@says("pair-seed-fails")
def _(call: Call, reply: Reply) -> Reply:
    """A seed in JSON mode makes the server fail."""
    return crash(reply) if _formed(call) == "json_object" and asked(call).get("seed") else reply


@says("pair-call-lost", link="https://github.com/sgl-project/sglang/issues/30556")
def _(call: Call, reply: Reply) -> Reply:
    """Of several choices that must call a tool the second calls none: what it says stands in its text."""
    must = _several(call) and asked(call).get("tool_choice") == "required"

    def lost(choice: Json) -> Json:
        if choice["index"] == 0:
            return choice
        message = without({**choice["message"], "tool_calls": ..., "content": "{}"})
        said = {"content": entries([b"{}"], 2, 0), "refusal": None} if asked(call).get("logprobs") else None
        return {**choice, "message": message, "logprobs": said, "finish_reason": "stop"}

    return each_choice(reply, lost) if must else reply
