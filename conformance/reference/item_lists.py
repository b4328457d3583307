"""Lists of items as the reference gives them, page by page: what a response was made of, or is in a conversation. It must not answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from conformance.reference.refusal import Refusal

Json = dict[str, Any]

PAGE, PAGE_MOST = 20, 100
"""Items of a page where no limit is named, and at most (openapi.yaml, listInputItems and listConversationItems)."""


def page(items: Sequence[Json], query: str) -> Json:
    """A page of items that come the oldest first: the newest first, unless the order is `asc`. Raises Refusal."""
    asked = dict(parse_qsl(query))
    found = [listed(item) for item in items]
    if asked.get("order") != "asc":
        found.reverse()
    ids = [item["id"] for item in found]
    if (after := asked.get("after")) is not None and after not in ids:
        raise Refusal(404, f"Item with id '{after}' not found.", param="after")
    rest = found[ids.index(after) + 1 :] if after else found
    shown = rest[: min(int(asked.get("limit", PAGE)), PAGE_MOST)]
    return {**whole(shown), "has_more": len(shown) < len(rest)}


def whole(items: Sequence[Json]) -> Json:
    """All of these items, in this order."""
    data = [listed(item) for item in items]
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {"first_id": None, "last_id": None}
    return {"object": "list", "data": data, **ends, "has_more": False}


def listed(item: Json) -> Json:
    """An item as it is listed: its content in parts."""
    if item["type"] != "message":
        return item
    if not isinstance(item["content"], str):
        parts = [{"file_id": None, **part} if part["type"] == "input_image" else part for part in item["content"]]
        return {**item, "content": parts}
    kind = "output_text" if item["role"] == "assistant" else "input_text"
    return {**item, "content": [{"type": kind, "text": item["content"]}]}
