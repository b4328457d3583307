"""RESP: how a stream ends: with one event that says how, the whole response in it, and the end of the body; and how it fails."""

from __future__ import annotations

from conformance.areas.citations import NODE_EVENTS, rfc
from conformance.areas.responses.conditions import fails, framed, has_event, streamed
from conformance.areas.responses.response_reading import ENDS, LIFECYCLE, ending, events
from conformance.areas.responses.sources import (
    COMPLETED,
    ERROR_EVENT,
    FAILED,
    GRAMMAR,
    INCOMPLETE,
    NODE_ACCUMULATES,
    PYTHON_ACCUMULATES,
    PYTHON_FINAL,
)
from conformance.exchange import Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.objects import misfits


@check("response.ends", MUST, when=streamed & ~fails, source=(COMPLETED, PYTHON_FINAL), breaks=("response-no-end", "response-ends-as-done"),
       covers="RESP-030")  # fmt: skip
def a_stream_says_how_it_ended(x: Exchange) -> Problems:
    """A stream ends with response.completed, response.incomplete or response.failed.

    Python's get_final_response() raises, Node's gives a response in progress; [DONE] says nothing in their place.
    """
    if ending(x) is None:
        yield differs("the type of the last event", events(x)[-1].type, '"response.completed"')


@check("response.ends-once", MUST, when=streamed & has_event(*ENDS), source=(COMPLETED, GRAMMAR),
       breaks=("response-ends-twice", "response-more-after-end"), covers="RESP-030")  # fmt: skip
def it_ends_once(x: Exchange) -> Problems:
    """Nothing comes behind that event but [DONE], which is neither wanted nor wrong.

    What comes after the end is lost, or answers the next question.
    """
    found = events(x)
    first = next(n for n, event in enumerate(found) if event.type in ENDS)
    if found[first + 1 :]:
        yield differs(
            f"the type of event {found[first + 1].at}", found[first + 1].type, f"nothing behind {found[first].type}"
        )


@check(
    "response.closes",
    MUST,
    when=framed & has_event(*ENDS),
    source=(NODE_EVENTS, rfc(9112, "7.1")),
    breaks="response-hangs",
    covers="RESP-055",
)
def the_body_ends_behind_it(x: Exchange) -> Problems:
    """The body of a stream is at its end after the event that ends the response.

    openai-node reads on for good, for its timeout does not cover the body; Python raises APITimeoutError after a whole answer.
    """
    if x.ended != "complete":
        yield f"the body is not at its end after the last event ({x.failure or x.ended}), expected its end"


@check("response.end-status", MUST, when=streamed & has_event(*ENDS), source=(COMPLETED, INCOMPLETE, FAILED),
       breaks=("response-end-status", "response-incomplete-as-completed"), covers="RESP-030")  # fmt: skip
def the_end_says_what_the_response_says(x: Exchange) -> Problems:
    """The status of the response is what the event that ends the stream is called after.

    Some clients go by the one, some by the other.
    """
    last = ending(x)
    wanted = last.type.removeprefix("response.")
    if (seen := find(last.data, "response.status")) != wanted:
        yield differs(f"event {last.at} response.status", seen, f'"{wanted}"')


@check("response.same-response", MUST, when=streamed & has_event("response.created"), source=(PYTHON_ACCUMULATES, NODE_ACCUMULATES),
       breaks=("response-id-changes", "response-completed-without-id"), covers="RESP-039")  # fmt: skip
def the_response_keeps_its_id(x: Exchange) -> Problems:
    """The response has the same id in every event that holds it.

    Python raises "Lifecycle response identity changed"; what was stored under the one is asked for by the other.
    """
    held = [event for event in events(x) if event.type in LIFECYCLE]
    first = find(held[0].data, "response.id")
    for event in held[1:]:
        if (seen := find(event.data, "response.id")) != first:
            yield differs(
                f"event {event.at} response.id", seen, f"{first if isinstance(first, str) else 'one id'} throughout"
            )


@check("response.error-says", MUST, when=streamed & has_event("error"), source=ERROR_EVENT, breaks="response-error-wordless",
       covers="RESP-045")  # fmt: skip
def error_events_have_words(x: Exchange) -> Problems:
    """An event of type "error" says what happened in `message`, its own or that of its `error`.

    Users read "unknown error", and nobody can help them.
    """
    for event in events(x):
        if event.type == "error":
            told = [found for path in ("message", "error.message") if isinstance(found := find(event.data, path), str)]
            if not any(told):
                yield differs(f"message of event {event.at}", find(event.data, "message"), "a non-empty string")


# No MUST: the documents have it flat, and the one genuine event that is recorded has it in `error`.
@check("response.error-flat", SHOULD, when=streamed & has_event("error"), source=ERROR_EVENT,
       breaks=("response-error-nested", "response-error-wordless"), covers="RESP-045")  # fmt: skip
def error_events_are_flat(x: Exchange) -> Problems:
    """An event of type "error" has message, code and param itself, not within an `error`.

    Typed clients of other languages read them there.
    """
    yield from misfits(x, "response-error-event", "message", "code", "param")


@check("response.fails-in-words", MUST, when=streamed & fails, source=(FAILED, ERROR_EVENT, GRAMMAR),
       breaks="response-failure-as-chat", covers=("RESP-046", "RESP-045"))  # fmt: skip
def failures_are_events_of_their_own(x: Exchange) -> Problems:
    """A stream that fails says so by an event of type "error" or response.failed, not by the envelope of plain errors.

    An event without a type is passed over: the answer just ends.
    """
    if not any(event.type in ("error", "response.failed") for event in events(x)):
        yield differs("the type of the last event", events(x)[-1].data.get("type"), '"error" or "response.failed"')


@check(
    "response.fails-at-last",
    SHOULD,
    when=streamed & fails,
    source=(FAILED, GRAMMAR),
    breaks=("response-failed-unsaid", "response-failure-as-chat"),
    covers="RESP-046",
)
def failures_end_in_failed(x: Exchange) -> Problems:
    """A stream that fails ends with response.failed, whose response says why."""
    if (last := ending(x)) is None or last.type != "response.failed":
        yield differs("the type of the last event", events(x)[-1].type, '"response.failed"')
