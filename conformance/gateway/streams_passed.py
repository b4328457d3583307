"""Laws on streams: each event comes through as it came, one by one, to the end."""

from __future__ import annotations

from conformance.areas.citations import (
    CHUNK,
    DELTA,
    SSE_GRAMMAR,
    STREAM_OPTIONS,
    TOKEN_LOGPROB,
    TOOL_CALL_CHUNK,
)
from conformance.exchange import ABSENT
from conformance.gateway.changes import said
from conformance.gateway.laws import about, differing, law, streamed, streamed_where
from conformance.gateway.pair import Pair
from conformance.gateway.streams import asks_usage
from conformance.judge import MUST, SHOULD, Problems, differs
from conformance.wire.jsontext import show

begun = about("stream that the upstream sent as a success")(lambda pair: pair.served and pair.streams and pair.outer.ok)


of_chat = streamed_where(lambda stream: stream.of_chat, "of chat")
calling = streamed_where(lambda stream: stream.calls, "with calls")
scored = streamed_where(lambda stream: stream.logprobs != "[]", "with log probabilities")
counted = streamed & about("whose client asked for the usage, with one")(
    lambda pair: asks_usage(pair.outer) and pair.both_streams[0].usage
)
marked = streamed_where(lambda stream: stream.unknown, "with members that nobody knows")
uncounted = streamed & about("without a usage for the client")(
    lambda pair: (
        pair.both_streams[0].of_chat
        and pair.both_streams[0].ends
        and not asks_usage(pair.outer)
        and (asks_usage(pair.asked) or not pair.both_streams[0].usage)
    )
)
"""A gateway that counts may ask for the usage itself: its client shall see nothing of it."""


def _same(pair: Pair, read) -> Problems:
    """What both streams say by name: texts, calls, members. Where the choices have other numbers, that is said by its own law,
    and so is another order of events."""
    if pair.both_streams[0].indexes != pair.both_streams[1].indexes or reordered(pair):
        return
    upstream, gateway = (read(stream) for stream in pair.both_streams)
    for name in (*upstream, *(name for name in gateway if name not in upstream)):
        was, now = upstream.get(name, ABSENT), gateway.get(name, ABSENT)
        if was != now:
            yield differs(name, now, f"{said(was)}, as the upstream sent it")


def reordered(pair: Pair) -> bool:
    """All events came, in another order."""
    upstream, gateway = (stream.pieces for stream in pair.both_streams)
    return upstream != gateway and sorted(upstream) == sorted(gateway)


@law("gateway.streams", MUST, about=begun, source=SSE_GRAMMAR, breaks="stream-collected",
     fix="Hand a stream on as one: text/event-stream, event by event.")  # fmt: skip
def stream_stays_a_stream(pair: Pair) -> Problems:
    """A stream of the upstream is one for the client."""
    if pair.outer.media_type != "text/event-stream":
        yield differs("content-type", pair.outer.media_type or ABSENT, "text/event-stream, as the upstream answered")


@law("gateway.stream-text", MUST, about=streamed, source=DELTA, breaks=("piece-lost", "characters-cut", "long-events-lost"),
     fix="Do not parse and write texts; pass the bytes of events on.")  # fmt: skip
def streamed_text_is_kept(pair: Pair) -> Problems:
    """All pieces of the text together are what the upstream said.

    A character, or an event, that comes in two packets is one nevertheless, and an event may be long.
    """
    yield from _same(pair, lambda stream: stream.texts)


@law("gateway.stream-calls", MUST, about=calling, source=TOOL_CALL_CHUNK, breaks=("stream-call-id-lost", "stream-calls-one"),
     fix="Hand deltas of calls on with their index, id and name.")  # fmt: skip
def streamed_calls_are_kept(pair: Pair) -> Problems:
    """The deltas of calls make the same calls: index, id, name, arguments."""
    yield from _same(pair, lambda stream: stream.calls)


@law("gateway.stream-finish", MUST, about=of_chat, source=CHUNK, breaks="stream-finish-stop",
     fix="Hand finish_reason on as it is.")  # fmt: skip
def streamed_reason_for_the_end_is_kept(pair: Pair) -> Problems:
    """The reason for the end of each choice is the upstream's."""
    yield from _same(pair, lambda stream: stream.of_choices("finish_reason"))


@law("gateway.stream-usage", MUST, about=counted, source=STREAM_OPTIONS, breaks="stream-usage-lost",
     fix="Hand the chunk with the usage on: its choices are empty, and it is the last.")  # fmt: skip
def streamed_usage_is_kept(pair: Pair) -> Problems:
    """The usage of a stream is handed on, once, with the upstream's counts."""
    upstream, gateway = pair.both_streams
    yield from differing("usage", gateway.usage or ABSENT, upstream.usage)


@law("gateway.stream-usage-added", MUST, about=uncounted, source=STREAM_OPTIONS, breaks="stream-usage-added",
     fix="Ask for the usage for yourself, if you must, but take its chunk out where the client did not.")  # fmt: skip
def no_usage_is_added(pair: Pair) -> Problems:
    """Where no usage was asked for, none comes.

    Its chunk has no choices, and a client that reads the first choice fails.
    """
    if pair.both_streams[1].usage:
        yield differs("usage", pair.both_streams[1].usage[0], "none, as the client asked for none")


@law("gateway.stream-logprobs", MUST, about=scored, source=TOKEN_LOGPROB, breaks="stream-logprobs-lost",
     fix="Hand log probabilities on.")  # fmt: skip
def streamed_log_probabilities_are_kept(pair: Pair) -> Problems:
    """The log probabilities of a stream are the upstream's, token by token."""
    upstream, gateway = pair.both_streams
    if upstream.logprobs != gateway.logprobs:
        yield differs("logprobs", gateway.logprobs, f"{show(upstream.logprobs)}, as the upstream sent them")


@law("gateway.stream-role", MUST, about=of_chat, source=DELTA, breaks="stream-role-lost",
     fix="Hand the first delta on, which says the role.")  # fmt: skip
def streamed_role_is_kept(pair: Pair) -> Problems:
    """The role is said where, and as often as, the upstream says it."""
    yield from _same(pair, lambda stream: stream.of_choices("delta.role"))


@law("gateway.stream-index", MUST, about=of_chat, source=CHUNK, breaks="stream-index-lost",
     fix="Hand index on: it says whose a delta is.")  # fmt: skip
def streamed_index_is_kept(pair: Pair) -> Problems:
    """Each delta keeps the index of its choice."""
    upstream, gateway = pair.both_streams
    yield from differing("the index of the choices", gateway.indexes, upstream.indexes)


@law("gateway.stream-id", SHOULD, about=of_chat, source=CHUNK, breaks="stream-id-made-up",
     fix="Hand the id on; list this law as known where ids are yours on purpose.")  # fmt: skip
def streamed_id_is_kept(pair: Pair) -> Problems:
    """The id of the chunks is the upstream's, one for all."""
    yield from _same(pair, lambda stream: stream.of_chunks("id"))


@law("gateway.stream-model", MUST, about=of_chat, source=CHUNK, breaks="stream-model-as-asked",
     fix="Say which model answers.")  # fmt: skip
def streamed_model_is_kept(pair: Pair) -> Problems:
    """The chunks name the model that the upstream named."""
    yield from _same(pair, lambda stream: stream.of_chunks("model"))


@law("gateway.stream-members", SHOULD, about=of_chat, source=CHUNK, breaks="stream-fingerprint-lost",
     fix="Hand on all members of chunks.")  # fmt: skip
def other_members_of_chunks_are_kept(pair: Pair) -> Problems:
    """`object`, `created`, `system_fingerprint` and `service_tier` of the chunks are the upstream's."""
    yield from _same(pair, lambda stream: stream.members)


@law("gateway.stream-unknown", SHOULD, about=marked, source=CHUNK, breaks="stream-filtered",
     fix="Hand on members that the gateway does not know.")  # fmt: skip
def unknown_members_of_chunks_are_kept(pair: Pair) -> Problems:
    """Members of chunks that no document has are handed on."""
    upstream, gateway = pair.both_streams
    yield from differing("the unknown members of chunks", gateway.unknown, upstream.unknown)


def _cut_anew(pair: Pair) -> int:
    """How many more events the gateway sent, where all of them say the same as those of the upstream."""
    upstream, gateway = pair.both_streams
    if (
        upstream.errors
        or upstream.texts != gateway.texts
        or upstream.calls != gateway.calls
        or len(upstream.usage) != len(gateway.usage)
    ):
        return 0
    return len(gateway.values) - len(upstream.values)


@law("gateway.stream-merged", SHOULD, about=streamed, source=CHUNK, breaks="chunks-merged",
     fix="Pass each event on by itself.")  # fmt: skip
def events_are_not_merged(pair: Pair) -> Problems:
    """Events are not put together, and none is left out.

    What was to be seen word by word comes in gushes.
    """
    if _cut_anew(pair) < 0:
        upstream, gateway = pair.both_streams
        yield differs("the number of events", len(gateway.values), f"{len(upstream.values)}, as the upstream sent")


@law("gateway.stream-split", SHOULD, about=streamed, source=CHUNK, breaks="chunks-split",
     fix="Pass each event on as one.")  # fmt: skip
def events_are_not_split(pair: Pair) -> Problems:
    """Events are not cut up, and none is added."""
    if _cut_anew(pair) > 0:
        upstream, gateway = pair.both_streams
        yield differs("the number of events", len(gateway.values), f"{len(upstream.values)}, as the upstream sent")


@law("gateway.stream-order", MUST, about=streamed, source=CHUNK, breaks="chunks-reordered",
     fix="Write events in the order in which they came, from one place.")  # fmt: skip
def events_keep_their_order(pair: Pair) -> Problems:
    """Events come in the order in which the upstream sent them."""
    upstream, gateway = (stream.pieces for stream in pair.both_streams)
    if reordered(pair):
        n = next(n for n, (one, other) in enumerate(zip(upstream, gateway, strict=True)) if one != other)
        yield differs(f"event {n}", gateway[n], f"{show(upstream[n])}, as the upstream sent it")
