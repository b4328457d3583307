"""Lies about a conversation that goes on: not known, lost, counted wrongly, refused without a word of use."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.state.kept_lies import each_response
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import crash, error, turn_down

UNKNOWN = "resp_conformance_no_such_response"


def _previous(call: Call) -> str | None:
    """The response that a request continues."""
    previous = (call.json or {}).get("previous_response_id") if call.path == "/v1/responses" else None
    return previous if isinstance(previous, str) else None


@says("state-chain-refused")
def _(call: Call, reply: Reply) -> Reply:
    """No response can be continued."""
    return (
        turn_down(reply, "previous_response_id is not supported here.", "previous_response_id")
        if _previous(call)
        else reply
    )


def _refers(call: Call) -> bool:
    given = (call.json or {}).get("input") if call.path == "/v1/responses" else None
    return isinstance(given, list) and any(
        item.get("type") == "item_reference" for item in given if isinstance(item, dict)
    )


@says("state-reference-refused", link="https://github.com/neondatabase/neon-pkgs/pull/367")
def _(call: Call, reply: Reply) -> Reply:
    """What is kept is not found by the ids of its items: the gateway asks its upstream, which keeps nothing."""
    return crash(reply) if _refers(call) else reply


@lets(
    "state-chain-ignored", link="https://github.com/NVIDIA/TensorRT-LLM/issues/19223", bugs="responses-previous-id-lost"
)
def _(call: Call) -> Call:
    """Which response a request continues makes no difference."""
    return call.asking(previous_response_id=None) if _previous(call) else call


@says("state-chain-unsaid")
def _(call: Call, reply: Reply) -> Reply:
    """A response does not say which other it continues."""
    return each_response(reply, previous_response_id=None) if _previous(call) else reply


@says("state-history-uncounted")
def _(call: Call, reply: Reply) -> Reply:
    """What was said before is not counted."""
    if not _previous(call) or reply.status != 200:
        return reply
    used = (reply.body or reply.chunks[-1].get("response"))["usage"]
    few = {**used, "input_tokens": 7, "total_tokens": 7 + used["output_tokens"]}
    if reply.chunks is None:
        return each_response(reply, usage=few)
    *events, last = reply.chunks
    return replace(reply, chunks=(*events, {**last, "response": {**last["response"], "usage": few}}))


@lets("state-unknown-continued")
def _(call: Call) -> Call:
    """A response that continues one that nobody knows begins anew."""
    return call.asking(previous_response_id=None) if _previous(call) == UNKNOWN else call


@says("state-unknown-unsaid")
def _(call: Call, reply: Reply) -> Reply:
    """A response that nobody knows is refused without being named."""
    return error(reply, message="Not found.", param=None, code=None) if _previous(call) == UNKNOWN else reply


@says("state-instructions-kept")
def _(call: Call, reply: Reply) -> Reply:
    """The instructions of a response are those of all that continue it."""
    return each_response(reply, instructions="Be kind.") if _previous(call) else reply
