"""Which exchanges are about files and batches, and what their answers hold. Judges nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from conformance.areas.citations import oas, python
from conformance.areas.questions import DIGITS, HELLO
from conformance.exchange import Exchange, Unreadable, find
from conformance.exchange.probe import user
from conformance.judge.condition import Condition, request
from conformance.judge.conditions import broken_on_mistake, ok, post, route
from conformance.judge.verdicts import Relation
from conformance.wire import jsontext, multipart

FILE, FILE_LIST, DELETED = oas("OpenAIFile", 44860), oas("ListFilesResponse", 42852), oas("DeleteFileResponse", 37838)
UPLOAD, LIST = oas("CreateFileRequest", 34959), oas("GET /files", 6357)
CONTENT = oas("GET /files/{file_id}/content", 6680)
BATCH, COUNTS, CREATE = oas("Batch", 30363), oas("BatchRequestCounts", 30610), oas("CreateBatchRequest", 33057)
BATCH_LIST = oas("ListBatchesResponse", 42798)
PAGES = python("openai/pagination.py", 71)
LINE = "https://docs.rs/openai-struct/latest/src/openai_struct/models/batch_request_output.rs.html"

NONE = "file-conformance-no-such-file"
ASKED = {"greeting": user(HELLO), "digits": user(DIGITS), "faulty": []}
"""The conversations of the batch, by custom_id; one without messages cannot be answered."""
FAULTY = "faulty"
MOST = 1000
"""Lines of a file that are looked at."""

get = request("sent with GET")(lambda x: x.method == "GET")
uploads = route("files") & post
uploaded = Condition("of a file that is uploaded", (uploads & ~broken_on_mistake & ok).test)
file_list = Condition("of a list of files", (route("files") & get & ok).test)
one_file = Condition("of one file", (route("file") & get & ok).test)
described = Condition("that describes a file", (uploaded | one_file).test)
deleted = Condition(
    "of a file that is deleted", (route("file") & request("sent with DELETE")(lambda x: x.method == "DELETE") & ok).test
)
one_batch = Condition(
    "of one batch", ((route("batches") & post | route("batch", "batch-cancel")) & ~broken_on_mistake & ok).test
)
batch_list = Condition("of a list of batches", (route("batches") & get & ok).test)
any_list = Condition("of a list of files or batches", (route("files", "batches") & get & ok).test)


def queried(x: Exchange, name: str) -> str | None:
    """A parameter of the query, the last where it comes twice."""
    return parse_qs(urlsplit(x.url).query, keep_blank_values=True).get(name, [None])[-1]


def sent_file(x: Exchange) -> multipart.Field | None:
    return next((field for field in x.form if field.name == "file" and field.filename is not None), None)


def ids(x: Exchange) -> list[Any]:
    """The ids of a list, whatever they are. Raises Unreadable."""
    data = find(x.answer, "data")
    if not isinstance(data, list):
        raise Unreadable("data is no array, expected the objects of the list")
    return [find(each, "id") for each in data]


def lines(x: Exchange) -> list[Any]:
    """The JSON values of a file of lines, the first thousand; None for a line that is not JSON."""
    found = []
    for text in x.body.split(b"\n")[:MOST]:
        if text.strip():
            try:
                found.append(jsontext.parse(text))
            except jsontext.NotJSON:
                found.append(None)
    return found


def _one_batch(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """All that a run saw of one batch, in the order in which it was sent."""
    seen: dict[str, list[Exchange]] = defaultdict(list)
    for x in exchanges:
        if one_batch(x) and x.not_json is None and isinstance(id := find(x.json, "id"), str):
            seen[id].append(x)
    for group in seen.values():
        if len(group) > 1:
            yield tuple(sorted(group, key=lambda x: x.started or 0.0))


def _results(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The files of what a batch of ours gave: of its answers and of its errors, as far as they are there."""
    found = [x for x in exchanges if x.name in ("files.batch-output", "files.batch-errors") and x.ok]
    if any(x.name == "files.batch-output" for x in found):
        yield tuple(found)


def _given(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A batch that says which files it gave, and each request for one of them that a server could answer."""
    for done in exchanges:
        if done.name == "files.batch-done" and done.ok and done.not_json is None:
            yield from ((done, x) for x in exchanges if x.name in GIVEN and x.answered and x.status not in AWAY)


GIVEN = ("files.batch-output", "files.batch-errors", "files.output-file")
AWAY = (401, 403, 408, 429, 503, 504)
"""Statuses of a key, a limit or an outage."""
given = Relation("batch that is done, and a file that it gave", _given)
"""(the batch, the file or its content)"""
batch_looks = Relation("batch that was looked at more than once", _one_batch)
"""(its making, each look at it, ...)"""
results = Relation("batch whose results were read", _results)
"""(the file of its answers, that of its errors)"""
