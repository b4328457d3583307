"""The recorded answer as a transport of the official client: it asks, and gets these bytes whatever it asks.

Nothing here can reach a network. Bytes, status and headers are as recorded; content coding was undone by then, so the headers
that told of it are left out.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import httpx2

from conformance.exchange import Exchange

PIECE = 16 * 1024
"""Bytes handed over at once."""
PATIENCE = 2.0
"""Seconds after which the client gets no more of one answer: the stream helper takes some 0.1 ms a chunk, and more the longer
the answer is, so that a hostile one would take it forever."""

_UNDONE = frozenset(("content-encoding", "transfer-encoding", "content-length", "connection", "set-cookie"))


class GaveUp(BaseException):
    """The client took longer than PATIENCE; no Exception, so that nothing in it takes this for the server's."""


class Recorded(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Answers every request with the exchange in `playing`."""

    playing: Exchange

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return _response(self.playing)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return _response(self.playing)


class _Body(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    def __init__(self, x: Exchange) -> None:
        self._x = x

    def __iter__(self) -> Iterator[bytes]:
        body, began = self._x.body, time.monotonic()
        for start in range(0, len(body), PIECE):
            yield body[start : start + PIECE]
            if time.monotonic() - began > PATIENCE:
                raise GaveUp
        if self._x.ended != "complete":
            raise httpx2.ReadError(self._x.failure or self._x.ended)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def _response(x: Exchange) -> httpx2.Response:
    headers = [(name, value) for name, value in x.headers if name.lower() not in _UNDONE]
    if not x.headers_known and x.header("content-type") is None:
        headers.append(("content-type", "application/json"))  # a recorder took it out; streams are read without it
    raw = [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in headers]
    return httpx2.Response(x.status, headers=raw, stream=_Body(x))
