"""STATE: a response in the background is there at once, comes to an end while it is asked for, and can be cancelled until then."""

from __future__ import annotations

import re

from conformance.areas.citations import oas
from conformance.areas.state.conditions import (
    behind,
    cancelled_later,
    cancelling,
    fetched_again,
    fetching,
    made,
    named_in,
)  # fmt: skip
from conformance.areas.state.kept import GET_RESPONSE, asked_for
from conformance.exchange import Exchange, find, need
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import ok, streaming
from conformance.judge.final_response import FINISHED, final_response, response_id
from conformance.wire.jsontext import show

BACKGROUND = oas("ResponseProperties.background", 59580)
CANCEL = oas("POST /responses/{response_id}/cancel", 18796)
WAITING = ("queued", "in_progress")


@response("that says it is in the background")
def says_behind(x: Exchange) -> bool:
    return find(final_response(x), "background") is True


@response("of a response that waits or runs")
def waiting(x: Exchange) -> bool:
    return find(x.answer, "status") in WAITING


@response("that is there no more, or has an end")
def over(x: Exchange) -> bool:
    return not x.ok or find(x.answer, "status") in FINISHED


@request("for the events after a number")
def from_number(x: Exchange) -> bool:
    return re.search(r"starting_after=\d", x.url) is not None


@response("that says whether it can be cancelled")
def decided(x: Exchange) -> bool:
    return x.status not in (405, 429, 501, 503)


begun = made & behind & ~streaming & says_behind


@check(
    "state.background-begins", SHOULD, when=begun, source=BACKGROUND, breaks="state-background-waits", covers="RESP-021"
)
def background_answers_at_once(x: Exchange) -> Problems:
    """A request with `background: true` is answered at once by a response that is queued or in progress.

    It is sent by those who cannot wait for minutes, through gateways that would end the connection.
    """
    if find(x.answer, "status") not in WAITING:
        yield differs("status", find(x.answer, "status"), '"queued" or "in_progress"')


@check(
    "state.background-empty",
    SHOULD,
    when=begun & waiting,
    source=BACKGROUND,
    breaks=("state-background-says", "state-background-writes"),
    covers="RESP-021",
)
def background_has_said_nothing(x: Exchange) -> Problems:
    """A response that waits has neither output nor usage yet.

    Clients that look for output take an empty answer for the whole one.
    """
    if need(x.answer, "output", list):
        yield differs("output", x.answer["output"], "[], as nothing was said yet")
    if find(x.answer, "usage") and need(x.answer, "usage", dict).get("output_tokens"):
        yield differs("usage", x.answer["usage"], "null, as nothing was said yet")


@check("state.settles", SHOULD, together=fetched_again, source=(BACKGROUND, GET_RESPONSE), covers="RESP-021",
       when=begun | (asked_for & over),
       breaks=("state-background-lost", "state-background-mute", "state-background-unmetered"))  # fmt: skip
def background_comes_to_an_end(made: Exchange, fetched: Exchange) -> Problems:
    """A response in the background is found by its id, and once it is completed it has output and usage.

    Whoever asks for it again and again asks for ever, or finds nothing.
    """
    if not fetched.ok:
        yield differs(f"status of GET by the id of {made.id}", fetched.status, "200")
    elif find(fetched.answer, "status") == "completed":
        if not need(fetched.answer, "output", list):
            yield differs("output of a completed response", [], "what was said")
        if not isinstance(find(fetched.answer, "usage"), dict):
            yield differs("usage of a completed response", find(fetched.answer, "usage"), "an object")


@check("state.cancelled", MUST, together=cancelled_later, when=begun | (cancelling & ok), source=CANCEL,
       breaks=("state-cancels-nothing", "state-cancels-another"), covers="RESP-020")  # fmt: skip
def cancelled_response_ends(made: Exchange, x: Exchange) -> Problems:
    """POST /responses/{id}/cancel answers with the response, cancelled unless it had ended before.

    What goes on is paid for, and its tools are called for a user who has stopped it.
    """
    if response_id(x) != named_in(x):
        yield differs("id", find(x.answer, "id"), f"{show(named_in(x), 80)}, which was to be cancelled")
    if (status := find(x.answer, "status")) not in FINISHED:
        yield differs("status of a response that was cancelled", status, '"cancelled"')


# SHOULD: nothing recorded shows it; the document says that only those in the background can be cancelled.
@check("state.cancel-refused", SHOULD, together=cancelled_later, source=CANCEL, breaks="state-cancels-nothing", covers="RESP-020",
       when=(made & ~behind) | (cancelling & decided))  # fmt: skip
def finished_response_is_not_cancelled(made: Exchange, x: Exchange) -> Problems:
    """To cancel a response that was not made in the background is refused.

    Who is told that it was cancelled believes that its tokens are not paid for.
    """
    if x.ok:
        yield differs("status of a request to cancel what is no response in the background", x.status, "400")


@check(
    "state.resumed",
    MAY,
    when=fetching & ok & streaming & from_number,
    source=GET_RESPONSE,
    breaks="state-resumes-anew",
    covers="RESP-050",
)
def stream_goes_on_after_a_number(x: Exchange) -> Problems:
    """GET /responses/{id}?stream=true&starting_after=N sends the events after N, and none before.

    Who lost the connection sees twice what was shown already.
    """
    wanted = int(re.search(r"starting_after=(\d{1,9})", x.url)[1])
    numbers = [need(value, "sequence_number", int) for _, value in x.messages]
    if min(numbers) <= wanted:
        yield differs(
            "the first sequence_number", min(numbers), f"one beyond {wanted}, after which the stream was to start"
        )
