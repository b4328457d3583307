"""STREAM: the chunks themselves: their members, what stays the same over a stream, and that nothing else is sent as data."""

from __future__ import annotations

from itertools import pairwise

from conformance.areas.citations import CHUNK, NODE_HELPER, PYTHON_HELPER, SSE, STREAM_OPTIONS, python
from conformance.areas.stream.events import DONE_LIKE
from conformance.exchange import Exchange, Unreadable, is_a, is_chunk, looks_like_an_error, need
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.conditions import chat_stream, full_stream
from conformance.judge.objects import misfits
from conformance.wire.jsontext import show

SSE_NOTES = f"{SSE}#authoring-notes"
CHUNK_FILTER = python("openai/lib/streaming/chat/_completions.py", 763)
_EMPTY_ALLOWED = ("usage", "moderation", "prompt_filter_results", "content_filter_results")
"""What a chunk without choices is for: usage as documented, moderation as OpenAI sends it on request, results of filters."""


@request("that turns obfuscation off")
def without_obfuscation(x: Exchange) -> bool:
    options = x.asked.get("stream_options")
    return isinstance(options, dict) and options.get("include_obfuscation") is False


@check("stream.has-chunks", MUST, when=chat_stream, source=(CHUNK, NODE_HELPER), breaks="stream-empty",
       covers="STREAM-014")  # fmt: skip
def has_chunks(x: Exchange) -> Problems:
    """A stream holds more than `data: [DONE]`.

    openai-node's .stream() throws "request ended without sending any chunks", openai-python's fails an assertion.
    """
    if all(DONE_LIKE.fullmatch(event.data or "[DONE]") for event in x.events):
        yield differs("the first event", x.events[0].data or "", "a chunk")


@check("stream.chunks-only", MUST, when=chat_stream, source=(CHUNK, SSE_NOTES), breaks="stream-ping-as-data",
       covers=("STREAM-008", "STREAM-014"))  # fmt: skip
def only_chunks(x: Exchange) -> Problems:
    """The data of every event is a chunk or an error; a keep-alive is a comment.

    `data: {}` as a ping makes the loop over chunk.choices raise TypeError in both SDKs; comments they skip.
    """
    for n, value in x.messages:
        event = x.events[n]
        meant = is_chunk(value) or (isinstance(value, dict) and value.get("error")) or looks_like_an_error(event, value)
        if not meant and not DONE_LIKE.fullmatch(event.data or ""):
            yield differs(f"data of event {n}", value, "a chunk or an error")


@check("stream.chunk-id", MUST, when=chat_stream, source=(CHUNK, NODE_HELPER), breaks="chunk-without-id",
       covers=("STREAM-014", "STREAM-016"))  # fmt: skip
def chunk_has_an_id(x: Exchange) -> Problems:
    """Every chunk has an `id`, a non-empty string.

    openai-node's .stream() takes no member but choices from a chunk without one: the usage at the end is lost.
    """
    yield from misfits(x, "chunk", "id")


@check("stream.chunk-object", MUST, when=chat_stream, source=(CHUNK, CHUNK_FILTER),
       breaks=("chunk-object-completion", "chunk-object-now-and-then"), covers=("STREAM-014", "STREAM-015"))  # fmt: skip
def object_is_chunk(x: Exchange) -> Problems:
    """`object` of every chunk is "chat.completion.chunk".

    openai-python's .stream() drops every other chunk in silence and then fails a bare assertion.
    """
    yield from misfits(x, "chunk", "object")


@check("stream.chunk-created", MUST, when=chat_stream, source=CHUNK,
       breaks=("chunk-created-milliseconds", "chunk-created-float", "chunk-without-created"),
       covers=("STREAM-014", "STREAM-017"))  # fmt: skip
def created_is_seconds(x: Exchange) -> Problems:
    """`created` of every chunk is an integer of Unix seconds.

    The SDKs hand on what they get: dates in the year 50000, and typed clients that fail.
    """
    yield from misfits(x, "chunk", "created")
    for n, chunk in enumerate(x.chunks):
        if isinstance(chunk.get("created"), float):  # a schema takes 5.0 for an integer, Go and Rust do not
            yield differs(f"chunk {n}.created", chunk["created"], "an integer")


@check("stream.chunk-model", MUST, when=chat_stream, source=CHUNK, breaks="chunk-without-model", covers="STREAM-014")
def chunk_has_a_model(x: Exchange) -> Problems:
    """Every chunk has a `model`, a non-empty string.

    Both SDKs hand on None or undefined; what a call cost cannot be told.
    """
    yield from misfits(x, "chunk", "model")


@check("stream.chunk-choices", MUST, when=chat_stream, source=(CHUNK, PYTHON_HELPER),
       breaks=("chunk-without-choices", "chunk-choices-null"), covers=("STREAM-014", "STREAM-028"))  # fmt: skip
def choices_is_an_array(x: Exchange) -> Problems:
    """`choices` of every chunk is an array, never null and never left out.

    Every loop over chunk.choices raises TypeError, in both SDKs' helpers too.
    """
    yield from misfits(x, "chunk", "choices")


@check("stream.choices-not-empty", MUST, when=chat_stream, source=CHUNK,
       breaks="chunk-first-empty", covers="STREAM-028")  # fmt: skip
def choices_is_not_empty(x: Exchange) -> Problems:
    """`choices` is empty only in the chunk that carries usage, or what moderation or a filter found.

    Clients that take choices[0] of other chunks crash.
    """
    for n, chunk in enumerate(x.chunks):
        if chunk.get("choices") == [] and not any(chunk.get(key) for key in _EMPTY_ALLOWED):
            yield f"chunk {n}.choices is [], expected a choice, or usage beside it"


def changes(x: Exchange, key: str, kind: type) -> Problems:
    """The first chunk in which this member is another than before; an empty one is the fault of another check."""
    values = [(n, need(chunk, key, kind)) for n, chunk in enumerate(x.chunks)]
    values = [(n, value) for n, value in values if value]
    for (_, before), (n, value) in pairwise(values):
        if value != before:
            yield differs(f"chunk {n}.{key}", value, f"{show(before)} as before")
            return


@check("stream.same-id", MUST, when=chat_stream, source=(CHUNK, NODE_HELPER),
       breaks="chunk-id-changes", covers="STREAM-016")  # fmt: skip
def id_stays(x: Exchange) -> Problems:
    """All chunks of a stream have one `id`.

    Clients that gather chunks by id see several answers, each a fragment.
    """
    yield from changes(x, "id", str)


# No MUST, though the specification says so: whether it shows hangs on a second that ends in mid-stream, and no client is known to care.
@check(
    "stream.same-created", SHOULD, when=chat_stream, source=CHUNK, breaks="chunk-created-changes", covers="STREAM-017", chance=True
)  # fmt: skip
def created_stays(x: Exchange) -> Problems:
    """All chunks of a stream have one `created`: when the answer began, not when the chunk was sent.

    Clients that date an answer by its chunks date it twice.
    """
    stamps = {need(chunk, "created", int) for chunk in x.chunks}
    if len(stamps) == 2 and max(stamps) - min(stamps) == 1 and _shorter_than_a_second(x):
        raise Unreadable("one second ended within a stream of less than one, expected a longer stream to tell")
    yield from changes(x, "created", int)


def _shorter_than_a_second(x: Exchange) -> bool:
    """Whether a clock need not have ticked in it, so that it would be chance if it did."""
    return bool(x.arrivals) and x.arrivals[-1][0] - x.arrivals[0][0] < 1


@check("stream.same-model", SHOULD, when=chat_stream, source=CHUNK, breaks="chunk-model-changes", covers="STREAM-018")
def model_stays(x: Exchange) -> Problems:
    """All chunks of a stream have one `model`."""
    yield from changes(x, "model", str)


@check("stream.obfuscation", MAY, when=chat_stream, source=CHUNK,
       breaks="chunk-obfuscation-number", covers="STREAM-040")  # fmt: skip
def obfuscation_is_text(x: Exchange) -> Problems:
    """`obfuscation` is a string where a chunk has it."""
    yield from misfits(x, "chunk", "obfuscation")


@check("stream.obfuscation-off", MAY, when=full_stream & without_obfuscation, source=STREAM_OPTIONS,
       breaks="stream-always-obfuscated", covers="STREAM-040")  # fmt: skip
def obfuscation_can_be_off(x: Exchange) -> Problems:
    """With `include_obfuscation: false` no chunk has `obfuscation`.

    Who trusts the network saves the bytes.
    """
    for n, chunk in enumerate(x.chunks):
        if is_a(chunk.get("obfuscation"), str):
            yield differs(f"chunk {n}.obfuscation", chunk["obfuscation"], "none")
