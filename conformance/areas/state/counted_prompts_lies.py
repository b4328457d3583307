"""Lies about a conversation that is counted or compacted."""

from __future__ import annotations

from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import body, turn_down


def _count(call: Call, reply: Reply) -> bool:
    return call.path.endswith("/responses/input_tokens") and reply.status == 200


@says("state-count-named-total")
def _(call: Call, reply: Reply) -> Reply:
    """The count has another name."""
    return body(reply, input_tokens=..., total_tokens=reply.body["input_tokens"]) if _count(call, reply) else reply


@says("state-count-text")
def _(call: Call, reply: Reply) -> Reply:
    """The count is a text."""
    return body(reply, input_tokens=str(reply.body["input_tokens"])) if _count(call, reply) else reply


@says("state-count-of-words")
def _(call: Call, reply: Reply) -> Reply:
    """Words are counted, not tokens."""
    return body(reply, input_tokens=reply.body["input_tokens"] // 2) if _count(call, reply) else reply


@says("state-compacts-to-text")
def _(call: Call, reply: Reply) -> Reply:
    """A compacted conversation is a text."""
    made = call.path.endswith("/responses/compact") and reply.status == 200
    return body(reply, output="They talked of a word to remember.") if made else reply


@says("state-refuses-compacted")
def _(call: Call, reply: Reply) -> Reply:
    """What was compacted is refused as input."""
    given = (call.json or {}).get("input")
    compacted = isinstance(given, list) and any(item.get("type") == "compaction" for item in given)
    return (
        turn_down(reply, "Invalid value: 'compaction'.", "input")
        if compacted and call.path == "/v1/responses"
        else reply
    )
