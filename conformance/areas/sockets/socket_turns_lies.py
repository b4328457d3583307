"""Lies about turns over WebSockets: frames, what is remembered, and two at once."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply, compact
from conformance.reference.response_stages import remade
from conformance.reference.talk import spoken


def _told(call: Call, reply: Reply) -> bool:
    """The events of a response over a WebSocket."""
    return (
        call.socket
        and call.method == "POST"
        and bool(reply.chunks)
        and reply.chunks[0].get("type") == "response.created"
    )


def _refused(reply: Reply, status: int, message: str, code: str | None) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": "previous_response_id", "code": code}
    return spoken(replace(reply, status=status, chunks=None, body={"error": error}))


@says("socket-binary", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """Messages come in binary frames."""
    return replace(reply, binary=True) if call.socket else reply


@says("socket-framed-as-stream", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """Events come as the lines of a stream, each in a message."""
    if not _told(call, reply) or call.line.beside:
        return reply
    return replace(reply, chunks=None, body=tuple(b"data: " + compact(chunk) for chunk in reply.chunks))


@says("socket-says-done", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """Behind the last event of a response comes [DONE]."""
    return replace(reply, chunks=None, body=(*map(compact, reply.chunks), b"[DONE]")) if _told(call, reply) else reply


@says("socket-one-turn", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """The connection is closed behind each response."""
    return replace(reply, ending="cut") if _told(call, reply) and not call.line.beside else reply


@says("socket-error-closes", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """The connection is closed behind each error."""
    failed = call.socket and call.method == "POST" and not _told(call, reply)
    return replace(reply, ending="cut") if failed else reply


def _continues(call: Call) -> bool:
    return call.socket and bool((call.json or {}).get("previous_response_id")) and call.line.before is not None


@says("socket-continued-refused", link="https://github.com/Soju06/codex-lb/issues/464", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """What was not stored is not remembered by its connection either."""
    id = (call.json or {}).get("previous_response_id")
    message = f"Previous response with id '{id}' not found."
    return (
        _refused(reply, 400, message, "previous_response_not_found")
        if _continues(call) and _told(call, reply)
        else reply
    )


@says("socket-result-refused", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """Results of the calls of an earlier turn are refused."""
    given = (call.json or {}).get("input")
    alone = isinstance(given, list) and given and all(item.get("type") == "function_call_output" for item in given)
    return (
        _refused(reply, 400, "No tool call found for function call output.", None)
        if _continues(call) and alone
        else reply
    )


def _forgotten(response: Json) -> Json:
    usage = response["usage"]
    counts = {"input_tokens": 3, "total_tokens": 3 + usage["output_tokens"]}
    return {**response, "usage": {**usage, **counts}}


@says("socket-history-lost", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """The prompt of a turn that continues another is what is new in it."""
    return remade(reply, _forgotten) if _continues(call) and _told(call, reply) else reply


@says("socket-mixed", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """Of two messages at once both are begun before the first response has ended."""
    if not _told(call, reply) or not call.line.beside:
        return reply
    if call.line.before is not None:
        return replace(reply, chunks=reply.chunks[1:])
    head, *rest = reply.chunks
    return replace(reply, chunks=(head, {**head, "response": {**head["response"], "id": "resp_other"}}, *rest))


@says("socket-second-lost", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """A message that comes while another is answered is lost."""
    return replace(reply, chunks=()) if call.line.beside and call.line.before is not None and call.socket else reply


@lets("socket-prewarm-speaks", link="https://github.com/router-for-me/CLIProxyAPI/issues/6006", socket=True)
def _(call: Call) -> Call:
    """A request that is only to be read is answered."""
    return call.asking(generate=None) if call.socket and (call.json or {}).get("generate") is False else call


@says("socket-prewarm-forgotten", socket=True)
def _(call: Call, reply: Reply) -> Reply:
    """What was only read cannot be continued."""
    bare = call.socket and _told(call, reply) and call.json.get("input") == []
    return _refused(reply, 400, "Previous response not found.", "previous_response_not_found") if bare else reply
