"""Lies about conversations: told otherwise than they were made, noted and forgotten, there although they should not be."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import body


def _steps(call: Call) -> list[str]:
    """The steps of the path behind /v1."""
    return call.path.removeprefix("/v1/").split("/")


def about(call: Call, *methods: str, steps: int = 2) -> bool:
    """Whether a call is about a conversation (2), its items (3) or one of them (4), or makes one (1)."""
    own = _steps(call)
    return own[0] == "conversations" and len(own) == steps and call.method in methods


def _described(call: Call, reply: Reply) -> bool:
    return reply.status == 200 and (about(call, "POST", steps=1) or about(call, "GET", "POST"))


@says("conversation-wrapped")
def _(call: Call, reply: Reply) -> Reply:
    """A conversation that is changed is wrapped."""
    told = about(call, "POST") and reply.status == 200
    return replace(reply, body={**reply.body, "object": None, "conversation": reply.body}) if told else reply


@says("conversation-untyped")
def _(call: Call, reply: Reply) -> Reply:
    """A conversation does not say that it is one."""
    return body(reply, object=...) if _described(call, reply) else reply


@says("conversation-milliseconds")
def _(call: Call, reply: Reply) -> Reply:
    """A conversation was made in the year 58,000."""
    return body(reply, created_at=reply.body["created_at"] * 1000) if _described(call, reply) else reply


@says("conversation-metadata-lost")
def _(call: Call, reply: Reply) -> Reply:
    """Nothing is noted of a conversation."""
    return body(reply, metadata={}) if _described(call, reply) else reply


@says("conversation-update-ignored")
def _(call: Call, reply: Reply) -> Reply:
    """What is to be noted anew is not told."""
    return body(reply, metadata={"topic": "conformance"}) if about(call, "POST") and reply.status == 200 else reply


@says("conversation-update-forgotten")
def _(call: Call, reply: Reply) -> Reply:
    """What was noted anew is not there."""
    return body(reply, metadata={"topic": "conformance"}) if about(call, "GET") and reply.status == 200 else reply


@says("conversation-new-id")
def _(call: Call, reply: Reply) -> Reply:
    """A conversation that is asked for has another id."""
    return body(reply, id="conv_another") if about(call, "GET") and reply.status == 200 else reply


@says("conversation-made-anew")
def _(call: Call, reply: Reply) -> Reply:
    """A conversation that is changed was made just now."""
    return (
        body(reply, created_at=reply.body["created_at"] + 9) if about(call, "POST") and reply.status == 200 else reply
    )


@says("conversation-deletes-silently")
def _(call: Call, reply: Reply) -> Reply:
    """That a conversation is deleted is told by an empty object."""
    return replace(reply, body={}) if about(call, "DELETE") and reply.status == 200 else reply


@lets("conversation-deletes-nothing")
def _(call: Call) -> Call:
    """Who asks to delete a conversation gets it."""
    return replace(call, method="GET") if about(call, "DELETE") else call


@says("conversation-item-deleted-silently")
def _(call: Call, reply: Reply) -> Reply:
    """That an item is deleted is told by an empty object."""
    return replace(reply, body={}) if about(call, "DELETE", steps=4) and reply.status == 200 else reply


@lets("conversation-item-stays")
def _(call: Call) -> Call:
    """Deleting an item tells the conversation, and does nothing."""
    if not about(call, "DELETE", steps=4):
        return call
    return replace(call, method="GET", path=call.path.rpartition("/items")[0])
