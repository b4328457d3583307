"""Reads the answer to one request as it comes: what is framed as nearly all answers are costs next to nothing, all else is read by h11,
from its first byte on, and bounded as ever. So what is said of an answer never hangs on how quickly it was read.

It must not judge, and opens no connection.
"""

from __future__ import annotations

import re
from typing import Any

import h11
import httpx

from conformance.exchange import Headers
from conformance.send.allowance import Allowance
from conformance.send.answer import ARRIVAL_STEP, texts
from conformance.send.limits import KIB, Limits
from conformance.send.network import Head
from conformance.send.sender import Awaited
from conformance.wire import weight
from conformance.wire.coding import Decoder, Undecodable

MOST = 256 * KIB
"""Bytes of a body from which on the limits are looked at, portion by portion: a shorter one is weighed when it is whole."""
HEAD_MOST, HEADERS_MOST = 16 * KIB, 100
"""Bytes and lines of a head; one with more is read by h11."""
CHUNKS_MOST = 4_000
"""Chunks of a body; one with more is read by h11, which is slower, but bounded."""
FRAME_MOST = 100 * KIB
"""Bytes of a head or of a chunk's frame, as httpcore has it."""
_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2})(?: [ -~]*)?\r\n((?:[!#-'*+.0-9A-Z^-z|~-]+:[ \t]*(?:[!-~](?:[ -~]*[!-~])?)?\r\n)+)\r\n"
)
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,7}")
_BODILESS = (204, 205, 304)


class Plain:
    """The answer so far, where nothing is unusual in how it is framed."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: Headers = ()
        self.fields: dict[str, str] = {}
        self.body = bytearray()
        self.arrivals: list[tuple[float, int]] = []
        self._rest = b""
        self._length: int | None = None
        self._searched = self._chunks_seen = 0
        self._left = 0
        """Bytes that the chunk at hand still has, with the line end after it."""

    def feed(self, data: bytes, at: float) -> bool | None:
        """Take the next portion, which came `at` seconds after the request was sent: True where the answer is whole, None where h11 must
        read it instead."""
        data = self._rest + data if self._rest else data
        self._rest = b""
        if self.status is None:
            found = _HEAD.match(data)
            if found is None:
                self._rest = data
                return None if len(data) > HEAD_MOST or b"\r\n\r\n" in data else False
            if found.end() > HEAD_MOST or not self._begun(found):
                return None
            data = data[found.end() :]
        before = len(self.body)
        whole = self._chunks(data) if self._length is None else self._counted(data)
        if len(self.body) > before:
            if self.arrivals and at - self.arrivals[-1][0] < ARRIVAL_STEP:
                at = self.arrivals.pop()[0]
            self.arrivals.append((at, len(self.body)))
        return None if len(self.body) > MOST else whole

    def says_done(self) -> bool:
        """Whether [DONE] may have come since this was last asked."""
        start, self._searched = max(0, self._searched - 16), len(self.body)
        return self.body.find(b"[DONE]", start) >= 0

    def _begun(self, found: re.Match[bytes]) -> bool:
        """Whether the head is one whose body this reads."""
        lines = [line.partition(":") for line in found[2].decode("ascii").split("\r\n")[:-1]]
        headers = tuple([(name, value.strip(" \t")) for name, _, value in lines])
        self.fields = {name.lower(): value for name, value in headers}
        if len(self.fields) < len(headers) and sum(name.lower() in _FRAMES for name, _ in headers) > 1:
            return False
        coding, length = self.fields.get("transfer-encoding"), self.fields.get("content-length")
        if int(found[1]) in _BODILESS or (coding is None) == (length is None) or len(headers) > HEADERS_MOST:
            return False
        if (coding or "chunked").lower() != "chunked" or not (length or "0").isdecimal() or len(length or "") > 9:
            return False
        self.status, self.headers = int(found[1]), headers
        self._length = None if length is None else int(length)
        return True

    def _counted(self, data: bytes) -> bool | None:
        self.body += data
        return None if len(self.body) > self._length else len(self.body) == self._length

    def _chunks(self, data: bytes) -> bool | None:
        at, end = 0, len(data)
        while at < end:
            if self._left > 2:
                piece = data[at : at + self._left - 2]
                self.body += piece
                self._left -= len(piece)
                at += len(piece)
            elif self._left:
                if data[at] != b"\n\r"[self._left - 1]:
                    return None
                self._left -= 1
                at += 1
            else:
                stop = data.find(b"\r\n", at)
                if stop < 0 or (data[at:stop] == b"0" and end < stop + 4):
                    self._rest = data[at:]
                    return None if len(self._rest) > 12 else False
                if not _SIZE.fullmatch(data, at, stop):
                    return None
                self._chunks_seen += 1
                if self._chunks_seen > CHUNKS_MOST:
                    return None
                size = int(data[at:stop], 16)
                if size == 0:
                    return True if data[stop:] == b"\r\n\r\n" else None
                at, self._left = stop + 2, size + 2
        return False

    def decoded(self, limits: Limits) -> tuple[bytes, tuple[tuple[float, int], ...]] | None:
        """The body and its arrivals, the content coding undone; None where it is to be read portion by portion."""
        coding, body, arrivals = self.fields.get("content-encoding"), bytes(self.body), tuple(self.arrivals)
        if coding is not None:
            if coding.lower() != "gzip" or len(arrivals) != 1:
                return None
            decoder = Decoder("gzip")
            try:
                body = decoder.feed(body, MOST)
                decoder.close()
            except Undecodable:
                return None
            arrivals = ((arrivals[0][0], len(body)),)
        too_much = not body or weight.lines(body) > limits.lines or weight.values(body) > limits.values
        return None if too_much or len(body) > min(MOST, limits.body_bytes) else (body, arrivals)


_FRAMES = ("content-length", "transfer-encoding", "content-encoding", "connection")


class Strict(Awaited):
    """The answer so far, read by h11 and bounded: for whatever `Plain` does not read."""

    def __init__(self, allowance: Allowance, clean: Any, sent: float, started: float) -> None:
        super().__init__(allowance.limits, allowance.room)
        self.sent, self.began, self.started = sent, sent, started
        self._clean, self._head, self._decoder = clean, Head(), Decoder("")
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=FRAME_MOST)
        self._h11.send(h11.Request(method="POST", target="/", headers=[("Host", "-")]))
        self._h11.send(h11.EndOfMessage())
        self.last = sent
        """When the last portion of a body came."""

    def feed(self, data: bytes, at: float) -> bool:
        """Take the next portion, b"" at the end of the connection: whether the answer is whole. Raises Ended, Undecodable,
        httpx.RemoteProtocolError."""
        try:
            if not data and self._h11.their_state is h11.SEND_RESPONSE:
                raise h11.RemoteProtocolError("Server disconnected without sending a response.")
            self._h11.receive_data(self._head.bounded(data) if data else data)
            while True:
                event = self._h11.next_event()
                if event is h11.NEED_DATA:
                    return False
                if isinstance(event, h11.Response):
                    self.status, self.headers = event.status_code, texts(event.headers.raw_items())
                    self.bound_headers()
                    fields = {name.lower(): value for name, value in self.headers}
                    self._decoder = Decoder(self._clean(fields.get("content-encoding", "")))
                elif isinstance(event, h11.Data):
                    self.last = self.sent + at
                    self.take(self._decoder, bytes(event.data), self.sent + at)
                elif isinstance(event, h11.EndOfMessage) or event is h11.PAUSED:
                    self._decoder.close()
                    return True
                elif isinstance(event, h11.ConnectionClosed):
                    raise h11.RemoteProtocolError("Server disconnected without sending a response.")
        except h11.RemoteProtocolError as wrong:
            raise httpx.RemoteProtocolError(str(wrong)) from wrong
