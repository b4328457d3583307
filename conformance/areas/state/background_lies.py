"""Lies about responses in the background: not there, never done, not to be stopped."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.state.kept_lies import lost, served
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import body


def _begun(call: Call, reply: Reply) -> bool:
    """The first answer to a request for a response in the background."""
    return call.path == "/v1/responses" and isinstance(reply.body, dict) and reply.body.get("background") is True


def _again(call: Call, reply: Reply) -> bool:
    return served(call, reply) and reply.body.get("background") is True


USED = {
    "input_tokens": 9, "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0}, "output_tokens": 1,
    "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 10,
}  # fmt: skip
"""What a short answer costs."""


@says("state-background-waits")
def _(call: Call, reply: Reply) -> Reply:
    """A response in the background is said to be completed at once."""
    done = (
        {"status": "completed", "completed_at": reply.body["created_at"], "usage": USED} if _begun(call, reply) else {}
    )
    return body(reply, **done) if done else reply


@says("state-background-says")
def _(call: Call, reply: Reply) -> Reply:
    """A response that waits has used tokens already."""
    return body(reply, usage=USED) if _begun(call, reply) else reply


@says("state-background-writes")
def _(call: Call, reply: Reply) -> Reply:
    """A response that waits has an item already."""
    item = {"id": "msg_early", "type": "message", "status": "in_progress", "role": "assistant", "content": []}
    return body(reply, output=[item]) if _begun(call, reply) else reply


@says("state-background-lost")
def _(call: Call, reply: Reply) -> Reply:
    """A response in the background is not found."""
    return lost(reply) if _again(call, reply) else reply


@says("state-background-mute")
def _(call: Call, reply: Reply) -> Reply:
    """A response in the background comes to an end without having said anything."""
    return body(reply, output=[]) if _again(call, reply) and reply.body["status"] == "completed" else reply


@says("state-background-unmetered")
def _(call: Call, reply: Reply) -> Reply:
    """A response in the background comes to an end without its usage."""
    return body(reply, usage=None) if _again(call, reply) and reply.body["status"] == "completed" else reply


@lets("state-cancels-nothing")
def _(call: Call) -> Call:
    """Who asks to cancel a response gets it, whatever becomes of it."""
    cancelling = call.path.startswith("/v1/responses/") and call.path.endswith("/cancel")
    return replace(call, method="GET", path=call.path.removesuffix("/cancel")) if cancelling else call


@says("state-cancels-another")
def _(call: Call, reply: Reply) -> Reply:
    """Who cancels a response is told that another one was."""
    return body(reply, id="resp_another") if call.path.endswith("/cancel") and reply.status < 400 else reply


@lets("state-resumes-anew")
def _(call: Call) -> Call:
    """A stream that is asked for again begins at its beginning."""
    return replace(call, query="stream=true") if "starting_after" in call.query else call
