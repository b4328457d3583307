"""One request and everything that came back, and the views through which checks read it.

An Exchange is never edited. Views never raise anything but `Unreadable`, which says in words where the answer is not what
it must be, and are never empty, so that no loop over one passes without having looked at anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from conformance.exchange.assembly import Choice, assemble, choice_of
from conformance.exchange.chunk import is_chunk
from conformance.exchange.documented import ROUTES, in_its_place, route_of
from conformance.exchange.named_headers import by_name
from conformance.exchange.reading import Unreadable, need
from conformance.exchange.view import view
from conformance.wire import jsontext, multipart, sse, turns
from conformance.wire.jsontext import NotJSON, show
from conformance.wire.redact import Headers, Redactor
from conformance.wire.sse import Event, Reader


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. Bytes are as on the wire after transfer and content coding were undone.

    `arrivals` are (seconds since the request was sent, bytes of body received by then). `ended` is "complete", or how the
    answer failed to be: "refused" (no connection), "timeout", "cut" (closed early), "limit" (one of our bounds), "undecodable",
    or "left" (by us, on purpose); `failure` then says it in a sentence. `headers_known` is False where a recorder scrubbed headers.
    `started` is the Unix time of sending, `took` the seconds of the whole call, `session` a key of calls: None where nothing says it.

    Of a turn over a WebSocket (`socket`) the request is the message sent, a line each where it is several, `body` are the messages
    up to the turn's end, written as events (wire/turns.py), and `method`, `status` and headers those of the handshake.
    """

    id: str
    method: str
    url: str
    request_headers: Headers
    request_body: bytes
    status: int | None
    headers: Headers
    body: bytes
    arrivals: tuple[tuple[float, int], ...] = ()
    ended: str = "complete"
    failure: str | None = None
    intent: frozenset[str] = frozenset()
    headers_known: bool = True
    started: float | None = None
    took: float | None = None
    session: str | None = None
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    missing: ClassVar[frozenset[str]] = frozenset()
    """The parts that a recorder did not keep (fragment.py)."""

    # ------------------------------------------------------------------ the request

    @view
    def socket(self) -> bool:
        """A turn over a WebSocket."""
        return self.url[:3].lower() in ("ws:", "wss")

    @view
    def name(self) -> str:
        """The name of what was sent; an exchange of a recording has the recording's before it, as FILE#NAME."""
        return self.id.rpartition("#")[2]

    @view
    def route(self) -> str | None:
        """Which documented route the path ends in, None for any other and for OPTIONS, which asks about a route.

        None, too, for a path that only ends like one: it is in an odd place, and nobody there answers in JSON.
        """
        if self.method == "OPTIONS":
            return None
        found = route_of(self.url)
        return None if found and self._lost(found) else found

    def _lost(self, route: str) -> bool:
        lost = not in_its_place(urlsplit(self.url).path, ROUTES[route].path)
        return lost and self.status == 404 and self.not_json is not None

    @view
    def asked(self) -> dict[str, Any]:
        """The request body, or the plain fields of a form as texts (a list of them where a name comes twice, or ends in []); an
        empty object where it is neither."""
        if self.form:
            return multipart.texts(self.form)
        try:
            body = jsontext.parse(self.request_body)
        except NotJSON:
            return {}
        return body if isinstance(body, dict) else {}

    @view
    def form(self) -> tuple[multipart.Field, ...]:
        """The fields of a request that is a form, in their order; none where it is no form."""
        kind = self.sent("content-type") or ""
        return tuple(multipart.fields(kind, self.request_body)) if kind.lower().startswith(multipart.FORM) else ()

    @view
    def streaming(self) -> bool:
        """The request asked for a stream."""
        if self.socket:
            return True
        if self.form or self.method == "GET":
            return "true" in (self.asked.get("stream"), *parse_qs(urlsplit(self.url).query).get("stream", ()))
        return self.asked.get("stream") is True or self.asked.get("stream_format") == "sse"

    @view
    def asks_audio(self) -> bool:
        """The request asks for sound, or was not kept and there is some. Streams of it have heartbeats, and an end of their own."""
        if "request" in self.missing:
            return b'"audio":' in self.body
        modalities = self.asked.get("modalities")
        return isinstance(modalities, list) and "audio" in modalities

    @view
    def _sent(self) -> dict[str, str]:
        return by_name(self.request_headers)

    @view
    def _received(self) -> dict[str, str]:
        return by_name(self.headers)

    def sent(self, name: str) -> str | None:
        """A request header, by name in any case."""
        return self._sent.get(name.lower())

    # ------------------------------------------------------------------ the answer

    @property
    def answered(self) -> bool:
        return self.status is not None

    @view
    def ok(self) -> bool:
        """2xx; of a turn over a WebSocket that it does not begin with an error."""
        if self.socket:
            return self.status == 101 and not turns.declined(self.body)
        return self.status is not None and 200 <= self.status < 300

    @property
    def failed(self) -> bool:
        """4xx or 5xx."""
        return self.status is not None and self.status >= 400

    def header(self, name: str) -> str | None:
        """A response header, by name in any case; several of one name are joined by a comma."""
        return self._received.get(name.lower())

    @view
    def media_type(self) -> str:
        """The Content-Type without its parameters, in lower case; "" where there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @view
    def _parsed(self) -> tuple[Any, str | None]:
        try:
            return jsontext.parse(self.body), None
        except NotJSON as reason:
            return None, str(reason)

    @property
    def not_json(self) -> str | None:
        """Why the body is not one JSON text, None if it is one."""
        return self._parsed[1]

    @view
    def json(self) -> Any:
        """The JSON body. Raises Unreadable."""
        value, reason = self._parsed
        if reason is not None:
            raise Unreadable(f"the body is not JSON ({reason}), expected a JSON text")
        return value

    @view
    def answer(self) -> dict[str, Any]:
        """The JSON object of a plain answer or of an error. Raises Unreadable."""
        found = self.json
        if not isinstance(found, dict):
            raise Unreadable(f"the body is {show(found)}, expected a JSON object")
        return found

    @property
    def error(self) -> dict[str, Any]:
        """The `error` object of an error answer. Raises Unreadable."""
        error: dict[str, Any] = need(self.answer, "error", dict)
        return error

    # ------------------------------------------------------------------ the stream

    @view
    def sse(self) -> tuple[Reader, tuple[Event, ...]]:
        """The reader, for what it saw of line ends, and every block of lines, comments and fragments included."""
        return sse.read(self.body)

    @view
    def events(self) -> tuple[Event, ...]:
        """The events of a stream, blocks of comments alone left out. Raises Unreadable where none has data."""
        events = tuple(event for event in self.sse[1] if not event.only_comments)
        if all(event.data is None for event in events):
            raise Unreadable(f"the stream is {show(self.body[:60].decode('utf-8', 'replace'))}, expected events")
        return events

    @view
    def done_at(self) -> int | None:
        """The position of the first `data: [DONE]` among the events, None where there is none."""
        return next((n for n, event in enumerate(self.events) if event.data == "[DONE]"), None)

    @view
    def messages(self) -> tuple[tuple[int, Any], ...]:
        """(position of the event, its JSON value) of every event whose data is JSON and not [DONE]. Raises Unreadable."""
        found = []
        for n, event in enumerate(self.events):
            if event.data is not None and event.data != "[DONE]":
                try:
                    found.append((n, jsontext.parse_text(event.data)))
                except NotJSON:
                    continue
        if not found:
            raise Unreadable("the stream is without any JSON event, expected chunks")
        return tuple(found)

    @view
    def placed_chunks(self) -> tuple[tuple[int, dict[str, Any]], ...]:
        """(position of the event, chunk) of every chunk of a stream, errors and pings left out (`is_chunk`); of none, too.

        Where sound was asked for, OpenAI sends heartbeats: all of a chunk but its `choices` (12 of 12 recorded streams).
        """
        sound = self.asks_audio
        return tuple(
            (n, value) for n, value in self.messages if is_chunk(value) and not (sound and "choices" not in value)
        )

    @view
    def chunks(self) -> tuple[dict[str, Any], ...]:
        """The chunks of a stream. Raises Unreadable where there is none."""
        chunks = tuple(chunk for _, chunk in self.placed_chunks)
        if not chunks:
            raise Unreadable("the stream is without any chunk, expected at least one")
        return chunks

    @view
    def deltas(self) -> tuple[tuple[int, int, dict[str, Any]], ...]:
        """(position of the chunk, index of the choice, the element of `choices`) in order. Raises Unreadable."""
        found = []
        for n, chunk in enumerate(self.chunks):
            for part in need(chunk, "choices", list):
                found.append((n, need(part, "index", int), part))
        if not found:
            raise Unreadable("choices is empty in every chunk, expected deltas")
        return tuple(found)

    # ------------------------------------------------------------------ both

    @view
    def choices(self) -> tuple[Choice, ...]:
        """The choices, in order, whether plain or streamed. Raises Unreadable where there is none."""
        if self.streaming:
            return assemble(self.deltas)
        parts = need(self.answer, "choices", list)
        if not parts:
            raise Unreadable("choices is [], expected at least one choice")
        return tuple(choice_of(part) for part in parts)

    @view
    def usage(self) -> dict[str, Any]:
        """The usage of a plain answer, or the last that a stream sent. Raises Unreadable where there is none."""
        if not self.streaming:
            holding = self.answer
        else:
            sent = [chunk["usage"] for chunk in self.chunks if chunk.get("usage") is not None]
            if not sent:
                raise Unreadable("usage is absent from every chunk, expected an object")
            holding = {"usage": sent[-1]}
        usage: dict[str, Any] = need(holding, "usage", dict)
        return usage

    def redacted(self, redactor: Redactor) -> Exchange:
        """The exchange without secrets. Whoever makes an exchange from a live endpoint hands out only this one."""
        return replace(
            self,
            url=redactor.url(self.url),
            request_headers=redactor.headers(self.request_headers, sent=True),
            request_body=redactor.bytes(self.request_body),
            headers=redactor.headers(self.headers, sent=False),
            body=redactor.bytes(self.body, cut=self.ended != "complete"),
            failure=self.failure and redactor.text(self.failure),
            memo={},
        )

    def forget(self) -> None:
        """Drop what views and conditions have read, for who keeps many exchanges; it is read again when asked for."""
        for name in vars(self).keys() - self.__dataclass_fields__:
            del vars(self)[name]
        self.memo.clear()
