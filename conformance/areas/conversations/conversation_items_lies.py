"""Lies about the items of conversations."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from conformance.areas.conversations.conversation_described_lies import about
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply, pretty
from conformance.reference.rewriting import body, without


def _listed(call: Call, reply: Reply) -> bool:
    return about(call, "GET", steps=3) and reply.status == 200


def _asking(call: Call, pattern: str, wanted: str) -> Call:
    """The call for items with a part of its query changed; others stay."""
    return replace(call, query=re.sub(pattern, wanted, call.query)) if about(call, "GET", steps=3) else call


def _each(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    return body(reply, data=[without(change(item)) for item in reply.body["data"]])


@says("conversation-list-bare")
def _(call: Call, reply: Reply) -> Reply:
    """The items of a conversation are a bare array."""
    return replace(reply, body=pretty(reply.body["data"])) if _listed(call, reply) else reply


@says("conversation-added-item")
def _(call: Call, reply: Reply) -> Reply:
    """Adding items is answered with how many there are."""
    added = about(call, "POST", steps=3) and reply.status == 200
    return replace(reply, body={"object": "list", "added": len(reply.body["data"])}) if added else reply


@says("conversation-list-no-last")
def _(call: Call, reply: Reply) -> Reply:
    """A list of items does not name its last."""
    return body(reply, last_id=...) if _listed(call, reply) and not reply.body["has_more"] else reply


@says("conversation-no-item-ids")
def _(call: Call, reply: Reply) -> Reply:
    """The items that were added have no ids."""
    added = about(call, "POST", steps=3) and reply.status == 200
    return body(_each(reply, lambda item: {**item, "id": ...}), first_id=None, last_id=None) if added else reply


@says("conversation-item-wrapped")
def _(call: Call, reply: Reply) -> Reply:
    """An item that is asked for is wrapped."""
    return replace(reply, body={"item": reply.body}) if about(call, "GET", steps=4) and reply.status == 200 else reply


@says("conversation-item-other")
def _(call: Call, reply: Reply) -> Reply:
    """An item that is asked for has another text."""
    asked = about(call, "GET", steps=4) and reply.status == 200
    return body(reply, content=[{"type": "input_text", "text": "Something else."}]) if asked else reply


@says("conversation-message-text")
def _(call: Call, reply: Reply) -> Reply:
    """The parts of a message are of no type."""
    if not _listed(call, reply):
        return reply
    return _each(reply, lambda item: {**item, "content": [without({**part, "type": ...}) for part in item["content"]]})


@says("conversation-message-roleless")
def _(call: Call, reply: Reply) -> Reply:
    """Nobody has said the messages of a conversation."""
    return _each(reply, lambda item: {**item, "role": ...}) if _listed(call, reply) else reply


@says("conversation-added-all")
def _(call: Call, reply: Reply) -> Reply:
    """Adding items is answered with one more than were added."""
    if not about(call, "POST", steps=3) or reply.status != 200:
        return reply
    first = {**reply.body["data"][0], "id": "msg_another"}
    return body(reply, data=[first, *reply.body["data"]], first_id="msg_another")


@says("conversation-added-turned")
def _(call: Call, reply: Reply) -> Reply:
    """What was added is told the newest first."""
    if not about(call, "POST", steps=3) or reply.status != 200:
        return reply
    return body(reply, data=reply.body["data"][::-1], first_id=reply.body["last_id"], last_id=reply.body["first_id"])


@lets("conversation-unlimited")
def _(call: Call) -> Call:
    """A page has as many items as there are."""
    return _asking(call, r"limit=\d+", "limit=100")


@lets("conversation-same-page")
def _(call: Call) -> Call:
    """Every page is the first."""
    return _asking(call, r"&after=.*", "")


@lets("conversation-backwards")
def _(call: Call) -> Call:
    """The oldest item comes first, unless it is asked for."""
    if not about(call, "GET", steps=3):
        return call
    turned = call.query.replace("order=asc", "order=desc") if "order=" in call.query else f"{call.query}&order=asc"
    return replace(call, query=turned)


@lets("conversation-items-dropped")
def _(call: Call) -> Call:
    """A conversation begins without the items that it was made with."""
    items = (call.json or {}).get("items") if about(call, "POST", steps=1) else None
    return call.asking(items=[]) if items and len(items) <= 20 else call


@lets("conversation-takes-all")
def _(call: Call) -> Call:
    """Of more items than are allowed the first twenty are taken."""
    items = (call.json or {}).get("items") if about(call, "POST", steps=1) else None
    return call.asking(items=items[:20]) if items and len(items) > 20 else call
