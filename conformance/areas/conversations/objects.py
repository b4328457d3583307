"""Where conversations, lists of their items, and the items stand; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, body
from conformance.judge.objects import described as kind


@kind("conversation")
def conversation(x: Exchange) -> Placed:
    return body(x)


@kind("conversation-deleted")
def deleted(x: Exchange) -> Placed:
    return body(x)


@kind("conversation-item-list")
def items(x: Exchange) -> Placed:
    return body(x)


@kind("conversation-item")
def item(x: Exchange) -> Placed:
    return below(body(x), "data") if x.route == "conversation-items" else body(x)


@kind("conversation-message")
def message(x: Exchange) -> Placed:
    return ((path, value) for path, value in item(x) if isinstance(value, dict) and value.get("type") == "message")


@kind("conversation-part")
def part(x: Exchange) -> Placed:
    return below(message(x), "content")
