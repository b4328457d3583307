"""STATE: the list of what a response was made of, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.areas.citations import node, oas, python
from conformance.areas.state.conditions import first_text, items_listed, listing, made, named_in
from conformance.exchange import Exchange, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.objects import misfits
from conformance.judge.verdicts import Relation
from conformance.wire.jsontext import show

LIST = oas("ResponseItemList", 58951)
LIST_ITEMS = oas("GET /responses/{response_id}/input_items", 18898)
PAGES = (python("openai/pagination.py", 63), node("core/pagination.ts", 190))
PAGE = 20
"""Items of a page where none is asked for."""


def _query(x: Exchange, name: str) -> str | None:
    pairs = (pair.partition("=") for pair in x.url.partition("?")[2].split("&"))
    return next((value for key, _, value in pairs if key == name), None)


@request("in the order of time")
def ascending(x: Exchange) -> bool:
    return _query(x, "order") == "asc"


def _pages(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A page of the input of a response with the page that was asked for after its last item."""
    pages: dict[tuple[str, str | None, str], Exchange] = {}
    for x in exchanges:
        if x.route == "response-items" and x.ok and x.not_json is None:
            place = named_in(x), _query(x, "order")
            if (after := _query(x, "after")) and (*place, after) in pages:
                yield pages[(*place, after)], x
            if isinstance(last := find(x.json, "last_id"), str):
                pages[(*place, last)] = x


def _ids(x: Exchange) -> list[str]:
    return [need(item, "id", str) for item in need(x.answer, "data", list)]


@check("state.list", MUST, when=listing, source=LIST, breaks="state-list-bare", covers="RESP-019")
def input_is_a_list(x: Exchange) -> Problems:
    """GET /responses/{id}/input_items answers with an object that says "list" and holds `data`.

    Both SDKs page through `data`, and show no items where it has another name.
    """
    yield from misfits(x, "response-input-list")
    yield from misfits(x, "response-input-list", "object", "data")


@check("state.list-more", MUST, when=listing, source=LIST, breaks="state-list-more-absent", covers="RESP-019")
def list_says_whether_there_is_more(x: Exchange) -> Problems:
    """`has_more` of the list is a boolean.

    Without it the SDKs ask for page after page, until one is empty.
    """
    yield from misfits(x, "response-input-list", "has_more")


@check("state.list-ends", MUST, when=listing, source=LIST, breaks="state-list-no-first", covers="RESP-019")
def list_names_its_ends(x: Exchange) -> Problems:
    """`first_id` and `last_id` of the list are the ids of its first and last item.

    Clients ask for what comes after `last_id`, and skip items or see them twice.
    """
    ids = _ids(x)
    for name, id in (("first_id", ids[0]), ("last_id", ids[-1])) if ids else ():
        if find(x.answer, name) != id:
            yield differs(name, find(x.answer, name), f"{show(id, 80)}, as in data")


@check("state.list-item", MUST, when=listing, source=LIST, breaks="state-list-no-ids", covers="RESP-019")
def listed_items_are_items(x: Exchange) -> Problems:
    """Each element of the list is an item with an `id` and a `type`.

    The SDKs ask for the next page by the id of the last item, and typed clients tell items apart by `type`.
    """
    yield from misfits(x, "response-input-item", "id", "type")


@check("state.list-limit", SHOULD, when=listing, source=LIST_ITEMS, breaks="state-list-unlimited", covers="RESP-019")
def page_is_no_longer_than_asked(x: Exchange) -> Problems:
    """A page has as many items as `limit` says at most, 20 where it says nothing.

    Who asks for few has room for few.
    """
    limit = _query(x, "limit") or ""
    most = int(limit) if limit.isdigit() and len(limit) < 5 else PAGE
    if len(found := need(x.answer, "data", list)) > most:
        yield differs("the number of items", len(found), f"{most} at most, as asked for")


@check("state.list-pages", MUST, together=Relation("page and the one after its last item", _pages), when=listing,
       source=(LIST_ITEMS, *PAGES), breaks="state-list-same-page", covers="RESP-019")  # fmt: skip
def pages_go_on(first: Exchange, second: Exchange) -> Problems:
    """The page after an item has none of the items before it.

    Both SDKs ask for page after page as long as there is more: for ever, where `after` is ignored.
    """
    if again := [id for id in _ids(second) if id in _ids(first)]:
        yield differs(
            f"an item of the page after {show(find(first.answer, 'last_id'), 60)}", again[0], "none of the page before"
        )


@check("state.list-input", SHOULD, together=items_listed, when=made | (listing & ascending), source=LIST_ITEMS,
       breaks="state-list-backwards", covers="RESP-019")  # fmt: skip
def list_begins_with_the_input(made: Exchange, x: Exchange) -> Problems:
    """In ascending order the list begins with the first item of the request's input.

    Who shows a conversation again shows it from its end, or shows other words than the user's.
    """
    texts = [find(part, "text") for part in need(need(x.answer, "data.0", dict), "content", list)]
    if (first := first_text(made)) not in texts:
        yield differs("the text of the first item", texts[0] if texts else "", show(first, 80))
