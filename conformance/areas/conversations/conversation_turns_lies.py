"""Lies about responses in a conversation: made elsewhere, told nothing, added nowhere, or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.areas.conversations.conversation_described_lies import about
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body, error, turn_down, without

UNKNOWN = "conv_conformance_no_such_conversation"


def _named(call: Call) -> Any:
    """The conversation that a request for a response names, in whichever form."""
    named = (call.json or {}).get("conversation") if call.path == "/v1/responses" else None
    return named if isinstance(named, (str, dict)) else None


def _each_response(reply: Reply, change: Any) -> Reply:
    """Change the response, in one piece or in every event of a stream that holds it."""
    if isinstance(reply.body, dict) and reply.body.get("object") == "response":
        return body(reply, **change)
    return replace(reply, chunks=tuple(_changed(event, change) for event in reply.chunks)) if reply.chunks else reply


def _changed(event: Json, change: Json) -> Json:
    """An event of a stream, changed where it holds the response; what that has not yet stays null."""
    if "response" not in event:
        return event
    own = {name: value for name, value in change.items() if event["response"].get(name) is not None}
    return {**event, "response": without({**event["response"], **own})}


@lets("conversation-ignored")
def _(call: Call) -> Call:
    """Which conversation a response is to be made in makes no difference."""
    return call.asking(conversation=None) if _named(call) else call


@says("conversation-unsaid")
def _(call: Call, reply: Reply) -> Reply:
    """A response does not say which conversation it is in."""
    return _each_response(reply, {"conversation": ...}) if _named(call) else reply


@says("conversation-said-bare")
def _(call: Call, reply: Reply) -> Reply:
    """A response says the id of its conversation as a text."""
    named = _named(call)
    return (
        _each_response(reply, {"conversation": named["id"] if isinstance(named, dict) else named}) if named else reply
    )


@says("conversation-refused")
def _(call: Call, reply: Reply) -> Reply:
    """No response can be made in a conversation."""
    served = _named(call) and reply.status == 200
    return turn_down(reply, "conversation is not supported here.", "conversation") if served else reply


@says("conversation-object-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A conversation is named by a text or not at all."""
    asked = isinstance(_named(call), dict) and reply.status == 200
    return turn_down(reply, "Invalid type for 'conversation': expected a string.", "conversation") if asked else reply


@lets("conversation-both-served")
def _(call: Call) -> Call:
    """Of a conversation and a previous response the conversation counts."""
    return call.asking(previous_response_id=None) if _named(call) and call.json["previous_response_id"] else call


@lets("conversation-unknown-served")
def _(call: Call) -> Call:
    """A conversation that is not there is an empty one."""
    return call.asking(conversation=None) if _named(call) == UNKNOWN else call


@says("conversation-unknown-unsaid")
def _(call: Call, reply: Reply) -> Reply:
    """That a conversation is not there is not said."""
    return error(reply, message="Not found.", param=None, code=None) if _named(call) == UNKNOWN else reply


@says("conversation-history-uncounted")
def _(call: Call, reply: Reply) -> Reply:
    """The prompt of a second turn counts as ten tokens."""
    if not isinstance(_named(call), dict) or reply.status != 200:
        return reply
    usage = (reply.body or reply.chunks[-1]["response"])["usage"]
    return _each_response(reply, {"usage": {**usage, "input_tokens": 10, "total_tokens": 10 + usage["output_tokens"]}})


def _unanswered(reply: Reply, kept: Any) -> Reply:
    """A page of items without some of them."""
    data = [item for item in reply.body["data"] if kept(item)]
    ends: Json = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {}
    return body(reply, data=data, **ends)


def _listing(call: Call, reply: Reply) -> bool:
    return about(call, "GET", steps=3) and reply.status == 200


@says("conversation-appends-nothing")
def _(call: Call, reply: Reply) -> Reply:
    """What a response answered is not among the items of its conversation."""
    if not _listing(call, reply):
        return reply
    return _unanswered(
        reply, lambda item: item["role"] != "assistant" or item["content"][0]["text"] == "I will remember it."
    )


@says("conversation-input-emptied")
def _(call: Call, reply: Reply) -> Reply:
    """What a response was asked is an empty text among the items of its conversation."""
    if not _listing(call, reply):
        return reply
    empty = {"content": [{"type": "input_text", "text": ""}]}
    return body(reply, data=[{**item, **(empty if "Which word" in str(item) else {})} for item in reply.body["data"]])


@says("conversation-locked-unsaid")
def _(call: Call, reply: Reply) -> Reply:
    """Why a conversation cannot be used just now is said by no code."""
    locked = _named(call) and reply.status == 400 and reply.body["error"]["code"] == "conversation_locked"
    return error(reply, code=None) if locked else reply
