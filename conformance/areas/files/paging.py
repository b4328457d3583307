"""FILE: lists of files and of batches, page by page - they end, and each page goes on where the one before ended."""

from __future__ import annotations

import re
from itertools import pairwise

from conformance.areas.files.conditions import (
    BATCH_LIST,
    FILE_LIST,
    LIST,
    PAGES,
    any_list,
    batch_list,
    file_list,
    ids,
    queried,
)
from conformance.exchange import Exchange, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import Condition, request, response
from conformance.judge.objects import misfits

SOURCE = (FILE_LIST, BATCH_LIST)


@request("that goes on after an object")
def goes_on(x: Exchange) -> bool:
    return bool(queried(x, "after"))


@request("that bounds the page")
def bounded(x: Exchange) -> bool:
    limit = queried(x, "limit") or ""
    return limit.isascii() and limit.isdigit() and 0 < int(limit[:9]) <= 10_000


@request("that wants one purpose")
def of_purpose(x: Exchange) -> bool:
    return bool(queried(x, "purpose"))


@response("with something on the page")
def filled(x: Exchange) -> bool:
    return bool(ids(x))


@response("that is of the time of pages")
def in_pages(x: Exchange) -> bool:
    """OpenAI's lists of files have pages since 2024; those that were recorded before hold all files, in no order."""
    year = re.search(r" (20[0-9]{2}) [0-9]{2}:", x.header("date") or "")
    return year is None or int(year[1]) > 2023


pages = Condition("of a page of a list", (any_list & in_pages).test)
some = Condition("of a page with something on it", (pages & filled).test)


def _kind(x: Exchange) -> str:
    return "file-list" if x.route == "files" else "batch-list"


@check(
    "file.list", MUST, when=any_list, source=SOURCE, breaks=("files-list-bare", "files-list-items"), covers="FILES-002"
)
def lists_are_lists(x: Exchange) -> Problems:
    """A list is an object with the `object` "list", and `data`, an array.

    Python raises AttributeError on an array, and both SDKs show nothing of what is not in `data`.
    """
    yield from misfits(x, _kind(x))
    yield from misfits(x, _kind(x), "object", "data")


@check("file.list-more", MUST, when=pages, source=(*SOURCE, PAGES), breaks="files-list-more-absent", covers="FILES-002")
def lists_say_whether_there_is_more(x: Exchange) -> Problems:
    """A list says in `has_more`, true or false, whether more follows.

    Absent, Python asks for the next page as long as there is something on each, Node stops after the first.
    """
    yield from misfits(x, _kind(x), "has_more")


# SHOULD: both SDKs take the id of the last object of the page.
@check("file.list-ends", SHOULD, when=some, source=SOURCE, breaks="files-list-first-last", covers="FILES-002")
def lists_name_their_ends(x: Exchange) -> Problems:
    """`first_id` and `last_id` are those of the first and the last object on the page; lists of batches may do without.

    Clients that page by themselves go on after last_id.
    """
    page = ids(x)
    for name, at in (("first_id", 0), ("last_id", -1)):
        seen = x.answer.get(name)
        if seen != page[at] and not (x.route == "batches" and seen is None):
            yield differs(name, find(x.answer, name), f"{page[at]}, the id of the {'last' if at else 'first'} object")


@check(
    "file.list-items", MUST, when=file_list & filled, source=FILE_LIST, breaks="files-list-names", covers="FILES-002"
)
def lists_hold_files(x: Exchange) -> Problems:
    """What is listed are files: with id, object, bytes, created_at, filename and purpose.

    A list of names is of no use to who wants to read or delete them.
    """
    yield from misfits(x, "file")
    yield from misfits(x, "file", "id", "object", "bytes", "created_at", "filename", "purpose")


@check(
    "file.list-batches",
    MUST,
    when=batch_list & filled,
    source=BATCH_LIST,
    breaks="files-batch-list-names",
    covers="FILES-012",
)
def lists_hold_batches(x: Exchange) -> Problems:
    """What is listed are batches: with id, object, status and input_file_id.

    A client that lost the id of its batch looks for it here.
    """
    yield from misfits(x, "batch")
    yield from misfits(x, "batch", "id", "object", "status", "input_file_id", "endpoint", "created_at")


@check("file.list-limit", MUST, when=any_list & bounded, source=LIST, breaks="files-limit-ignored", covers="FILES-003")
def pages_are_bounded(x: Exchange) -> Problems:
    """A page holds no more objects than `limit` asks for.

    Who asks for a few gets all that there ever were.
    """
    if (seen := len(ids(x))) > (limit := int(queried(x, "limit")[:9])):
        yield differs("the number of objects in data", seen, f"{limit} at most, as asked for")


@check(
    "file.list-after",
    MUST,
    when=any_list & goes_on,
    source=(LIST, PAGES),
    breaks="files-after-ignored",
    covers="FILES-003",
)
def pages_go_on(x: Exchange) -> Problems:
    """A page that is asked for `after` an object does not hold that object.

    A server that ignores `after` gives the first page for ever: both SDKs never come to an end.
    """
    if (after := queried(x, "after")) in ids(x):
        yield differs("data", f"a page with {after}", "only what comes after it")


@check(
    "file.list-end",
    SHOULD,
    when=any_list & bounded,
    source=(FILE_LIST, PAGES),
    breaks="files-more-for-ever",
    covers="FILES-002",
)
def short_pages_are_the_last(x: Exchange) -> Problems:
    """A page with fewer objects than were asked for is the last: `has_more` is false.

    Clients ask for one page more, or for ever.
    """
    if len(page := ids(x)) < int(queried(x, "limit")[:9]) and x.answer.get("has_more") is True:
        yield differs("has_more", True, f"false: there are {len(page)} objects on a page of {queried(x, 'limit')}")


@check("file.list-order", SHOULD, when=some, source=LIST, breaks="files-order-ignored", covers="FILES-003")
def pages_are_in_order(x: Exchange) -> Problems:
    """The newest stands first, or last where `order` is asc.

    Who looks for what was uploaded just now finds what is oldest.
    """
    times = [need(each, "created_at", int) for each in need(x.answer, "data", list)]
    rising = queried(x, "order") == "asc"
    for n, (one, other) in enumerate(pairwise(times), 1):
        if (other < one) if rising else (other > one):
            yield differs(f"data.{n}.created_at", other, f"{one} or {'later' if rising else 'earlier'}, as ordered")
            return


@check(
    "file.list-purpose",
    SHOULD,
    when=file_list & of_purpose & filled,
    source=LIST,
    breaks="files-purpose-ignored",
    covers="FILES-003",
)
def purposes_are_filtered(x: Exchange) -> Problems:
    """With `purpose` only files of that purpose are listed.

    Who deletes all outputs of batches that way deletes what else there is.
    """
    wanted = queried(x, "purpose")
    odd = [purpose for each in need(x.answer, "data", list) if (purpose := find(each, "purpose")) != wanted]
    if odd and is_a(odd[0], str):
        yield differs("purpose of a file in the list", odd[0], f"{wanted}, as asked for")
