"""CONV: the items of a conversation: listed page by page, added, and asked for one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from conformance.areas.citations import oas, python
from conformance.areas.conversations.conditions import (
    adding,
    any_list,
    item_of,
    listing,
    making,
    one_item,
    queried,
    stories,
)
from conformance.exchange import Exchange, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import Condition, response
from conformance.judge.objects import OBJECTS, misfits
from conformance.judge.verdicts import Relation
from conformance.wire.jsontext import show

LIST = oas("ConversationItemList", 32721)
ITEM = oas("ConversationItem", 32685)
MESSAGE = oas("Message", 68094)
LIST_ITEMS = oas("GET /conversations/{conversation_id}/items", 4155)
ADD_ITEMS = oas("POST /conversations/{conversation_id}/items", 3970)
ONE_ITEM = oas("GET /conversations/{conversation_id}/items/{item_id}", 4299)
PAGES = python("openai/pagination.py", 137)
PAGE = 20
"""Items of a page where none is asked for."""


@cache
def holds(kind: str, words: str) -> Condition:
    return response(f"with {words}")(lambda x: next(OBJECTS[kind](x), None) is not None)


def _ids(x: Exchange) -> list[str]:
    return [need(item, "id", str) for item in need(x.answer, "data", list)]


def _texts(item: object) -> list[str]:
    """The texts of a message, in order."""
    content = find(item, "content")
    if isinstance(content, str):
        return [content]
    parts = [find(part, "text") for part in content] if isinstance(content, list) else []
    return [text for text in parts if isinstance(text, str)]


@check("conversation.list", MUST, when=any_list, source=LIST, covers="CONV-004",
       breaks=("conversation-list-bare", "conversation-added-item"))  # fmt: skip
def items_are_a_list(x: Exchange) -> Problems:
    """Items, also those that were added, come as an object that says "list", with `data` and whether there is more.

    Both SDKs page through `data`; without `has_more` they ask for page after page, until one is empty.
    """
    yield from misfits(x, "conversation-item-list")
    yield from misfits(x, "conversation-item-list", "object", "data", "has_more")


@check(
    "conversation.list-ends",
    MUST,
    when=any_list,
    source=(LIST, PAGES),
    breaks="conversation-list-no-last",
    covers="CONV-004",
)
def list_names_its_ends(x: Exchange) -> Problems:
    """`first_id` and `last_id` of a list are the ids of its first and last item.

    openai-python asks for the next page by `last_id`: where it is absent, the first page is all there is.
    """
    ids = _ids(x)
    for name, id in (("first_id", ids[0]), ("last_id", ids[-1])) if ids else ():
        if find(x.answer, name) != id:
            yield differs(name, find(x.answer, name), f"{show(id, 80)}, as in data")


@check("conversation.item", MUST, when=(any_list & holds("conversation-item", "items")) | one_item, source=ITEM,
       breaks=("conversation-no-item-ids", "conversation-item-wrapped"), covers="CONV-005")  # fmt: skip
def items_have_id_and_type(x: Exchange) -> Problems:
    """Each item has an `id` and a `type`, in lists and by itself.

    Items are deleted by their id, and typed clients tell them apart by `type`.
    """
    yield from misfits(x, "conversation-item")
    yield from misfits(x, "conversation-item", "id", "type")


@check("conversation.message", MUST, when=(any_list | one_item) & holds("conversation-message", "a message"), source=MESSAGE,
       breaks=("conversation-message-text", "conversation-message-roleless"), covers="CONV-005")  # fmt: skip
def messages_have_their_parts(x: Exchange) -> Problems:
    """A message has its role, a status, and its content as an array of parts, each with its type.

    Who shows a conversation again loops over the parts, whatever form they were sent in.
    """
    yield from misfits(x, "conversation-message", "role", "content", "status")
    yield from misfits(x, "conversation-part")
    yield from misfits(x, "conversation-part", "type", "text")


@check("conversation.added", MUST, when=adding, source=ADD_ITEMS, breaks=("conversation-added-all", "conversation-added-turned"),
       covers="CONV-006")  # fmt: skip
def added_items_are_told(x: Exchange) -> Problems:
    """Adding items is answered with the list of what was added: as many, in the order in which they were sent.

    Clients learn from it under which id each of theirs is kept.
    """
    sent, told = x.asked.get("items") or [], need(x.answer, "data", list)
    if len(told) != len(sent):
        yield differs("the number of items", len(told), f"{len(sent)}, as were added")
    elif any(_texts(one) != _texts(other) for one, other in zip(sent, told, strict=True)):
        yield differs(
            "the texts of the items", show([_texts(each) for each in told], 80), "those that were added, in their order"
        )


@check(
    "conversation.limit", SHOULD, when=listing, source=LIST_ITEMS, breaks="conversation-unlimited", covers="CONV-004"
)
def page_is_no_longer_than_asked(x: Exchange) -> Problems:
    """A page has as many items as `limit` says at most, 20 where it says nothing."""
    limit = queried(x, "limit") or ""
    most = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 5 else PAGE
    if len(found := need(x.answer, "data", list)) > most:
        yield differs("the number of items", len(found), f"{most} at most, as asked for")


def _pages(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A page of a conversation with the page that was asked for after its last item."""
    for _, later in stories(exchanges):
        pages: dict[tuple[str | None, str], Exchange] = {}
        for x in later:
            if x.route == "conversation-items" and x.method == "GET" and x.ok and x.not_json is None:
                order, after = queried(x, "order"), queried(x, "after")
                if after and (order, after) in pages:
                    yield pages[(order, after)], x
                if isinstance(last := find(x.json, "last_id"), str):
                    pages[(order, last)] = x


@check("conversation.pages", MUST, together=Relation("page and the one after its last item", _pages), when=listing,
       source=(LIST_ITEMS, PAGES), breaks="conversation-same-page", covers="CONV-004")  # fmt: skip
def pages_go_on(first: Exchange, second: Exchange) -> Problems:
    """The page after an item has none of the items before it.

    Both SDKs ask for page after page as long as there is more: for ever, where `after` is ignored.
    """
    if again := [id for id in _ids(second) if id in _ids(first)]:
        yield differs(
            f"an item of the page after {show(find(first.answer, 'last_id'), 60)}", again[0], "none of the page before"
        )


def _begun(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A conversation that began with items, or to which some were added, with a list that begins at that end of it."""
    for made, later in stories(exchanges):
        added: Exchange | None = None
        for x in later:
            if x.route == "conversation-items" and x.method == "POST" and x.ok:
                added = x
            elif x.route == "conversation-items" and x.method == "GET" and x.ok and not queried(x, "after"):
                oldest = queried(x, "order") == "asc"
                source = made if oldest else added
                if source is not None and source.asked.get("items"):
                    yield source, x
            elif x.method != "GET":
                added = None


@check("conversation.order", MUST, together=Relation("items that were sent, and the list of them", _begun), when=making | adding | listing,
       source=LIST_ITEMS, breaks=("conversation-backwards", "conversation-items-dropped"), covers="CONV-004")  # fmt: skip
def lists_begin_where_they_say(sent: Exchange, x: Exchange) -> Problems:
    """In ascending order the list begins with the first item of all; in the other, which is the usual one, with the last that was added.

    Who shows the last messages of a conversation shows its first.
    """
    wanted = _texts(sent.asked["items"][0 if queried(x, "order") == "asc" else -1])
    seen = _texts(find(x.answer, "data.0"))
    if wanted and seen != wanted:
        yield differs("the text of the first item", show(seen, 60), f"{show(wanted, 60)}, as in {sent.id}")


def _asked_for(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The last list of a conversation's items, with an item of it that was then asked for."""
    for _, later in stories(exchanges):
        lists: dict[str, Exchange] = {}
        for x in later:
            if x.route == "conversation-items" and x.ok and x.not_json is None:
                found = find(x.json, "data")
                lists.update({str(find(item, "id")): x for item in (found if isinstance(found, list) else ())})
            elif (
                x.route == "conversation-item"
                and x.method == "GET"
                and "gone" not in x.intent
                and (own := item_of(x))
                and own[1] in lists
            ):
                yield lists[own[1]], x


@check("conversation.item-same", MUST, together=Relation("list of items, and one of them", _asked_for), when=any_list | one_item,
       source=ONE_ITEM, breaks=("conversation-item-other", "conversation-item-wrapped"), covers="CONV-005")  # fmt: skip
def an_item_is_what_was_listed(listed: Exchange, x: Exchange) -> Problems:
    """An item that is asked for by its id is the one that was listed under it."""
    id = (item_of(x) or ("", ""))[1]
    found = next(item for item in need(listed.answer, "data", list) if find(item, "id") == id)
    for name, seen, wanted in (
        ("id", find(x.answer, "id"), id),
        ("type", find(x.answer, "type"), find(found, "type")),
        ("content", show(_texts(x.answer), 80), show(_texts(found), 80)),
    ):
        if seen != wanted:
            yield differs(name, seen, f"{show(wanted, 80)}, as in {listed.id}")
            return
