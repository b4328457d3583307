"""FILE: batches - what one cost, and why one failed."""

from __future__ import annotations

from conformance.areas.citations import oas
from conformance.areas.files.conditions import BATCH, batch_list, one_batch
from conformance.exchange import Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.objects import OBJECTS, misfits

BATCH_ERROR = oas("BatchError", 30566)


@response("of a batch that says what it cost")
def costs(x: Exchange) -> bool:
    return next(OBJECTS["batch-usage"](x), None) is not None


@response("of a batch that has failed")
def failed(x: Exchange) -> bool:
    return find(x.answer, "status") == "failed"


@check("file.batch-usage", MUST, when=(one_batch | batch_list) & costs, source=BATCH, breaks="files-batch-usage-of-chat",
       covers="FILES-007")  # fmt: skip
def usage_has_its_names(x: Exchange) -> Problems:
    """`usage` of a batch, where it is there, has input, output and total tokens with their details, by the names of Responses.

    What a batch cost is booked by it.
    """
    names = ("input_tokens", "input_tokens_details", "output_tokens", "output_tokens_details", "total_tokens")
    yield from misfits(x, "batch-usage", *names)


# SHOULD: no recording holds a batch that failed; the document has no other place for the reason.
@check("file.batch-failure", SHOULD, when=one_batch & failed, source=(BATCH, BATCH_ERROR), breaks="files-batch-fails-silently",
       covers="FILES-007")  # fmt: skip
def failed_batches_say_why(x: Exchange) -> Problems:
    """A batch that has failed says why in `errors`, a list of objects with a code and a message, and the line where it knows it.

    Who sent ten thousand lines has to find the broken one.
    """
    if not isinstance(find(x.answer, "errors"), dict):
        yield differs("errors", find(x.answer, "errors"), "an object with the list of what went wrong")
        return
    yield from misfits(x, "batch-errors", "object", "data")
    if next(OBJECTS["batch-error"](x), None) is not None:
        yield from misfits(x, "batch-error")
        yield from misfits(x, "batch-error", "code", "message", "param", "line")
