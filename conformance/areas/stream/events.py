"""STREAM on the wire: lines, fields, spaces, blank lines, bytes. What the events say is judged next door."""

from __future__ import annotations

import re

from conformance.areas.citations import (
    CHAT_PATH,
    CHUNK,
    NODE_EVENTS,
    PYTHON_EVENTS,
    PYTHON_SSE,
    SSE_CLIENT,
    SSE_GRAMMAR,
    SSE_READING,
    node,
)
from conformance.exchange import Exchange, Unreadable, remembered
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import chat_stream, headers_known
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON
from conformance.wire.sse import Event, Line

DONE_LIKE = re.compile(r"""\s*["']?\[?done\]?["']?\s*""", re.IGNORECASE)
"""What is meant as the end of a stream; the check of its spelling owns whatever is not `[DONE]`."""

_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z_-]*")
_NO_DATA = {"event", "id", "retry"}


@remembered
def odd_events(x: Exchange) -> list[tuple[int, Event]]:
    """(position, event) of every event that is not plain, for what plain ones cannot have. Raises Unreadable where there is no event."""
    return [(n, event) for n, event in enumerate(x.events) if not event.plain]


@remembered
def first_data_lines(x: Exchange) -> list[tuple[int, Line]]:
    """(position, first data line) of every odd event that has one: the later lines of an indented JSON text may be indented."""
    firsts = ((n, next((line for line in event.lines if line.name == "data"), None)) for n, event in odd_events(x))
    return [(n, line) for n, line in firsts if line is not None]


def glued(event: Event) -> bool:
    """Several events in one block, because only one line end stands between them: each data line is a whole message."""
    if len(event.lines) == 1:
        return False
    values = [line.value for line in event.lines if line.name == "data"]
    return len(values) > 1 and all(DONE_LIKE.fullmatch(value) or _is_json(value) for value in values)


def _is_json(text: str) -> bool:
    try:
        jsontext.parse(text.encode("utf-8", "surrogatepass"))
    except NotJSON:
        return False
    return True


@check("stream.content-type", MUST, when=chat_stream & headers_known, source=(CHAT_PATH, SSE_CLIENT),
       breaks=("stream-content-type-json", "stream-content-type-lines", "reuse-type-forgotten"), covers="STREAM-001")  # fmt: skip
def content_type_is_event_stream(x: Exchange) -> Problems:
    """A stream has the Content-Type text/event-stream.

    Browsers' EventSource and httpx-sse refuse any other; the official SDKs do not look.
    """
    if x.events and x.media_type != "text/event-stream":
        yield differs("content-type", x.header("content-type") or "", "text/event-stream")


@check("stream.status", MUST, when=chat_stream, source=(CHAT_PATH, SSE_CLIENT),
       breaks="stream-status-201", covers="STREAM-001")  # fmt: skip
def status_is_200(x: Exchange) -> Problems:
    """A stream has the status 200.

    Browsers' EventSource fails the connection at any other.
    """
    if x.events and x.status != 200:
        yield differs("status", x.status, "200")


@check("stream.blank-lines", MUST, when=chat_stream, source=(SSE_READING, PYTHON_SSE),
       breaks="stream-single-newlines", covers="STREAM-002")  # fmt: skip
def events_are_apart(x: Exchange) -> Problems:
    """A blank line stands between two events.

    With a single line end both SDKs take all events for one: no chunk, and no error until the end.
    """
    for n, event in odd_events(x):
        if glued(event):
            yield f"event {n} is {event.data.count(chr(10)) + 1} messages in one, expected a blank line after each"


@check("stream.data-is-json", MUST, when=chat_stream, source=(CHAT_PATH, PYTHON_EVENTS),
       breaks="stream-data-not-json", covers="STREAM-002")  # fmt: skip
def data_is_json(x: Exchange) -> Problems:
    """The data of every event but [DONE] is one JSON text.

    openai-python raises JSONDecodeError, openai-node SyntaxError, in the middle of the answer.
    """
    try:
        readable = {n for n, _ in x.messages}
    except Unreadable:
        readable = set()
    for n, event in enumerate(x.events):
        known = n in readable or not event.data or DONE_LIKE.fullmatch(event.data)
        if event.terminated and not known and not glued(event):
            yield differs(f"data of event {n}", event.data, "a JSON text")


@check("stream.one-data-line", SHOULD, when=chat_stream, source=SSE_READING,
       breaks="stream-data-in-lines", covers="STREAM-010")  # fmt: skip
def one_data_line(x: Exchange) -> Problems:
    """An event has its whole JSON text in one `data:` line.

    The standard allows several and the SDKs join them; clients that read line by line fail at the first half.
    """
    for n, event in odd_events(x):
        lines = sum(line.name == "data" for line in event.lines)
        if lines > 1 and not glued(event):
            yield differs(f"event {n}", f"{lines} data lines", "one")


@check("stream.at-most-one-space", MUST, when=chat_stream, source=(SSE_READING, PYTHON_EVENTS),
       breaks="stream-two-spaces", covers="STREAM-011")  # fmt: skip
def at_most_one_space(x: Exchange) -> Problems:
    """At most one space follows `data:`.

    With two, chunks still parse but [DONE] does not: both SDKs raise at the very end.
    """
    for n, line in first_data_lines(x):
        if line.rest.startswith("  "):
            yield differs(f"data line of event {n}", line.text[:20], "one space after the colon")


@check("stream.space", SHOULD, when=chat_stream, source=SSE_GRAMMAR,
       breaks="stream-no-space", covers="STREAM-011")  # fmt: skip
def a_space_follows(x: Exchange) -> Problems:
    """A space follows `data:`.

    Optional in the standard and for the SDKs; clients that look for "data: " or cut six characters read nothing.
    """
    for n, line in first_data_lines(x):
        if line.rest and not line.rest.startswith(" "):
            yield differs(f"data line of event {n}", line.text[:20], '"data: " first')


@check("stream.line-ends-agree", SHOULD, when=chat_stream, source=node("internal/decoders/line.ts", 106),
       breaks="stream-mixed-line-ends", covers="STREAM-009")  # fmt: skip
def blank_line_ends_alike(x: Exchange) -> Problems:
    """The blank line after an event ends as the line before it does.

    openai-node looks for two equal line ends and otherwise holds all events back until the stream is over.
    """
    for n, event in odd_events(x):
        kept = event.start + sum(len(line.raw) + len(line.end) for line in event.lines)
        end = x.body[kept : event.stop].decode("ascii", "replace")
        if event.terminated and end != event.lines[-1].end.decode("ascii"):
            yield differs(f"blank line after event {n}", end, "the same end as the line before")


@check("stream.line-feed", MAY, when=chat_stream, source=SSE_GRAMMAR, breaks=("stream-crlf", "stream-mixed-line-ends"),
       covers="STREAM-009")  # fmt: skip
def lines_end_in_lf(x: Exchange) -> Problems:
    """Lines end in LF alone, as OpenAI's do.

    CRLF and CR are legal and the SDKs read them; clients that split the text at two LF do not.
    """
    if x.events and (others := x.sse[0].line_ends - {b"\n"}):
        yield differs("line end", ", ".join(sorted(end.decode() for end in others)), "LF")


@check("stream.no-bom", MUST, when=chat_stream, source=(SSE_READING, PYTHON_SSE),
       breaks="stream-bom", covers="STREAM-012")  # fmt: skip
def no_byte_order_mark(x: Exchange) -> Problems:
    """A stream does not begin with a byte order mark.

    The standard lets readers drop it, openai-python does not: it loses the first event without a word.
    """
    if x.events and x.sse[0].bom:
        yield "the body is with a byte order mark, expected its first event at once"


@check("stream.utf8", MUST, when=chat_stream, source=(SSE_GRAMMAR, PYTHON_SSE),
       breaks="stream-latin1", covers="STREAM-013")  # fmt: skip
def bytes_are_utf8(x: Exchange) -> Problems:
    """The bytes of a stream are UTF-8.

    openai-python raises UnicodeDecodeError and the rest of the answer is lost; openai-node shows U+FFFD.
    """
    for n, event in odd_events(x):
        for line in event.lines:
            if not line.is_utf8:
                yield differs(f"event {n}", _about_the_break(line.raw), "UTF-8")


def _about_the_break(raw: bytes) -> str:
    """The text about the first byte that is no UTF-8, such bytes as escapes."""
    start = max(0, raw.decode("utf-8", "backslashreplace").find("\\x") - 20)
    return raw.decode("utf-8", "backslashreplace")[start : start + 60]


@check("stream.no-thread-events", MUST, when=chat_stream, source=(PYTHON_EVENTS, NODE_EVENTS),
       breaks="stream-thread-events", covers="STREAM-006")  # fmt: skip
def no_thread_events(x: Exchange) -> Problems:
    """No event is named thread.*, which are the names of the Assistants API.

    Both SDKs then hand on {event, data} in the place of the chunk.
    """
    for n, event in odd_events(x):
        if (event.field("event") or "").startswith("thread."):
            yield differs(f"event: of event {n}", event.field("event"), "none")


@check("stream.unnamed", SHOULD, when=chat_stream, source=CHUNK, breaks=("stream-named-events", "stream-thread-events"),
       covers="STREAM-006")  # fmt: skip
def chunks_are_unnamed(x: Exchange) -> Problems:
    """An event that carries a chunk has no `event:` field.

    Clients that listen for plain messages, as EventSource.onmessage does, never see a named one.
    """
    chunks = {id(chunk) for chunk in x.chunks}
    for n, value in x.messages:
        if not x.events[n].plain and id(value) in chunks and (name := x.events[n].field("event")) is not None:
            yield differs(f"event: of event {n}", name, "none")


@check("stream.no-empty-data", MUST, when=chat_stream, source=(PYTHON_EVENTS, NODE_EVENTS),
       breaks="stream-empty-data", covers="STREAM-007")  # fmt: skip
def no_empty_data(x: Exchange) -> Problems:
    """No event has empty data.

    Both SDKs hand it to their JSON parser and raise; a keep-alive is a comment.
    """
    for n, event in odd_events(x):
        if event.data == "":
            yield f"data of event {n} is empty, expected a chunk"


@check("stream.no-event-without-data", MUST, when=chat_stream, source=(SSE_READING, PYTHON_SSE),
       breaks=("stream-ping-event", "stream-retry-alone", "stream-keepalive-inside"), covers="STREAM-007")  # fmt: skip
def no_event_without_data(x: Exchange) -> Problems:
    """No block has only `event:`, `id:` or `retry:` lines.

    The standard fires no event for it, but openai-python parses the absent data and raises JSONDecodeError, as openai-node
    does at `event:` alone.
    """
    for n, event in odd_events(x):
        names = {line.name for line in event.lines}
        if event.data is None and names & _NO_DATA:
            yield differs(f"event {n}", " ".join(line.text for line in event.lines), "data in it")


@check("stream.no-blank-after-id", MUST, when=chat_stream, source=PYTHON_SSE, breaks=("stream-comment-after-id", "stream-blank-after-id"),
       covers="STREAM-007")  # fmt: skip
def nothing_blank_after_an_id(x: Exchange) -> Problems:
    """After an `id:` field every blank line ends an event with data: no second one, none after a comment.

    openai-python remembers the id and takes each such blank line for an event without data: JSONDecodeError.
    """
    known, stop = False, 0
    blocks = x.sse[1] if odd_events(x) else ()
    for event in blocks:
        if known and (event.start > stop or (event.only_comments and event.terminated)):
            yield f"byte {stop} is followed by a blank line without data after an id: field, expected an event"
        known = known if event.field("id") is None else event.field("id") != ""
        stop = event.stop
    if known and stop < len(x.body):
        yield f"byte {stop} is followed by a blank line after an id: field, expected the end"


@check("stream.no-bare-lines", MUST, when=chat_stream, source=(SSE_READING, PYTHON_SSE), breaks="stream-bare-line",
       covers="STREAM-030")  # fmt: skip
def no_bare_lines(x: Exchange) -> Problems:
    """Every line is a comment or a field: no text stands in a stream without `data:`.

    Readers drop such lines, errors among them: the answer ends early and nobody is told.
    """
    for n, event in odd_events(x):
        for line in event.lines:
            if not line.raw.startswith(b":") and not _FIELD_NAME.fullmatch(line.name):
                yield differs(f"a line of event {n}", line.text, "a field or a comment")
