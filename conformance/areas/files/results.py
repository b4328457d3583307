"""FILE: what a batch gave - lines of JSON, one for each request, told apart by custom_id."""

from __future__ import annotations

from typing import Any

from conformance.areas.files.conditions import ASKED, CONTENT, FAULTY, FILE, LINE, LIST, given, ids, lines, results
from conformance.exchange import ABSENT, Exchange, find, is_a
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import ok, sent_as, streaming
from conformance.judge.objects import OBJECTS, misfits
from conformance.judge.relations import probes

read = (sent_as("files.batch-output") | sent_as("files.batch-errors")) & ok


@response("with an answer in a line")
def answered(x: Exchange) -> bool:
    return any(True for _ in OBJECTS["batch-response"](x))


@check("file.batch-given", MUST, together=given, source=(CONTENT, FILE), covers="FILES-008",
       breaks=("files-output-lost", "files-output-undescribed", "files-lost"))  # fmt: skip
def what_a_batch_gave_is_there(batch: Exchange, x: Exchange) -> Problems:
    """The files that a batch names can be asked for, and read, as every other file.

    What was paid for cannot be fetched: a gateway tells an id that only its upstream knows.
    """
    if not x.ok:
        what = "the content of a file" if x.route == "file-content" else "a file"
        yield differs(f"status of {what} that the batch names", x.status, "200")


@check("file.batch-listed", SHOULD, together=probes("files.batch-done", "files.after-batch"), when=ok & ~streaming, source=LIST,
       breaks="files-output-unlisted", covers="FILES-008")  # fmt: skip
def what_a_batch_gave_is_listed(batch: Exchange, x: Exchange) -> Problems:
    """The list of files has those that a batch gave.

    Who looks for old results there finds none, and who cleans up leaves them.
    """
    if find(batch.answer, "output_file_id") not in ids(x) and find(x.answer, "has_more") is not True:
        yield "the file that the batch gave is absent, expected among those of the list"


@check(
    "file.batch-lines",
    MUST,
    when=read,
    source=LINE,
    breaks=("files-lines-array", "files-lines-without-id"),
    covers="FILES-008",
)
def each_line_is_an_object(x: Exchange) -> Problems:
    """Each line of the results of a batch is a JSON object with id, custom_id, response and error.

    Clients read line by line, and find their request by custom_id.
    """
    yield from misfits(x, "batch-line")
    yield from misfits(x, "batch-line", "id", "custom_id", "response", "error")


@check(
    "file.batch-response", MUST, when=read & answered, source=LINE, breaks="files-lines-body-bare", covers="FILES-008"
)
def answers_have_status_and_body(x: Exchange) -> Problems:
    """The `response` of a line has an integer status_code and the answer of the route as `body`, an object.

    Clients read response.body.choices; where the answer stands elsewhere, or as a text, there is none.
    """
    yield from misfits(x, "batch-response")
    yield from misfits(x, "batch-response", "status_code", "body", "request_id")


def _by_id(files: tuple[Exchange, ...]) -> list[tuple[Any, Any]]:
    """(custom_id, line) of all results."""
    return [(find(line, "custom_id"), line) for x in files for line in lines(x) if isinstance(line, dict)]


@check("file.batch-each", MUST, together=results, when=read, source=LINE, covers="FILES-008",
       breaks=("files-lines-first-only", "files-lines-own-ids", "files-lines-array"))  # fmt: skip
def each_request_has_its_line(*files: Exchange) -> Problems:
    """Each request of a batch has one line in its results, with the custom_id that it was sent with.

    What has none was paid for and is lost; no order is promised, so nothing else tells whose a line is.
    """
    seen = sorted(str(id) for id, _ in _by_id(files))
    if seen != sorted(ASKED):
        yield differs("custom_id over the body", seen, f"{sorted(ASKED)}, each once")


@check(
    "file.batch-served",
    MUST,
    together=results,
    when=read,
    source=LINE,
    breaks="files-lines-all-failed",
    covers="FILES-008",
)
def one_fault_spoils_no_other(*files: Exchange) -> Problems:
    """A faulty request of a batch fails alone: the others are answered with 200 and a completion.

    A night's work would hang on its worst line.
    """
    for id, line in _by_id(files):
        if isinstance(id, str) and id in ASKED and id != FAULTY:
            status, kind = find(line, "response.status_code"), find(line, "response.body.object")
            if status != 200 or kind != "chat.completion":
                shown = [None if each is ABSENT else each for each in (status, kind)]
                yield differs(f"status_code and object of the answer to {id}", shown, '200 and "chat.completion"')


@check(
    "file.batch-faulty",
    MUST,
    together=results,
    when=read,
    source=LINE,
    breaks="files-lines-fault-served",
    covers="FILES-008",
)
def a_fault_is_told(*files: Exchange) -> Problems:
    """A faulty request of a batch has a line that says so: a status_code of 400 or more, or an `error`.

    With 200 and an empty answer nobody sees that there was none.
    """
    for id, line in _by_id(files):
        status, error = find(line, "response.status_code"), find(line, "error")
        if id == FAULTY and not (is_a(status, int) and status >= 400) and error in (None, ABSENT):
            yield differs("status_code of the answer to the faulty request", status, "400 or more")
