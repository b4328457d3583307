"""What the honest reference answers about the conversations that it keeps."""

from __future__ import annotations

from conformance.reference.item_lists import listed, page, whole
from conformance.reference.kept_conversations import AT_ONCE
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.respond import Server
from conformance.reference.response_items import items
from conformance.reference.response_rules import check_item
from conformance.reference.routes import route
from conformance.reference.rules import check_json, check_metadata


@route("POST", r"/conversations")
def created(server: Server, call: Call) -> Reply:
    """A conversation, with the items that it begins with."""
    asked = _read(call, "metadata", "items")
    given = _items(asked) if asked.get("items") is not None else []
    id = f"conv_{server.hash('conversation', 48)}"
    made = server.conversations.make(id, int(server.now()), asked.get("metadata") or {})
    made.add(given)
    return Reply(200, (), made.shown)


@route("GET", r"/conversations/([^/]+)")
def fetched(server: Server, call: Call, id: str) -> Reply:
    return Reply(200, (), server.conversations.get_or_refuse(id).shown)


@route("POST", r"/conversations/([^/]+)")
def updated(server: Server, call: Call, id: str) -> Reply:
    """The conversation with other metadata."""
    kept, asked = server.conversations.get_or_refuse(id), _read(call, "metadata")
    if not isinstance(asked.get("metadata"), dict):
        raise _missing("metadata")
    kept.metadata = asked["metadata"]
    return Reply(200, (), kept.shown)


@route("DELETE", r"/conversations/([^/]+)")
def deleted(server: Server, call: Call, id: str) -> Reply:
    server.conversations.get_or_refuse(id)
    del server.conversations[id]
    return Reply(200, (), {"id": id, "object": "conversation.deleted", "deleted": True})


@route("POST", r"/conversations/([^/]+)/items")
def added(server: Server, call: Call, id: str) -> Reply:
    """The items that were added, as a list."""
    kept = server.conversations.get_or_refuse(id)
    return Reply(200, (), whole(kept.add(_items(_read(call, "items")))))


@route("GET", r"/conversations/([^/]+)/items")
def all_items(server: Server, call: Call, id: str) -> Reply:
    """A page of all items, the newest first, unless the order is `asc`."""
    return Reply(200, (), page(server.conversations.get_or_refuse(id).items, call.query))


@route("GET", r"/conversations/([^/]+)/items/([^/]+)")
def one_item(server: Server, call: Call, id: str, item: str) -> Reply:
    return Reply(200, (), listed(server.conversations.get_or_refuse(id).item(item)))


@route("DELETE", r"/conversations/([^/]+)/items/([^/]+)")
def taken_out(server: Server, call: Call, id: str, item: str) -> Reply:
    """The conversation without the item."""
    kept = server.conversations.get_or_refuse(id)
    kept.items.remove(kept.item(item))
    return Reply(200, (), kept.shown)


def _read(call: Call, *known: str) -> Json:
    """The body of a request, in which only these parameters may be; none is an empty one. Raises Refusal."""
    asked = check_json(call) if call.body else {}
    for name in asked:
        if name not in known:
            raise Refusal(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    check_metadata(asked)
    return asked


def _items(asked: Json) -> list[Json]:
    """The items of a request. Raises Refusal."""
    given = asked.get("items")
    if given is None:
        raise _missing("items")
    if not isinstance(given, list):
        message = "Invalid type for 'items': expected an array of objects."
        raise Refusal(400, message, param="items", code="invalid_type")
    if len(given) > AT_ONCE:
        message = f"Invalid 'items': array too long. Expected an array with maximum length {AT_ONCE}."
        raise Refusal(400, message, param="items", code="array_above_max_length")
    for n, item in enumerate(given):
        check_item(item, f"items[{n}]")
    return items(given)


def _missing(name: str) -> Refusal:
    return Refusal(400, f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter")
