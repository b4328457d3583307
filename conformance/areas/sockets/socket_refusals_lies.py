"""Lies about refusals over WebSockets."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply


def _error(call: Call, reply: Reply, change: Json | None = None, **error: object) -> Reply:
    """The reply with a changed error event; None removes a member of it."""
    if not call.socket or not reply.chunks or reply.chunks[0].get("type") != "error":
        return reply
    event = {**reply.chunks[0], "error": {**reply.chunks[0]["error"], **error}, **(change or {})}
    return replace(reply, chunks=({name: value for name, value in event.items() if value is not None},))


def _makes_no_sense(call: Call) -> bool:
    return call.socket and call.method == "POST" and (call.json is None or "type" in call.json)


@lets("socket-unknown-continued", socket=True)
def _(call: Call) -> Call:
    """A turn that continues a response which nobody knows is answered as if it were the first."""
    id = (call.json or {}).get("previous_response_id") if call.socket else None
    return call.asking(previous_response_id=None) if id and id.endswith("no_such_response") else call


@lets("socket-unstored-shared", socket=True)
def _(call: Call) -> Call:
    """A turn that continues what another connection remembers is answered as if it were the first."""
    id = (call.json or {}).get("previous_response_id") if call.socket else None
    other = id and call.line.memory.get(id) is None and not id.endswith("no_such_response")
    return call.asking(previous_response_id=None) if other else call


@says("socket-lost-unsaid", link="https://github.com/Soju06/codex-lb/issues/1529", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """That a response is not there has a code of its own making."""
    lost = (call.json or {}).get("previous_response_id")
    return _error(call, reply, code="previous_response_stale") if lost else reply


@says("socket-error-flat", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """Errors are flat, as within the stream of a response."""
    told = reply.chunks[0].get("error") if call.socket and reply.chunks else None
    flat = told and {**told, "type": "error", "status": None, "error": None}
    return _error(call, reply, flat) if flat else reply


@says("socket-error-wordless", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """Errors have no message."""
    return _error(call, reply, message=None)


@says("socket-error-without-status", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """Errors have no status."""
    return _error(call, reply, {"status": None})


@says("socket-error-status-text", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """The status of errors is a text."""
    return _error(call, reply, {"status": "400"})


@says("socket-bad-message-ignored", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """A message that makes no sense is not answered."""
    return replace(reply, chunks=()) if _makes_no_sense(call) else reply


@says("socket-bad-message-closes", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """At a message that makes no sense the connection is closed."""
    return replace(reply, chunks=(), ending="cut") if _makes_no_sense(call) else reply


@says("socket-bad-message-untyped", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a message that makes no sense has another type."""
    return _error(call, reply, {"type": "invalid_message"}) if _makes_no_sense(call) else reply


@says("socket-wrong-key-let-in", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """Whoever comes is let in, and told later that the key is wrong."""
    return Reply(101, ()) if call.socket and call.method == "GET" else reply


@says("socket-limit-unsaid", link="https://github.com/earendil-works/pi/issues/6268", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """That a connection is too old is said by no code."""
    told = call.socket and reply.chunks and "connection limit" in str(reply.chunks[0].get("error"))
    return (
        replace(reply, chunks=({**reply.chunks[0], "error": {**reply.chunks[0]["error"], "code": None}},))
        if told
        else reply
    )
