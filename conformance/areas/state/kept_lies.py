"""Lies about responses that are kept: not there, others than were made, there although they should not be."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body, turn_down


def one(call: Call, method: str = "GET") -> bool:
    """A request about one response by its id alone."""
    return call.method == method and call.path.rpartition("/")[0] == "/v1/responses"


def served(call: Call, reply: Reply) -> bool:
    """One response, as it was asked for again."""
    return one(call) and reply.status == 200 and isinstance(reply.body, dict)


def lost(reply: Reply) -> Reply:
    return replace(turn_down(reply, "There is no such response here."), status=404)


def each_response(reply: Reply, **changes: object) -> Reply:
    """Change the response, in one piece or in every event of a stream that holds it; other replies stay."""
    if isinstance(reply.body, dict) and reply.body.get("object") == "response":
        return body(reply, **changes)
    if reply.chunks is None:
        return reply
    return replace(reply, chunks=tuple(_changed(chunk, changes) for chunk in reply.chunks))


def _changed(event: Json, changes: Json) -> Json:
    return {**event, "response": {**event["response"], **changes}} if "response" in event else event


@says("state-nothing-kept")
def _(call: Call, reply: Reply) -> Reply:
    """No response is kept, as each says."""
    return lost(reply) if one(call) else each_response(reply, store=False)


@says("state-forgets")
def _(call: Call, reply: Reply) -> Reply:
    """A response says that it is stored, and is not there."""
    return lost(reply) if one(call) else reply


@lets("state-keeps-all")
def _(call: Call) -> Call:
    """Every response is stored, also one that declines it."""
    return call.asking(store=None) if (call.json or {}).get("store") is False else call


@says("state-other-text")
def _(call: Call, reply: Reply) -> Reply:
    """A response that is asked for again has another text."""
    if not served(call, reply):
        return reply
    output = [
        {**item, "content": [{**part, "text": "Something else."} for part in item["content"]]}
        for item in reply.body["output"]
    ]
    return body(reply, output=output)


@says("state-wrapped")
def _(call: Call, reply: Reply) -> Reply:
    """A response that is asked for again is wrapped."""
    return replace(reply, body={"response": reply.body}) if served(call, reply) and reply.body["output"] else reply


@says("state-new-id")
def _(call: Call, reply: Reply) -> Reply:
    """A response that is asked for again has an id of its own."""
    return body(reply, id="resp_another") if served(call, reply) else reply


@says("state-deletes-silently")
def _(call: Call, reply: Reply) -> Reply:
    """That a response is deleted is told by an empty object."""
    return replace(reply, body={}) if one(call, "DELETE") and reply.status == 200 else reply


@lets("state-deletes-nothing")
def _(call: Call) -> Call:
    """Who asks to delete a response gets it."""
    return replace(call, method="GET") if one(call, "DELETE") else call
