"""Which exchanges are about one kept response, and which continue another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from conformance.exchange import Exchange, Unreadable, find
from conformance.judge.condition import request, response
from conformance.judge.conditions import ok, post, route
from conformance.judge.final_response import FINISHED, final_response, read_once, response_id
from conformance.judge.verdicts import Relation, Untold

WORD = "marmalade"
"""What the model is asked to remember: no word that it would say by itself."""


@request("sent with GET")
def get(x: Exchange) -> bool:
    return x.method == "GET"


@request("sent with DELETE")
def delete(x: Exchange) -> bool:
    return x.method == "DELETE"


making = route("responses") & post
made = making & ok
fetching = route("response") & get
deleting = route("response") & delete
listing = route("response-items") & get & ok
cancelling = route("response-cancel") & post
about = making | route("response", "response-items", "response-cancel")
"""Whatever makes a response or is about one."""


@request("that runs in the background")
def behind(x: Exchange) -> bool:
    return x.asked.get("background") is True


@request("that declines to be stored")
def declined(x: Exchange) -> bool:
    return x.asked.get("store") is False


@response("of a response that has an end")
def finished(x: Exchange) -> bool:
    return find(final_response(x), "status") in FINISHED


def named_in(x: Exchange) -> str:
    """The id in the path of a request about one response."""
    parts = x.url.partition("?")[0].rstrip("/").split("/")
    return unquote(parts[-2] if x.route in ("response-items", "response-cancel") else parts[-1])


def _base(x: Exchange) -> str:
    """Where the responses of this server are."""
    return x.url.partition("?")[0].partition("/responses")[0]


def _made(exchanges: Sequence[Exchange]) -> dict[tuple[str, str], Exchange]:
    """Each exchange that made a response, by the place and the id; where recorders gave many the same id, none of them."""
    found: dict[tuple[str, str], Exchange | None] = {}
    for x in exchanges:
        if x.route == "responses" and x.method == "POST" and (id := response_id(x)) is not None:
            key = (_base(x), id)
            found[key] = None if key in found else x
    return {key: x for key, x in found.items() if x is not None}


def _about(method: str, kind: str, exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A response that was made, with each request of this kind about it that came before any to delete it."""
    known, deleted = _made(exchanges), set()
    for x in exchanges:
        if x.route not in ("response", "response-items", "response-cancel"):
            continue
        key = (_base(x), named_in(x))
        if x.route == kind and x.method == method and key in known and key not in deleted:
            yield known[key], x
        if x.method == "DELETE" and x.ok:
            deleted.add(key)


def _relation(name: str, method: str, kind: str) -> Relation:
    return Relation(name, lambda exchanges: _about(method, kind, exchanges))


def _after_deletion(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A request to delete a response that was obeyed, with the next that asks for the response."""
    deleted: dict[tuple[str, str], Exchange] = {}
    for x in exchanges:
        if x.route == "response" and (key := (_base(x), named_in(x))):
            if x.method == "DELETE" and x.ok:
                deleted[key] = x
            elif x.method == "GET" and key in deleted:
                yield deleted[key], x


def _chains(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A response that was made, with each request that continues it."""
    known = _made(exchanges)
    for x in exchanges:
        alone = x.route == "responses" and x.asked.get("conversation") is None
        previous = x.asked.get("previous_response_id") if alone else None
        if isinstance(previous, str) and (_base(x), previous) in known:
            yield known[(_base(x), previous)], x


def _growing(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The chains where nothing but the conversation, and the instructions, makes one prompt longer or shorter than the other."""
    for first, second in _chains(exchanges):
        same = all(first.asked.get(name) == second.asked.get(name) for name in ("tools", "text", "model"))
        shortened = second.asked.get("truncation") == "auto" or second.asked.get("context_management")
        if same and not shortened and read_once(first) and read_once(second):
            yield first, second


def _anew(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The chains where the first has instructions, and the second none of its own."""
    for first, second in _chains(exchanges):
        if isinstance(first.asked.get("instructions"), str) and second.asked.get("instructions") is None:
            yield first, second


def first_text(x: Exchange) -> str | None:
    """The text that the input of a request begins with; None where it is in parts, or in an earlier response."""
    given = x.asked.get("input") if not x.asked.get("previous_response_id") else None
    first = find(given[0], "content") if isinstance(given, list) and given else given
    return first if isinstance(first, str) and first else None


def _begun(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A response whose input begins with a text, with the first page of its input."""
    for made, x in _about("GET", "response-items", exchanges):
        if first_text(made) and "after=" not in x.url:
            yield made, x


def _asked_back(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The word that was to be remembered, and the question for it; where the prompt had it, a model that forgets it tells nothing."""
    for first, second in _chains(exchanges):
        if "remember" in first.intent & second.intent and second.ok:
            forgetful = "the prompt grew by what was said before, so that it is the model which does not say it"
            yield Untold((first, second), forgetful) if _grown(first, second) else (first, second)


def _grown(first: Exchange, second: Exchange) -> bool:
    try:
        texts = str(final_response(second).get("output")).lower()
        before, after = (find(final_response(x), "usage.input_tokens") for x in (first, second))
        return WORD not in texts and isinstance(before, int) and isinstance(after, int) and after > before
    except Unreadable:
        return False


fetched_again = _relation("response that was made and then asked for by its id", "GET", "response")
"""(made, fetched)"""
items_listed = Relation("response whose input was asked for", _begun)
"""(made, the first page)"""
cancelled_later = _relation("response that was made and then to be cancelled", "POST", "response-cancel")
"""(made, the request to cancel)"""
after_deletion = Relation("response that was deleted and then asked for", _after_deletion)
"""(the request to delete, the one for it)"""
continued_by_id = Relation("response that continues another by its id", _chains)
"""(the one before, the one that continues it)"""
growing = Relation("response that continues another, all else alike", _growing)
"""(the one before, the one that continues it)"""
instructed_anew = Relation("response that continues another with instructions", _anew)
"""(the one with instructions, the one without)"""
asked_back = Relation("response that was asked what an earlier one was told", _asked_back)
"""(the one before, the one that continues it)"""
