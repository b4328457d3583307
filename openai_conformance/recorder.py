"""Keeps what clients of httpx, httpx2 and the official SDK send and get, as exchanges, while they go about their business.

It changes nothing of what a client sees. What is not of this API is not kept, nor what the client broke off or never got: no answer
is owed to that. Times are not kept either: inside a client they tell of the client.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

from conformance.exchange import Exchange

if TYPE_CHECKING:
    import httpx

_DONE = re.compile(rb"(?:\A|(?<=[\r\n]))data: ?\[DONE\]")
"""The end of a stream: clients hang up there without waiting for the end of the body."""
_BY_THE_SERVER = ("RemoteProtocolError", "ReadError")
"""What httpx raises where the server breaks off."""


class Recorder:
    """Wraps transports: `httpx.Client(transport=recorder.transport())` keeps each exchange in `exchanges` once it is over.

    `name` gives the next exchange its name; `on_exchange` is told of each, by default it is appended to `exchanges`.
    """

    def __init__(
        self, *, name: Callable[[], str] | None = None, on_exchange: Callable[[Exchange], None] | None = None
    ) -> None:
        self.exchanges: list[Exchange] = []
        self._name = name or (lambda: str(len(self.exchanges)))
        self._on_exchange = on_exchange or self.exchanges.append

    def transport(self, inner: httpx.BaseTransport | None = None) -> httpx.BaseTransport:
        """A transport for httpx.Client, over another, by default one of the network."""
        import httpx

        return self.wrapped(httpx, inner or httpx.HTTPTransport())  # type: ignore[no-any-return]

    def async_transport(self, inner: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncBaseTransport:
        """The same for httpx.AsyncClient."""
        import httpx

        return self.wrapped(httpx, inner or httpx.AsyncHTTPTransport())  # type: ignore[no-any-return]

    def wrapped(self, library: Any, inner: Any) -> Any:
        """A transport of a library, httpx or httpx2, over one of its own, for clients of either kind."""
        return _transport(library, inner, self)

    def begin(self, method: str, url: str, headers: list[tuple[bytes, bytes]], body: bytes) -> _Call:
        """A call that is about to be sent."""
        return _Call(self, method, url, _texts(headers), body)

    def keep(self, call: _Call, ended: str, failure: str | None) -> None:
        """A call is over, of this API or not."""
        from conformance.record.entries import of_this_api, redactor_of

        if not of_this_api(call.method, call.url):
            return
        x = Exchange(
            id=self._name(),
            method=call.method,
            url=call.url,
            request_headers=call.request_headers,
            request_body=call.request_body,
            status=call.status,
            headers=call.headers,
            body=bytes(call.body),
            ended=ended,
            failure=failure,
            started=call.started,
        )
        self._on_exchange(x.redacted(redactor_of(call.request_headers, call.url)))


class _Call:
    """One request, and what has come back so far."""

    def __init__(
        self, recorder: Recorder, method: str, url: str, headers: tuple[tuple[str, str], ...], body: bytes
    ) -> None:
        import time

        self.method, self.url, self.request_headers, self.request_body = method, url, headers, body
        self.status: int | None = None
        self.headers: tuple[tuple[str, str], ...] = ()
        self.body = bytearray()
        self.started = time.time()
        self._recorder, self._over = recorder, False
        self._decoder: Any = None
        self._amiss: tuple[str, str] | None = None

    def answered(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        from conformance.wire.coding import Decoder, Undecodable

        self.status, self.headers = status, _texts(headers)
        try:
            self._decoder = Decoder(", ".join(v for n, v in self.headers if n.lower() == "content-encoding"))
        except Undecodable as reason:
            self._amiss = ("undecodable", str(reason))

    def took(self, portion: bytes) -> None:
        from conformance.send.limits import Limits
        from conformance.wire.coding import Undecodable

        if self._amiss:
            return
        room = Limits.body_bytes - len(self.body)
        try:
            data = self._decoder.feed(portion, room)
        except Undecodable as reason:
            self._amiss = ("undecodable", str(reason))
            return
        self.body += data[:room]
        if len(data) > room:
            self._amiss = ("limit", f"this body would be longer than {Limits.body_bytes:,} bytes (limit: body)")

    def ended(self, error: BaseException | None = None) -> None:
        """The body is over, or an error ended it."""
        if self._over:
            return
        self._over = True
        if error is None:
            ended, failure = self._amiss or self._whole()
            self._recorder.keep(self, ended, failure)
        elif self.status is not None and type(error).__name__ in _BY_THE_SERVER:
            self._recorder.keep(self, "cut", "the connection was closed before the body was whole")

    def closed(self) -> None:
        """The client is done with it: where that is before the end, what it did not read was not wrong."""
        if not self._over and _DONE.search(self.body):
            self.ended()
        self._over = True

    def _whole(self) -> tuple[str, str | None]:
        from conformance.wire.coding import Undecodable

        try:
            if not _DONE.search(self.body):
                self._decoder.close()
        except Undecodable as reason:
            return "undecodable", str(reason)
        return "complete", None


def _transport(library: Any, inner: Any, recorder: Recorder) -> Any:
    """A transport in the classes of a library, which its clients insist on."""

    class Body(library.SyncByteStream, library.AsyncByteStream):  # type: ignore[misc]
        """The answer's stream, as it comes."""

        def __init__(self, stream: Any, call: _Call) -> None:
            self._stream, self._call = stream, call

        def __iter__(self) -> Iterator[bytes]:
            try:
                for portion in self._stream:
                    self._call.took(portion)
                    yield portion
            except Exception as error:
                self._call.ended(error)
                raise
            self._call.ended()

        async def __aiter__(self) -> AsyncIterator[bytes]:
            try:
                async for portion in self._stream:
                    self._call.took(portion)
                    yield portion
            except Exception as error:
                self._call.ended(error)
                raise
            self._call.ended()

        def close(self) -> None:
            self._call.closed()
            self._stream.close()

        async def aclose(self) -> None:
            self._call.closed()
            await self._stream.aclose()

    class Recording(library.BaseTransport, library.AsyncBaseTransport):  # type: ignore[misc]
        """Hands requests on, and keeps them and what comes back."""

        def handle_request(self, request: Any) -> Any:
            call = recorder.begin(request.method, str(request.url), request.headers.raw, request.read())
            return self._heard(inner.handle_request(request), call)

        async def handle_async_request(self, request: Any) -> Any:
            call = recorder.begin(request.method, str(request.url), request.headers.raw, await request.aread())
            return self._heard(await inner.handle_async_request(request), call)

        def _heard(self, answer: Any, call: _Call) -> Any:
            call.answered(answer.status_code, answer.headers.raw)
            return library.Response(
                answer.status_code,
                headers=answer.headers.raw,
                stream=Body(answer.stream, call),
                extensions=answer.extensions,
            )

        def close(self) -> None:
            inner.close()

        async def aclose(self) -> None:
            await inner.aclose()

    return Recording()


def _texts(raw: list[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Headers as sent, one character a byte."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
