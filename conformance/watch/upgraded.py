"""Reads along on a connection that has become a WebSocket of /responses: each turn is an exchange, as `run --websocket` takes them.

A turn is what was sent since the end of the last, and what came until the next: so it is handed on when the next begins, or the
connection ends, and what comes after its end is in it. websockets reads, as it does in send/sockets.py; it must not answer, so
what it would send goes nowhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.exchange.documented import route_of
from conformance.watch.observed import KEPT, RawHeaders, Seen
from conformance.wire import turns

if TYPE_CHECKING:
    from websockets.frames import Close

TOO_LONG = f"not judged: the turn is longer than {KEPT:,} bytes (limit: body)"
GONE = "the program went away before the turn was over"
UNREADABLE = "what the endpoint sent over the WebSocket cannot be read"


def prepare() -> None:
    """Import what reads frames, before anybody waits for it."""
    import websockets.client
    import websockets.extensions.permessage_deflate  # noqa: F401


def is_turn(target: str, headers: RawHeaders) -> bool:
    """Whether a request asks for a WebSocket whose messages are turns: others, such as those of /realtime, are another protocol."""
    kinds = b",".join(value for name, value in headers if name.lower() == b"upgrade")
    return b"websocket" in kinds.lower() and route_of(urlsplit(target).path) == "responses"


class Upgraded:
    """One such connection. `put` is told of each turn."""

    def __init__(self, handshake: Seen, sent_at: float, put: Callable[[Seen], None]) -> None:
        """Of an answer with 101, to a request that was passed on then. Raises ValueError for extensions that cannot be read."""
        from websockets.protocol import CLIENT, SERVER

        theirs, ours = _extensions(handshake.headers)
        self._handshake, self._sent_at, self._put = handshake, sent_at, put
        self._program, self._endpoint = _Side(SERVER, ours), _Side(CLIENT, theirs)
        self._turn: turns.Turn | None = None
        self._seen = handshake
        self._began = sent_at
        self._kept = 0

    def asked(self, data: bytes, now: float) -> None:
        """The program sends this."""
        for message in self._program.read(data):
            if not isinstance(message, str | bytes):
                self.end("left", GONE)
                return
            if self._turn is not None and self._turn.over:
                self._tell()
            if self._turn is None:
                self._begin(now)
            self._turn.send(message)

    def answered(self, data: bytes, now: float) -> None:
        """The endpoint sends this."""
        for message in self._endpoint.read(data):
            if not isinstance(message, str | bytes):
                self.closed(now, message)
                return
            if self._turn is not None:
                self._keep(self._turn.receive(message), now)
        if self._endpoint.odd:
            self.end("undecodable", f"{UNREADABLE} ({self._endpoint.odd})")

    def closed(self, now: float, by: Close | None = None) -> None:
        """The endpoint has closed the connection, with these words or without any."""
        code, reason = (by.code, by.reason) if by else (1006, "")
        if self._turn is not None and not self._turn.over:
            self._keep(turns.closed(code, reason), now)
        words = f"with code {code}" + (f" ({reason})" if reason else "")
        self.end("cut", f"the server closed the WebSocket {words} before the turn was over")

    def _begin(self, now: float) -> None:
        self._turn, self._began, self._kept = turns.Turn(), now, 0
        self._seen = replace(self._handshake, started=self._handshake.started + now - self._sent_at, portions=[])

    def _keep(self, event: bytes, now: float) -> None:
        self._kept += len(event)
        if self._kept <= KEPT:
            self._seen.portions.append((now - self._began, event))
        elif self._seen.ended == "complete":
            self._seen.ended, self._seen.failure = "limit", TOO_LONG

    def end(self, ended: str, failure: str) -> None:
        """Nothing more will come of the turn at hand: how it ended if it was not over, and why."""
        if self._turn is not None:
            if not self._turn.over and self._seen.ended == "complete":
                self._seen.ended, self._seen.failure = ended, failure
            self._tell()

    def _tell(self) -> None:
        assert self._turn is not None
        self._seen.request_body = bytearray(self._turn.asked)
        self._put(self._seen)
        self._turn = None


class _Side:
    """The messages that one side sends."""

    def __init__(self, reader: Any, extensions: list[Any]) -> None:
        from websockets.protocol import Protocol

        silent = logging.getLogger("conformance.watch.websocket")
        silent.setLevel(logging.CRITICAL + 1)  # its lines would hold what passes
        self._protocol = Protocol(reader, max_size=KEPT, logger=silent)
        self._protocol.extensions = extensions
        self._parts: list[bytes] = []
        self._is_text = True

    @property
    def odd(self) -> str | None:
        """Why what it sends is no WebSocket, None where it is one."""
        return str(self._protocol.parser_exc) if self._protocol.parser_exc else None

    def read(self, data: bytes) -> Iterator[str | bytes | Close]:
        """The messages in these bytes; that it closes the connection ends them."""
        from websockets.frames import Opcode

        self._protocol.receive_data(data)
        self._protocol.data_to_send()
        for frame in self._protocol.events_received():
            if frame.opcode is Opcode.CLOSE:
                yield self._protocol.close_rcvd
            elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._is_text = frame.opcode is Opcode.TEXT or (self._is_text and frame.opcode is Opcode.CONT)
                self._parts.append(bytes(frame.data))
                if frame.fin:
                    whole = b"".join(self._parts)
                    self._parts.clear()
                    yield whole.decode("utf-8", "replace") if self._is_text else whole


def _extensions(headers: RawHeaders) -> tuple[list[Any], list[Any]]:
    """What undoes the extensions that were agreed on, for what the endpoint sends and for what the program does. Raises ValueError."""
    from websockets.client import ClientProtocol
    from websockets.datastructures import Headers
    from websockets.exceptions import InvalidHandshake
    from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, PerMessageDeflate
    from websockets.uri import parse_uri

    known = ClientPerMessageDeflateFactory(client_max_window_bits=True)
    said = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
    try:
        agreed = ClientProtocol(parse_uri("ws://-"), extensions=[known]).process_extensions(said)
    except InvalidHandshake as reason:
        raise ValueError(str(reason)) from None
    turned = [
        PerMessageDeflate(
            each.local_no_context_takeover,
            each.remote_no_context_takeover,
            each.local_max_window_bits,
            each.remote_max_window_bits,
        )
        for each in agreed
    ]
    return agreed, turned
