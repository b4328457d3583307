"""Laws on how a stream goes on and ends: comments, names of events, errors in it, [DONE], and each event the moment it comes."""

from __future__ import annotations

from conformance.areas.citations import CHUNK, ERROR, SSE_GRAMMAR, oas, rfc
from conformance.exchange import ABSENT
from conformance.gateway.changes import Change, changes
from conformance.gateway.laws import about, differing, edited, law, streamed, streamed_where
from conformance.gateway.pair import IN_VAIN, Pair
from conformance.gateway.streams import Stream
from conformance.gateway.streams_passed import reordered
from conformance.judge import MAY, MUST, SHOULD, Problems, differs
from conformance.wire.jsontext import show

finished = streamed_where(lambda stream: stream.ends, "with its end")
of_chat = streamed_where(lambda stream: stream.of_chat, "of chat")
of_response = streamed_where(lambda stream: not stream.of_chat, "of a response")
ended = streamed_where(lambda stream: stream.done, "with [DONE]")
commented = streamed_where(lambda stream: stream.comments, "with comments")
faulty = about("stream of the upstream with an error in it")(
    lambda pair: pair.reached and pair.streams and pair.outer.answered and Stream(pair.answered).errors
)
paced = streamed & about("whose upstream took its time")(
    lambda pair: "paced" in pair.outer.intent and len(pair.answered.arrivals) > 1 and pair.outer.arrivals
)


def _of_events(pair: Pair) -> list[Change]:
    """What became of the events of a response, one by one, where all came."""
    both = [[value for value in stream.values if isinstance(value, dict)] for stream in pair.both_streams]
    if len(both[0]) != len(both[1]) or reordered(pair):
        return []
    return [change for one, other in zip(*both, strict=True) for change in changes(one, other) if not change.order]


@law("gateway.stream-events", MUST, about=of_response, source=oas("ResponseStreamEvent", 60087), breaks="response-event-edited",
     fix="Hand the events of a response on as they are.")  # fmt: skip
def events_of_a_response_are_kept(pair: Pair) -> Problems:
    """Each event of a streamed response keeps its members, with their values."""
    yield from edited([each for each in _of_events(pair) if not each.added], "as the upstream sent it")


@law("gateway.stream-events-added", SHOULD, about=of_response, source=oas("ResponseStreamEvent", 60087), breaks="response-event-extended",
     fix="Add no member to the events of a response.")  # fmt: skip
def nothing_is_added_to_events(pair: Pair) -> Problems:
    """Nothing is added to the events of a streamed response."""
    yield from edited([each for each in _of_events(pair) if each.added], "as the upstream sent it")


@law("gateway.stream-null", SHOULD, about=of_chat, source=CHUNK, breaks="stream-nulls-dropped",
     fix="Hand members of chunks on where they are null.")  # fmt: skip
def nulls_of_chunks_are_kept(pair: Pair) -> Problems:
    """What every choice of the chunks has, such as a `finish_reason` that is null until the end, every one has at the client's end.

    Strict clients want the key.
    """
    upstream, gateway = pair.both_streams
    if lacking := sorted(upstream.always - gateway.always - {"index", "delta"}):
        yield differs(
            f"{', '.join(lacking)} of some choices", ABSENT, "null or a value in each, as the upstream sent it"
        )


@law("gateway.stream-done", MUST, about=ended, source=CHUNK, breaks="done-lost",
     fix="Pass data: [DONE] on.")  # fmt: skip
def end_is_handed_on(pair: Pair) -> Problems:
    """`data: [DONE]` is handed on."""
    if not pair.both_streams[1].done:
        yield differs("data: [DONE]", ABSENT, "it at the end, as the upstream sent it")


@law("gateway.stream-done-once", SHOULD, about=finished, source=CHUNK, breaks="done-twice",
     fix="Add no [DONE] to that of the upstream.")  # fmt: skip
def end_is_not_doubled(pair: Pair) -> Problems:
    """There is no `data: [DONE]` that the upstream did not send."""
    upstream, gateway = pair.both_streams
    if gateway.dones > upstream.dones:
        yield differs("the number of [DONE]", gateway.dones, f"{upstream.dones}, as the upstream sent")


@law("gateway.stream-comments", MAY, about=commented, source=SSE_GRAMMAR, breaks="comments-lost",
     fix="Pass comments on, or send some of your own while nothing else comes.")  # fmt: skip
def comments_are_handed_on(pair: Pair) -> Problems:
    """Comments that keep a connection alive are handed on.

    While a model thinks, they are all that keeps proxies and clients from giving up.
    """
    if not pair.both_streams[1].comments:
        yield differs("the comments of the stream", ABSENT, f"{pair.both_streams[0].comments}, as the upstream sent")


@law("gateway.stream-names", MUST, about=streamed, source=SSE_GRAMMAR, breaks=("event-names-lost", "events-named"),
     fix="Pass the lines `event:` on.")  # fmt: skip
def names_of_events_are_kept(pair: Pair) -> Problems:
    """Each event keeps its name, or has none.

    Clients of /responses may tell events apart by it, and others pass over an event with a name that they do not know.
    """
    upstream, gateway = pair.both_streams
    if upstream.names != gateway.names and len(upstream.names) == len(gateway.names):
        n = next(n for n, (one, other) in enumerate(zip(upstream.names, gateway.names, strict=True)) if one != other)
        yield differs(
            f"the name of event {n}",
            gateway.names[n] or ABSENT,
            f"{upstream.names[n] or 'none'}, as the upstream sent it",
        )


@law("gateway.stream-error", MUST, about=faulty, source=rfc(9112, "8"), breaks="stream-error-swallowed",
     fix="Hand an error in a stream on, and end there.")  # fmt: skip
def error_in_a_stream_is_handed_on(pair: Pair) -> Problems:
    """An error in the midst of a stream is handed on.

    Without it half an answer looks like a whole one.
    """
    if pair.outer.media_type == "text/event-stream" and not Stream(pair.outer).errors:
        yield differs(
            "the error in the stream", ABSENT, f"{show(Stream(pair.answered).errors[0])}, as the upstream sent it"
        )


@law("gateway.stream-error-said", SHOULD, about=faulty, source=ERROR, breaks="stream-error-reworded",
     fix="Hand the error object on as it is.")  # fmt: skip
def error_in_a_stream_says_the_same(pair: Pair) -> Problems:
    """An error in the midst of a stream says what the upstream's says: message, type, code and param."""
    upstream, gateway = pair.both_streams
    if gateway.errors:
        yield from differing("the error in the stream", gateway.errors[0], upstream.errors[0])


@law("gateway.stream-at-once", MUST, about=paced, source=SSE_GRAMMAR, breaks="stream-held",
     fix="Write each event the moment it comes; switch buffering and compression of streams off.")  # fmt: skip
def events_are_handed_on_at_once(pair: Pair) -> Problems:
    """The first event reaches the client while the upstream has not sent its second.

    The upstream waits for it here, so that no network is fast enough to hide it.
    """
    if IN_VAIN in pair.answered.intent:
        yield differs("the first event", "held back until there were more", "the moment that the upstream sends it")
