"""Reads along: which requests and answers the bytes on a connection are. It must not change or hold up what passes.

h11 reads, as under httpx: what it cannot read passes all the same, and the exchange says why it could not be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import h11

MIB = 1024 * 1024
HEAD = 128 * 1024
"""Bytes of a head: what is longer passes, and is not read."""
KEPT = 32 * MIB
"""Bytes of one body, as they came, that are kept for the judge."""
PORTIONS = 50_000
"""Portions of one body that are read: each costs some 20 us and 100 bytes, however small; what has more passes on unread."""

RawHeaders = list[tuple[bytes, bytes]]
DONE = re.compile(rb"(?:\A|[\r\n])data: ?\[DONE\]")
_UPGRADE = (b"connection", b"upgrade")


@dataclass
class Seen:
    """One request and what came back, before anything is decoded. Times are seconds since the request was passed on, `started` is
    the Unix time of that; `ended` and `failure` are as in Exchange. `door` is the address of the proxy's by which it came."""

    method: str
    target: str
    request_headers: RawHeaders
    started: float
    request_body: bytearray = field(default_factory=bytearray)
    status: int | None = None
    headers: RawHeaders = field(default_factory=list)
    portions: list[tuple[float, bytes]] = field(default_factory=list)
    ended: str = "complete"
    failure: str | None = None
    door: int = 0


class Reader:
    """One message out of the bytes of a connection, request or answer."""

    def __init__(self, connection: h11.Connection) -> None:
        self._connection = connection
        self.head: h11.Request | h11.Response | None = None
        self.done = False
        self.upgraded = False
        """What follows is another protocol."""
        self.odd: str | None = None
        """Why this is no HTTP/1.1, in h11's words; then nothing more is read."""

    @classmethod
    def of_request(cls) -> Reader:
        return cls(h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD))

    @classmethod
    def of_answer(cls, request: h11.Request) -> Reader:
        """The reader of what answers this request."""
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD)
        kept = [(name, value) for name, value in request.headers if name in _UPGRADE]
        connection.send(h11.Request(method=request.method, target=request.target, headers=[(b"host", b"-"), *kept]))
        connection.send(h11.EndOfMessage())
        return cls(connection)

    def read(self, data: bytes) -> tuple[list[bytes], int]:
        """The portions of body in these bytes, b"" being the end of all, and how many of the bytes belong to this message."""
        found: list[bytes] = []
        if self.done or self.odd:
            return found, 0 if self.done else len(data)
        try:
            self._connection.receive_data(data)
            while not self.done:
                event = self._connection.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    break
                if isinstance(event, h11.Request | h11.Response):
                    self.head = event
                elif isinstance(event, h11.InformationalResponse) and event.status_code == 101:
                    self.head, self.done, self.upgraded = event, True, True
                elif isinstance(event, h11.Data):
                    found.append(bytes(event.data))
                elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                    self.done = True
        except h11.RemoteProtocolError as reason:
            self.odd = str(reason)
            return found, len(data)
        left = len(self._connection.trailing_data[0]) if self.done else 0
        return found, len(data) - left


class Observed:
    """One exchange as it passes."""

    def __init__(self, now: float, started: float) -> None:
        self.request = Reader.of_request()
        self.answer = Reader(h11.Connection(h11.CLIENT))
        """Made anew when an answer begins: whether it has a body hangs on the method of the request."""
        self.seen: Seen | None = None
        self.sent_at, self._started = now, started
        self._kept = self._portions = 0
        self._begun = False
        self.beyond = b""
        """What came behind an answer after which another protocol is spoken."""

    @property
    def blind(self) -> bool:
        """The request cannot be read: its bytes pass unobserved."""
        return self.request.odd is not None

    def asked(self, data: bytes) -> int:
        """The program sends this; gives how many of the bytes belong to this request."""
        body, count = self.request.read(data)
        head = self.request.head
        if self.seen is None and isinstance(head, h11.Request):
            headers = list(head.headers.raw_items())
            self.seen = Seen(head.method.decode(), head.target.decode("latin-1"), headers, self._started)
        if self.seen is not None:
            for portion in body:
                self.seen.request_body += portion
        return count

    def answered(self, data: bytes, now: float) -> bool:
        """The endpoint sends this, b"" where it closes; whether the answer is whole."""
        if self.seen is None:
            return False
        if not self._begun:
            self._begun, self.answer = True, Reader.of_answer(self.request.head)
        portions, count = self.answer.read(data)
        self.beyond = data[count:] if self.answer.upgraded else b""
        head = self.answer.head
        if head is not None and self.seen.status is None:
            self.seen.status, self.seen.headers = head.status_code, list(head.headers.raw_items())
        self._portions += len(portions)
        if self._portions > PORTIONS:
            self.answer.odd = f"more than {PORTIONS:,} portions"
            self.end("limit", f"not judged: more than {PORTIONS:,} portions in one body (limit: portions)")
            return False
        for portion in portions:
            self._kept += len(portion)
            if self._kept <= KEPT:
                self.seen.portions.append((now - self.sent_at, portion))
            else:
                self.end("limit", f"not judged: the body is longer than {KEPT:,} bytes as it came (limit: body)")
        return self.answer.done

    def end(self, ended: str, failure: str) -> None:
        """It ended otherwise than whole. What was said first stays."""
        if self.seen is not None and self.seen.ended == "complete":
            self.seen.ended, self.seen.failure = ended, failure

    @property
    def said_all(self) -> bool:
        """A stream has sent its [DONE], so that a program may go."""
        tail = b"".join(portion for _, portion in self.seen.portions[-4:]) if self.seen else b""
        return DONE.search(tail) is not None
