"""RESP: the events of a stream, one by one: their names, types and numbers, and with which a stream begins."""

from __future__ import annotations

from itertools import pairwise

from conformance.areas.responses.conditions import SEQUENCED, framed, has_event, since, streamed
from conformance.areas.responses.event_types import EVENT_TYPES
from conformance.areas.responses.response_reading import LIFECYCLE, events
from conformance.areas.responses.sources import (
    CREATED,
    EVENT,
    GRAMMAR,
    IN_PROGRESS,
    NODE_ACCUMULATES,
    PYTHON_ACCUMULATES,
    STREAM,
)
from conformance.exchange import Exchange, find, is_a
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import headers_known
from conformance.judge.objects import misfits
from conformance.wire.jsontext import show


@response("of several events with numbers")
def numbered(x: Exchange) -> bool:
    return sum(is_a(event.data.get("sequence_number"), int) for event in events(x)) > 1


@response("that does not begin with an error")
def begun(x: Exchange) -> bool:
    return events(x)[0].type != "error"


@check("response.stream-type", MUST, when=framed & headers_known, source=STREAM,
       breaks=("response-stream-as-json", "stream-ignored"),
       covers="RESP-025")  # fmt: skip
def stream_is_an_event_stream(x: Exchange) -> Problems:
    """A stream is sent as text/event-stream.

    Browsers and gateways hold back, or refuse, what is not.
    """
    if x.media_type != "text/event-stream":
        yield differs("the Content-Type", x.media_type, "text/event-stream")


@check("response.event-named", MUST, when=framed, source=(STREAM, GRAMMAR), breaks=("response-event-unnamed", "response-event-misnamed",
       "response-delta-unnamed"), covers="RESP-025")  # fmt: skip
def events_are_named_as_their_type(x: Exchange) -> Problems:
    """Every event has a line `event:` that says the same as `type` in its data.

    EventSource and the SDKs of other languages dispatch on the name: unnamed events go to nobody.
    """
    for event in events(x):
        if event.type and (name := x.events[event.at].field("event")) != event.type:
            yield differs(f"the name of event {event.at}", name, show(event.type))


@check("response.event-typed", MUST, when=streamed, source=EVENT, breaks="response-event-untyped", covers="RESP-026")
def events_have_a_type(x: Exchange) -> Problems:
    """Every event has `type` in its data.

    Both SDKs know events by it alone, whatever their name: without it the helpers fail at once.
    """
    if not any("error" in event.data and not event.type for event in events(x)):
        yield from misfits(x, "response-event", "type")


@check("response.event-known", SHOULD, when=streamed, source=(EVENT, GRAMMAR), breaks=("response-event-unknown", "response-ends-as-done"),
       covers=("RESP-047", "RESP-048"))  # fmt: skip
def events_are_of_known_types(x: Exchange) -> Problems:
    """Events are of the documented types; those of a vendor have a prefix before a colon.

    openai-node's helper throws "Unhandled response stream event" at any other.
    """
    for kind in dict.fromkeys(event.type for event in events(x)):
        if kind and kind not in EVENT_TYPES and ":" not in kind:
            yield differs("the type of an event", kind, "a documented one, or one with a prefix and a colon")


@check("response.sequence", MUST, when=streamed & since(SEQUENCED), source=(EVENT, "https://github.com/BerriAI/litellm/pull/28899"),
       breaks=("response-sequence-absent", "response-sequence-some", "response-sequence-text"), covers="RESP-027")  # fmt: skip
def events_are_numbered(x: Exchange) -> Problems:
    """Every event has `sequence_number`, an integer.

    A broken stream is taken up behind the last number that was seen; Rust and Go clients fail without it.
    """
    yield from misfits(x, "response-event", "sequence_number")


@check("response.sequence-order", MUST, when=streamed & numbered, source=(EVENT, GRAMMAR),
       breaks=("response-sequence-restarts", "response-sequence-skips", "response-sequence-constant", "response-sequence-from-nine"),
       covers="RESP-027")  # fmt: skip
def numbers_go_up_by_one(x: Exchange) -> Problems:
    """The numbers go up by one from event to event, from 0 or 1 on, `keepalive` counted.

    Clients that put events in order, or look for lost ones, drop or double text.
    """
    numbers = [(event.at, found) for event in events(x) if is_a(found := event.data.get("sequence_number"), int)]
    if numbers[0][1] not in (0, 1):
        yield differs("sequence_number of the first event", numbers[0][1], "0")
    for before, event in pairwise(events(x)):
        last, number = (each.data.get("sequence_number") for each in (before, event))
        if is_a(last, int) and is_a(number, int) and number != last + 1:
            yield differs(f"sequence_number of event {event.at}", number, f"{last + 1}")
            return


@check("response.begins", MUST, when=streamed & begun, source=(CREATED, PYTHON_ACCUMULATES, NODE_ACCUMULATES),
       breaks=("response-not-created", "response-created-late"), covers="RESP-028")  # fmt: skip
def the_first_event_is_created(x: Exchange) -> Problems:
    """A stream begins with response.created.

    Both helpers raise at any other ("Expected to have received `response.created` before").
    """
    first = events(x)[0]
    if first.type != "response.created":
        yield differs("the type of the first event", first.type, '"response.created"')


@check(
    "response.begins-open",
    MUST,
    when=streamed & begun,
    source=CREATED,
    breaks="response-created-completed",
    covers="RESP-028",
)
def it_begins_unfinished(x: Exchange) -> Problems:
    """The response that was just created is in progress, or queued.

    Who looks at its status takes the empty answer for the whole.
    """
    first = events(x)[0]
    if first.type == "response.created" and (seen := find(first.data, "response.status")) not in (
        "in_progress",
        "queued",
    ):
        yield differs(f"event {first.at} response.status", seen, '"in_progress"')


@check("response.begins-whole", MUST, when=streamed & begun & has_event(*LIFECYCLE[:3]),
       source=(CREATED, IN_PROGRESS, "https://github.com/diegosouzapw/OmniRoute/issues/13964"),
       breaks=("response-begins-bare", "response-progress-bare"), covers="RESP-028")  # fmt: skip
def it_begins_as_a_whole_response(x: Exchange) -> Problems:
    """The response that begins, or goes on, is whole: with its id, object, time, status, model and an empty output.

    The SDKs' helpers put what comes into that output; clients in Rust and Go decode each event, and stop at the first that lacks a member.
    """
    yield from misfits(x, "response-begun", "id", "object", "created_at", "status", "model", "output")


@check(
    "response.begins-empty",
    MUST,
    when=streamed & begun,
    source=CREATED,
    breaks=("response-created-full", "response-created-written"),
    covers="RESP-028",
)
def it_begins_empty(x: Exchange) -> Problems:
    """It has no items and no usage yet.

    Both official SDKs' helpers raise at an item that comes again in the stream ("Duplicate response output index"); others show it twice.
    """
    first = events(x)[0]
    output, usage = (find(first.data, f"response.{name}") for name in ("output", "usage"))
    if isinstance(output, list) and output:
        yield differs(f"event {first.at} response.output", output, "[]")
    if isinstance(usage, dict) and any(usage.values()):
        yield differs(f"event {first.at} response.usage", usage, "null")


@check(
    "response.progress",
    SHOULD,
    when=streamed & begun,
    source=(IN_PROGRESS, GRAMMAR),
    breaks="response-no-progress",
    covers="RESP-029",
)
def it_is_in_progress_next(x: Exchange) -> Problems:
    """response.in_progress comes before anything of the answer does."""
    kinds = [event.type for event in events(x)]
    item = kinds.index("response.output_item.added") if "response.output_item.added" in kinds else len(kinds)
    if "response.in_progress" not in kinds[:item]:
        yield "response.in_progress is absent before the first item, expected behind response.created"
