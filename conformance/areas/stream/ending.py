"""STREAM: whether it is a stream at all, how it arrives, and how it ends: [DONE], the last blank line, the body."""

from __future__ import annotations

from conformance.areas.citations import (
    CHAT_PATH,
    NODE_EVENTS,
    NODE_HELPER,
    PYTHON_EVENTS,
    REQUEST,
    SSE_READING,
    STREAM_OPTIONS,
    rfc,
)
from conformance.areas.stream.events import DONE_LIKE, odd_events
from conformance.exchange import Exchange, Unreadable, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.blame import carrying
from conformance.judge.condition import request, response
from conformance.judge.conditions import chat_stream, full_stream, headers_known, timed
from conformance.judge.refusals import not_taken

LONG_TEXT = 100
"""Characters from which a text counts as long: some 25 tokens, which genuine streams send in as many chunks."""
MANY_PIECES = 20
SLOW = 0.5
"""Seconds from which one portion is no chance: MANY_PIECES of text are not generated within the time of one read."""

BUFFERED = "https://github.com/BerriAI/litellm/issues/6458"


@request("that sets stream to false")
def stream_false(x: Exchange) -> bool:
    return x.asked.get("stream") is False


@request("that sets stream to null")
def stream_null(x: Exchange) -> bool:
    return "stream" in x.asked and x.asked["stream"] is None


def pieces(x: Exchange, index: int | None = None) -> int:
    """How many deltas carry text, of one choice or of all. Raises Unreadable."""
    texts = [find(part, "delta.content") for _, at, part in x.deltas if index in (None, at)]
    return sum(isinstance(text, str) and text != "" for text in texts)


@response("with a long text")
def long_text(x: Exchange) -> bool:
    return any(len(choice.content or "") >= LONG_TEXT for choice in x.choices)


@response("whose text came in many pieces")
def many_pieces(x: Exchange) -> bool:
    return pieces(x) >= MANY_PIECES


def said_done(x: Exchange) -> bool:
    """Some event means the end of the stream, however it is spelled."""
    return any(DONE_LIKE.fullmatch(event.data or "") for event in x.events)


def finished(x: Exchange) -> set[int]:
    """The indexes of the choices that got a finish_reason. Raises Unreadable."""
    return {index for _, index, part in x.deltas if part.get("finish_reason")}


def broke_off(x: Exchange) -> bool:
    """The stream just stops: no [DONE], and a choice without finish_reason. Raises Unreadable."""
    return not said_done(x) and {index for _, index, _ in x.deltas} != finished(x)


def need_an_end(x: Exchange) -> None:
    """Raises Unreadable where the stream breaks off, which has a check of its own."""
    if broke_off(x):
        raise Unreadable("the stream breaks off, expected a finish_reason or [DONE]")


# ---------------------------------------------------------------------- a stream at all


@check("stream.is-a-stream", MUST, when=chat_stream, source=(CHAT_PATH, REQUEST, NODE_HELPER),
       breaks="stream-ignored", covers="STREAM-032")  # fmt: skip
def is_a_stream(x: Exchange) -> Problems:
    """A request with `stream: true` is answered 2xx by server-sent events, not by one JSON document.

    Both SDKs find no event in it: no chunk, no exception; openai-python's .stream() ends in a bare AssertionError.
    """
    try:
        _ = x.events
    except Unreadable as reason:
        yield str(reason)


@check("stream.false-is-plain", MUST, together=carrying(stream_false), source=REQUEST,
       breaks="stream-when-false", covers="STREAM-041")  # fmt: skip
def false_is_plain(x: Exchange) -> Problems:
    """`stream: false` is accepted and answered by one JSON document."""
    yield from _plain(x, "a stream of false is accepted")


@check("stream.null-is-plain", MUST, together=carrying(stream_null), source=REQUEST,
       breaks=("stream-when-null", "stream-null-refused"), covers="STREAM-041")  # fmt: skip
def null_is_plain(x: Exchange) -> Problems:
    """`stream: null` is accepted and answered by one JSON document, as if it were not there."""
    yield from _plain(x, "a stream of null is accepted")


def _plain(x: Exchange, what: str) -> Problems:
    if x.ok and (x.media_type == "text/event-stream" or x.body.lstrip().startswith(b"data:")):
        yield differs("the body", x.body[:60].decode("utf-8", "replace"), "one JSON document")
    yield from not_taken(x, what)


# ---------------------------------------------------------------------- how it arrives


@check("stream.in-pieces", SHOULD, when=full_stream & long_text, source=REQUEST, breaks="stream-one-chunk",
       covers="STREAM-025")  # fmt: skip
def text_comes_in_pieces(x: Exchange) -> Problems:
    """A long text comes in more than one chunk."""
    for choice in x.choices:
        if len(choice.content or "") >= LONG_TEXT and pieces(x, choice.index) < 2:
            yield f"content of choice {choice.index} is {len(choice.content)} characters in one chunk, expected several"


@check("stream.as-generated", SHOULD, when=full_stream & timed & many_pieces, source=(REQUEST, BUFFERED),
       breaks="stream-buffered", covers="STREAM-025")  # fmt: skip
def sent_as_generated(x: Exchange) -> Problems:
    """A long answer arrives in portions as it is generated, not all at once at the end.

    A buffering proxy or compression takes away what a stream is for, and idle timeouts strike before the first byte.
    """
    if len(x.arrivals) == 1 and x.arrivals[0][0] >= SLOW:
        yield f"the whole text is in one portion after {x.arrivals[0][0]:.1f} s, expected portions as they are generated"


@check("stream.framed", SHOULD, when=chat_stream & headers_known, source=(rfc(9112, "8"), rfc(9112, "6.3")),
       breaks="stream-until-close", covers="STREAM-034")  # fmt: skip
def end_is_framed(x: Exchange) -> Problems:
    """The end of a stream is marked by chunked coding (or HTTP/2), not by closing the connection.

    Otherwise a stream that broke off cannot be told from a complete one: both SDKs end normally.
    """
    framed = x.header("transfer-encoding") or x.header("content-length")
    if x.events and not framed and "close" in (x.header("connection") or "").lower():
        yield "transfer-encoding is absent with connection: close, expected chunked"


# ---------------------------------------------------------------------- how it ends


@check("stream.done", MUST, when=full_stream, source=(STREAM_OPTIONS, PYTHON_EVENTS), breaks="stream-without-done",
       covers="STREAM-003")  # fmt: skip
def says_done(x: Exchange) -> Problems:
    """A stream ends with the event `data: [DONE]`.

    The SDKs do without it, and so cannot tell a complete answer from one that was cut.
    """
    need_an_end(x)
    if not said_done(x):
        yield differs("the last event", x.events[-1].data, "[DONE]")


@check("stream.done-spelling", MUST, when=chat_stream, source=(STREAM_OPTIONS, PYTHON_EVENTS, NODE_EVENTS),
       breaks=("stream-done-lower-case", "stream-done-as-json"), covers="STREAM-003")  # fmt: skip
def done_is_spelled_so(x: Exchange) -> Problems:
    """The end is spelled `[DONE]`, six characters without quotes.

    In lower case both SDKs raise a JSON error after the whole answer, as a JSON string a type error.
    """
    for _, event in odd_events(x):
        # One space too many is the fault of another check.
        if DONE_LIKE.fullmatch(event.data or "") and event.data.removeprefix(" ") != "[DONE]":
            yield differs("the last event", event.data, "[DONE]")


@check("stream.done-is-last", MUST, when=chat_stream, source=(STREAM_OPTIONS, NODE_EVENTS), breaks="stream-done-twice",
       covers="STREAM-003")  # fmt: skip
def nothing_after_done(x: Exchange) -> Problems:
    """No event follows `data: [DONE]`.

    Clients stop there, so what follows is lost; openai-node goes on reading and throws it away.
    """
    if x.done_at is None:
        raise Unreadable("[DONE] is absent, expected at the end")
    for event in x.events[x.done_at + 1 :]:
        yield differs("after [DONE]", event.data or "", "nothing")


@check("stream.last-blank-line", MUST, when=chat_stream, source=(SSE_READING, PYTHON_EVENTS),
       breaks="stream-last-line-open", covers="STREAM-005")  # fmt: skip
def last_event_is_closed(x: Exchange) -> Problems:
    """A blank line follows the last event too.

    Readers drop an open event: [DONE], or the finish_reason where there is no [DONE], is lost without a word.
    """
    if not x.events[-1].terminated:
        yield differs("the end of the body", x.body[-20:].decode("utf-8", "replace"), "a blank line")


@check("stream.closes", MUST, when=chat_stream, source=(NODE_EVENTS, rfc(9112, "7.1")), breaks="stream-hangs",
       covers="STREAM-004")  # fmt: skip
def closes_after_done(x: Exchange) -> Problems:
    """The body ends right after `data: [DONE]`.

    openai-node reads on: the loop over the chunks hangs for good, because the SDK's timeout does not cover the body.
    """
    if x.events and x.ended != "complete":
        yield f"the body is not at its end after [DONE] ({x.failure or x.ended}), expected its end"


@check("stream.no-silent-cut", MUST, when=full_stream, source=(rfc(9112, "8"), NODE_HELPER),
       breaks=("stream-cut-clean", "structured-recursion-dies"),       covers="STREAM-033")  # fmt: skip
def no_silent_cut(x: Exchange) -> Problems:
    """A stream that breaks off does not end as a complete one does.

    Without finish_reason, [DONE], an error event or a cut connection, raw streams of both SDKs end normally: half an answer.
    """
    if broke_off(x):
        yield differs("the last event", x.events[-1].data, "a finish_reason, [DONE], an error or an aborted body")
