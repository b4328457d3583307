"""FILE: batches - what they say of themselves when they are made, looked at and cancelled."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from conformance.areas.files.conditions import BATCH, COUNTS, CREATE, batch_looks, one_batch
from conformance.exchange import Exchange, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import intent, ok, post, route
from conformance.judge.mistakes import examined
from conformance.judge.objects import misfits
from conformance.wire.jsontext import show

RANKS = {
    "validating": 0, "in_progress": 1, "finalizing": 2, "cancelling": 3, "completed": 4, "failed": 4, "expired": 4, "cancelled": 4,
}  # fmt: skip
"""How far a batch has come; none goes back."""
TIMES = ("created_at", "in_progress_at", "finalizing_at", "completed_at")
made = route("batches") & post & one_batch


@response("with counts of its requests")
def counted(x: Exchange) -> bool:
    return isinstance(find(x.answer, "request_counts"), dict)


@response("of a batch that is complete")
def complete(x: Exchange) -> bool:
    return find(x.answer, "status") == "completed"


@request("that names what is to be done")
def whole(x: Exchange) -> bool:
    return isinstance(x.asked.get("endpoint"), str)


@check(
    "file.batch",
    MUST,
    when=one_batch,
    source=BATCH,
    breaks=("files-batch-job", "files-batch-created-text"),
    covers="FILES-006",
)
def batches_say_what_they_are(x: Exchange) -> Problems:
    """A batch has id, the object "batch", endpoint, input_file_id, completion_window and created_at.

    By the id alone it is found again, when its requests are paid for.
    """
    yield from misfits(x, "batch")
    yield from misfits(x, "batch", "id", "object", "endpoint", "input_file_id", "completion_window", "created_at")


@check("file.batch-members", SHOULD, when=one_batch, source=BATCH, breaks="files-batch-times-text", covers="FILES-006")
def other_members_have_their_types(x: Exchange) -> Problems:
    """What else a batch says has its type: times are seconds or null, ids of files texts or null, errors and usage objects or null.

    Typed clients refuse the whole batch for one of them.
    """
    names = ("output_file_id", "error_file_id", "errors", "usage", "metadata", "model", "request_counts")
    times = [
        f"{name}_at"
        for name in (
            "in_progress",
            "expires",
            "finalizing",
            "completed",
            "failed",
            "expired",
            "cancelling",
            "cancelled",
        )
    ]
    yield from misfits(x, "batch", *names, *times)


@check("file.batch-status", MUST, when=one_batch, source=BATCH, breaks="files-batch-status-done", covers="FILES-007")
def status_is_known(x: Exchange) -> Problems:
    """`status` of a batch is one of the eight that are documented.

    Clients look again until they see an end that they know: of any other they wait for ever.
    """
    yield from misfits(x, "batch", "status")


@check(
    "file.batch-counts",
    MUST,
    when=one_batch & counted,
    source=COUNTS,
    breaks="files-batch-counts-texts",
    covers="FILES-007",
)
def requests_are_counted(x: Exchange) -> Problems:
    """`request_counts` has the integers total, completed and failed where it is there.

    Progress is shown by them.
    """
    yield from misfits(x, "batch-counts", "total", "completed", "failed")


@check(
    "file.batch-sum",
    SHOULD,
    when=one_batch & counted & complete,
    source=COUNTS,
    breaks="files-batch-sum",
    covers="FILES-007",
)
def counts_add_up(x: Exchange) -> Problems:
    """In a batch that is complete every request has completed or failed.

    Who trusts the counts misses an answer, or waits for one.
    """
    total, done, failed = (need(x.answer, f"request_counts.{name}", int) for name in ("total", "completed", "failed"))
    if total != done + failed:
        yield differs("request_counts.total", total, f"{done} + {failed} = {done + failed}")


@check(
    "file.batch-files",
    MUST,
    when=one_batch & counted & complete,
    source=BATCH,
    breaks="files-batch-no-output",
    covers="FILES-007",
)
def results_have_their_files(x: Exchange) -> Problems:
    """A complete batch names the file of its answers, and where all failed that of its errors.

    What was paid for cannot be fetched otherwise.
    """
    named = [name for name in ("output_file_id", "error_file_id") if isinstance(x.answer.get(name), str)]
    done = need(x.answer, "request_counts.completed", int)
    if not named or (done > 0 and "output_file_id" not in named):
        yield differs(
            "output_file_id", find(x.answer, "output_file_id"), f"the id of a file: {done} requests have completed"
        )


@check(
    "file.batch-as-asked",
    MUST,
    when=made & whole,
    source=(BATCH, CREATE),
    breaks="files-batch-other-endpoint",
    covers="FILES-006",
)
def batch_is_as_asked_for(x: Exchange) -> Problems:
    """A batch has the endpoint, the input file, the window and the metadata that were asked for.

    By its metadata a client knows its batch among those of others.
    """
    for name in ("endpoint", "input_file_id", "completion_window", "metadata"):
        if (sent := x.asked.get(name)) is not None and (seen := find(x.answer, name)) != sent:
            yield differs(name, seen, f"{show(sent)}, as asked for")


@check(
    "file.batch-onward",
    MUST,
    together=batch_looks,
    when=one_batch,
    source=BATCH,
    breaks="files-batch-back",
    covers="FILES-007",
)
def batches_go_onward(*looks: Exchange) -> Problems:
    """From look to look a batch goes onward: it does not go back, and does not leave an end.

    Clients stop looking at an end, and never see what comes after.
    """
    states = [state for x in looks if isinstance(state := find(x.answer, "status"), str) and state in RANKS]
    for before, after in pairwise(states):
        if RANKS[after] < RANKS[before] or (RANKS[before] == 4 and after != before):
            yield differs(f"the status after {before}", after, "the same or a later one")


@check(
    "file.batch-same",
    MUST,
    together=batch_looks,
    when=one_batch,
    source=BATCH,
    breaks="files-batch-renewed",
    covers="FILES-007",
)
def batches_stay_the_same(*looks: Exchange) -> Problems:
    """From look to look a batch keeps its input, its endpoint, its time and its metadata.

    Who finds it by them loses it.
    """
    first = looks[0]
    for x in looks[1:]:
        for name in ("input_file_id", "endpoint", "completion_window", "created_at", "metadata"):
            if find(x.answer, name) != (was := find(first.answer, name)):
                yield differs(f"{name} at another look", find(x.answer, name), f"{show(_shown(was))}, as at first")


def _shown(value: Any) -> Any:
    return value if isinstance(value, (str, int, dict, type(None))) else "nothing"


@check(
    "file.batch-times",
    SHOULD,
    when=one_batch & complete,
    source=BATCH,
    breaks="files-batch-times-back",
    covers="FILES-007",
)
def times_are_in_order(x: Exchange) -> Problems:
    """The times of a complete batch are in order: created, in progress, finalizing, completed.

    How long it waited and how long it ran is told by them.
    """
    times = [(name, x.answer[name]) for name in TIMES if isinstance(x.answer.get(name), int)]
    for (one, before), (other, after) in pairwise(times):
        if after < before:
            yield differs(other, after, f"{before} or later, the time of {one}")


@check(
    "file.batch-cancel",
    MUST,
    when=route("batch-cancel") & post & ok,
    source=BATCH,
    breaks="files-batch-cancelled-not",
    covers="FILES-013",
)
def cancelled_is_cancelled(x: Exchange) -> Problems:
    """A batch that is cancelled answers so: its status is cancelling or cancelled, or it had come to its end before.

    A client believes that nothing more is paid for.
    """
    if (seen := find(x.answer, "status")) in ("validating", "in_progress", "finalizing"):
        yield differs("status", seen, "cancelling or cancelled")


@check("file.batch-input", SHOULD, when=route("batches") & post & intent("no-input") & examined, source=CREATE,
       breaks="files-batch-of-nothing", covers="FILES-011")  # fmt: skip
def input_is_needed(x: Exchange) -> Problems:
    """A batch of a file that does not exist, or without an endpoint, is refused, or has failed.

    Else it is found out a day later.
    """
    if x.ok and find(x.answer, "status") != "failed":
        yield differs("status of a batch of a file that does not exist", x.status, "400 or 404")
