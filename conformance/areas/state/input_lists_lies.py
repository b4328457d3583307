"""Lies about the list of what a response was made of."""

from __future__ import annotations

import re
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply, pretty
from conformance.reference.rewriting import body


def _listing(call: Call, reply: Reply) -> bool:
    return call.path.endswith("/input_items") and reply.status == 200


def _asking(call: Call, pattern: str, wanted: str) -> Call:
    """The call with a part of its query changed; others stay."""
    return replace(call, query=re.sub(pattern, wanted, call.query)) if call.path.endswith("/input_items") else call


@says("state-list-bare")
def _(call: Call, reply: Reply) -> Reply:
    """The input of a response is a bare array."""
    return replace(reply, body=pretty(reply.body["data"])) if _listing(call, reply) else reply


@says("state-list-more-absent")
def _(call: Call, reply: Reply) -> Reply:
    """The list does not say whether there is more."""
    return body(reply, has_more=...) if _listing(call, reply) else reply


@says("state-list-no-first")
def _(call: Call, reply: Reply) -> Reply:
    """The list does not name its first item."""
    return body(reply, first_id=...) if _listing(call, reply) else reply


@says("state-list-no-ids")
def _(call: Call, reply: Reply) -> Reply:
    """The items of the list have no ids."""
    if not _listing(call, reply):
        return reply
    return body(reply, data=[{key: value for key, value in item.items() if key != "id"} for item in reply.body["data"]])


@lets("state-list-unlimited")
def _(call: Call) -> Call:
    """A page has as many items as there are."""
    return _asking(call, r"limit=\d+", "limit=100")


@lets("state-list-same-page")
def _(call: Call) -> Call:
    """Every page is the first."""
    return _asking(call, r"&after=.*", "")


@lets("state-list-backwards")
def _(call: Call) -> Call:
    """The newest item comes first, whatever is asked for."""
    return _asking(call, "order=asc", "order=desc")
