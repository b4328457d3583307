"""HTTP: what an answer says once or not at all: its length, its coding, each key of an object, the page that may read it, an error."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.areas.citations import CHUNK, COMPLETION, rfc
from conformance.areas.http.protocol import JSON_ROUTES
from conformance.exchange import ABSENT, Exchange, NotRecorded, Unreadable, find
from conformance.judge import MUST, SHOULD, Problems, check, differs, header_differs
from conformance.judge.condition import by_head, request
from conformance.judge.conditions import answered, headers_known, miscoded, ok, route, timed
from conformance.wire import jsontext
from conformance.wire.jsontext import show

DUPLICATE = "https://docs.rs/serde/latest/serde/de/trait.Error.html#method.duplicate_field"
SINGLE_ORIGIN = "https://fetch.spec.whatwg.org/#cors-check"
ORIGIN_HEADER = "Access-Control-Allow-Origin"

without_errors = route("chat", "completions", "embeddings", "moderations", "models", "model")
"""Routes whose objects have no `error`; a response has one."""


@request("answered with a Content-Encoding")
def names_coding(x: Exchange) -> bool:
    """Decided by the head alone, for of a body that cannot be unpacked there is no more. (Recorders have unpacked it.)"""
    return bool(x.header("content-encoding")) and (timed(x) is True or miscoded(x))


def texts(x: Exchange) -> Iterator[tuple[str, str | bytes]]:
    """(where, text) of every JSON text of an answer: its body, or the data of the events of a stream."""
    if x.media_type != "text/event-stream":
        yield "the body", x.body
        return
    for n, event in enumerate(x.sse[1]):
        if event.data:
            yield f"event {n}", event.data


def _surely_once(x: Exchange) -> bool:
    """Whether what was read has as many keys as stand there, in all of it: so it is nearly always, and is soon seen."""
    try:
        if x.media_type != "text/event-stream":
            return x.not_json is None and jsontext.all_named(x.body.decode("utf-8"), x.json)
        said = "\n".join(event.data for event in x.sse[1] if event.data)
        return jsontext.all_named(said, [value for _, value in x.messages])
    except (Unreadable, NotRecorded):
        return False


# Recorders undo the chunked coding and write a length of their own, so recordings say nothing of it.
@check("http.length-alone", MUST, when=answered & headers_known & timed, source=rfc(9112, "6.2"), breaks="stream-length-and-chunked",
       covers="HTTP-030")  # fmt: skip
def length_comes_without_chunks(x: Exchange) -> Problems:
    """An answer is framed by Content-Length or by Transfer-Encoding, never by both.

    Node refuses it ("Content-Length can't be present with Transfer-Encoding"), and proxies take it for an attack.
    """
    if x.header("transfer-encoding") and x.header("content-length") is not None:
        yield header_differs(x, "Content-Length", f"none beside Transfer-Encoding: {x.header('transfer-encoding')}")


@check("http.coding-true", MUST, when=names_coding,
       source=rfc(9110, "8.4"), breaks="coding-stale-on-errors", covers="HTTP-020")  # fmt: skip
def body_is_in_its_coding(x: Exchange) -> Problems:
    """A body is in the coding that Content-Encoding names; where it is plain, there is no such header.

    Clients fail to unpack it, and what they report is that, not the reason of a refusal.
    """
    if miscoded(x):
        yield f"the body with status {x.status} is not what Content-Encoding says, expected {x.header('content-encoding')} ({x.failure})"


@check("http.keys-once", MUST, when=JSON_ROUTES & answered, source=(rfc(8259, "4"), DUPLICATE),
       breaks=("json-key-twice", "stream-key-twice"), covers="HTTP-031")  # fmt: skip
def keys_come_once(x: Exchange) -> Problems:
    """No JSON object of an answer has a key twice.

    Clients in Rust refuse the whole answer ("duplicate field"); all others take one of the values, and not the same one.
    """
    for where, text in texts(x) if not _surely_once(x) else ():
        if (key := jsontext.doubled(text)) is not None:
            yield differs(f"the number of keys {show(key)} in one object of {where}", 2, "1")


# A server that allows no page may say nothing; one that says it twice means to allow it, and no browser takes it so.
@check("http.origin-once", MUST, when=answered & headers_known & by_head(f"with {ORIGIN_HEADER}")(
           lambda x: x.header(ORIGIN_HEADER) is not None), source=SINGLE_ORIGIN, breaks="cors-origin-twice", covers="HTTP-032")  # fmt: skip
def origin_is_named_once(x: Exchange) -> Problems:
    """Access-Control-Allow-Origin is sent once, with one origin or `*`.

    A proxy that adds its own to that of its upstream locks every web application out: browsers compare the joined value.
    """
    sent = [value for name, value in x.headers if name.lower() == ORIGIN_HEADER.lower()]
    if len(sent) > 1 or "," in sent[0]:
        yield differs(ORIGIN_HEADER, ", ".join(sent), "one value in one line")


@check("http.no-error-member", SHOULD, when=without_errors & ok, source=(COMPLETION, CHUNK),
       breaks=("json-error-null", "json-error-beside"), covers="HTTP-033")  # fmt: skip
def success_has_no_error(x: Exchange) -> Problems:
    """A successful answer, or a chunk of one, has no member `error`, not even null.

    Clients that look for the key take the answer for a failure.
    """
    whole = [("error", x.json)] if not x.streaming and x.not_json is None else []
    for path, value in whole or [(f"error of chunk {n}", chunk) for n, chunk in x.placed_chunks]:
        error = find(value, "error")
        if error is not ABSENT and (not error or find(value, "choices") is not ABSENT):
            yield differs(path, error, "no such key")
