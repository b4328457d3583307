"""Lies about lists of files and of batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import without

LISTS = ("/v1/files", "/v1/batches")


def _list(call: Call, reply: Reply, paths: tuple[str, ...] = LISTS) -> bool:
    return call.method == "GET" and call.path in paths and reply.status == 200


def _members(call: Call, reply: Reply, change: Callable[[Json], Json], paths: tuple[str, ...] = LISTS) -> Reply:
    """Change the list itself; `...` removes a member."""
    return replace(reply, body=without({**reply.body, **change(reply.body)})) if _list(call, reply, paths) else reply


def _asked(call: Call, *names: str) -> Call:
    """The call without these parameters of its query."""
    if call.method != "GET" or call.path not in LISTS:
        return call
    kept = [part for part in call.query.split("&") if part.partition("=")[0] not in names]
    return replace(call, query="&".join(kept))


@says("files-list-bare")
def _(call: Call, reply: Reply) -> Reply:
    """A list is an array."""
    return replace(reply, body=reply.body["data"]) if _list(call, reply) and reply.body["data"] else reply


@says("files-list-items")
def _(call: Call, reply: Reply) -> Reply:
    """The objects of a list stand in `items`."""
    return _members(call, reply, lambda body: {"items": body["data"], "data": ...})


@says("files-list-more-absent")
def _(call: Call, reply: Reply) -> Reply:
    """A list does not say whether there is more."""
    return _members(call, reply, lambda body: {"has_more": ...})


@says("files-list-first-last")
def _(call: Call, reply: Reply) -> Reply:
    """A list does not name its first and its last object."""
    return _members(call, reply, lambda body: {"first_id": None, "last_id": None}, LISTS[:1])


@says("files-list-names")
def _(call: Call, reply: Reply) -> Reply:
    """A list of files tells their ids and names alone."""
    files = [
        {"id": each["id"], "created_at": each["created_at"], "purpose": each["purpose"]} for each in reply.body["data"]
    ]
    return _members(call, reply, lambda body: {"data": files}, LISTS[:1])


@says("files-batch-list-names")
def _(call: Call, reply: Reply) -> Reply:
    """A list of batches tells their ids and their times alone."""
    batches = [{"id": each["id"], "created_at": each["created_at"]} for each in reply.body["data"]]
    return _members(call, reply, lambda body: {"data": batches}, LISTS[1:])


@lets("files-limit-ignored")
def _(call: Call) -> Call:
    """Every page holds all that there is."""
    return _asked(call, "limit")


@lets("files-after-ignored")
def _(call: Call) -> Call:
    """Every page is the first."""
    return _asked(call, "after")


@says("files-more-for-ever")
def _(call: Call, reply: Reply) -> Reply:
    """There is always more."""
    return _members(call, reply, lambda body: {"has_more": True})


@says("files-order-ignored")
def _(call: Call, reply: Reply) -> Reply:
    """What is newest stands first, whatever is asked for."""
    if not _list(call, reply) or "order=asc" not in call.query:
        return reply
    data = [{**each, "created_at": each["created_at"] - n} for n, each in enumerate(reply.body["data"])]
    return _members(call, reply, lambda body: {"data": data})


@lets("files-purpose-ignored")
def _(call: Call) -> Call:
    """Files of every purpose are listed."""
    return _asked(call, "purpose")
