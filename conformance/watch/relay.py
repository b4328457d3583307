"""Passes bytes between a program and an endpoint, the moment they come and as they came.

One connection of the program's has one connection to the endpoint, so that keep-alive, an abort, a half-closed connection and
back-pressure of one are those of the other. What is changed is the Host header alone, and by way of a proxy for plain http the target,
which then is a whole URL. What passes is read along a moment later (LATER), so that reading holds up no byte of this connection or of
another. It must not decode, judge, retry, wait for more, or know a time-out.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

from conformance.watch.endpoint import BUFFER, Endpoint
from conformance.watch.heads import HEAD_END, addressed, is_one
from conformance.watch.observed import Observed, Seen
from conformance.watch.upgraded import Upgraded, is_turn
from conformance.watch.upstream import CannotConnect, Upstream

LATER = 0.002
"""Seconds after which what passed is read, at the earliest: after whatever came meanwhile has been passed on."""
LONGEST_HEAD = 256 * 1024
"""Bytes that are waited for before what comes is taken for something else than HTTP, and passed on as it is."""
GONE = "the program went away before the answer was whole"


class Outbox(Protocol):
    """Where to what was seen goes."""

    def put(self, seen: Seen) -> None: ...
    def unread(self) -> None: ...


class Program(asyncio.Protocol):
    """A connection of the program's."""

    def __init__(self, upstream: Upstream, outbox: Outbox, connections: set[Program]) -> None:
        self._upstream, self._outbox, self._connections = upstream, outbox, connections
        self._held = bytearray()
        """The beginning of a request, or one that came before the last was answered."""
        self._now: Observed | None = None
        self._raw = False
        self._upgraded: Upgraded | None = None
        self._endpoint: Endpoint | None = None
        self._connecting: asyncio.Task | None = None
        self._ended = False
        self._unseen: deque[Callable[[], None]] = deque()
        """What passed and is not read yet."""
        self._reading = False

    # ------------------------------------------------------------------ what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._connections.add(self)
        transport.set_write_buffer_limits(BUFFER)

    def data_received(self, data: bytes) -> None:
        self._catch_up()
        self._held += data
        self._pass_on()

    def eof_received(self) -> bool:
        """The program sends no more. Whether it still listens cannot be told: the endpoint is told the same."""
        self._catch_up()
        self._ended = True
        if self._now is not None and self._now.said_all:
            return False
        if self._endpoint is not None:
            self._endpoint.end()
            return self._now is not None
        return self._connecting is not None

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        if self._connecting is not None:
            self._connecting.cancel()
        if self._endpoint is not None:
            self._endpoint.leave()
        self.settle("left", GONE)

    def pause_writing(self) -> None:
        if self._endpoint is not None:
            self._endpoint.transport.pause_reading()

    def resume_writing(self) -> None:
        if self._endpoint is not None:
            self._endpoint.transport.resume_reading()

    # ------------------------------------------------------------------ of the program

    def _pass_on(self) -> None:
        """Pass on what is held, as far as it may go now."""
        if self._endpoint is None and not self._raw and self._connecting is None and not self._head():
            return
        if self._endpoint is None:
            if self._connecting is None:
                self._connecting = asyncio.get_running_loop().create_task(self._connect())
            return
        while self._held:
            if self._raw:
                data = bytes(self._held)
                self._held.clear()
                self._send(data)
                if self._upgraded is not None:
                    self._later(partial(self._upgraded.asked, data, time.perf_counter()))
            elif self._now is not None and self._now.request.done:
                self.transport.pause_reading()  # a further request, before the answer: it waits for its turn
                return
            elif self._now is None and not self._head():
                return
            else:
                self._read()

    def _head(self) -> bool:
        """Whether a whole head is held, or what will never be one."""
        return HEAD_END.search(self._held) is not None or len(self._held) > LONGEST_HEAD

    def _read(self) -> None:
        """Pass on the next bytes of the request at hand, or of the next one."""
        data, begins = bytes(self._held), self._now is None
        if self._now is None:
            self._now = Observed(time.perf_counter(), time.time())
            if is_one(data):
                self._held.clear()
                self._send(addressed(data, self._upstream))
                self._later(partial(self._asked, data))
                return
        count = self._now.asked(data)
        del self._held[:count]
        self._send(addressed(data[:count], self._upstream) if begins else data[:count])
        self._was_asked()

    def _asked(self, data: bytes) -> None:
        """Read a whole request that has passed."""
        if self._now is not None:
            self._now.asked(data)
            self._was_asked()

    def _was_asked(self) -> None:
        """What follows of the part of a request that was read."""
        if self._now.blind:
            self._now = None
            self._unread()
        elif self._now.request.done and self._now.answer.done:  # an answer that came before all was asked
            self._finish()

    def _later(self, read: Callable[[], None]) -> None:
        """Have something that passed read soon, after what passed before it."""
        self._unseen.append(read)
        if len(self._unseen) == 1:
            asyncio.get_running_loop().call_later(LATER, self._catch_up)

    def _catch_up(self) -> None:
        """Read all that has passed. What is read may end an exchange, which wants no more read before that is done."""
        if self._reading:
            return
        self._reading = True
        try:
            while self._unseen:
                self._unseen.popleft()()
        finally:
            self._reading = False

    def _unread(self) -> None:
        """What comes from here on is passed on, and not read."""
        self._raw = True
        self._outbox.unread()

    def _send(self, data: bytes) -> None:
        assert self._endpoint is not None
        self._endpoint.transport.write(data)

    async def _connect(self) -> None:
        try:
            self._endpoint = await self._upstream.connect(lambda: Endpoint(self))
        except CannotConnect as reason:
            self._refused(str(reason))
            return
        self._pass_on()
        if self._ended:
            self._endpoint.end()

    def _refused(self, reason: str) -> None:
        """No connection to the endpoint: the program sees one that breaks, and the exchange says why."""
        self._now = Observed(time.perf_counter(), time.time())
        self._now.asked(bytes(self._held))
        self.settle("refused", reason)
        self.reset()

    # ------------------------------------------------------------------ of the endpoint

    def receive(self, data: bytes, now: float) -> None:
        """The endpoint sends this."""
        self.transport.write(data)
        if not self._raw or self._upgraded is not None:
            self._later(partial(self._answered, data, now))

    def _answered(self, data: bytes, now: float) -> None:
        """Read a part of an answer that has passed."""
        if self._upgraded is not None:
            self._upgraded.answered(data, now)
            return
        if self._now is None or self._raw:
            return
        whole = self._now.answered(data, now)
        if self._now.answer.upgraded:
            observed, self._now = self._now, None
            self._upgrade(observed, now)
            self._pass_on()
        elif self._now.answer.odd:
            self.settle(*_odd(self._now.answer.odd))
            self._unread()
            self._pass_on()
        elif whole and self._now.request.done:
            self._finish()

    def _upgrade(self, observed: Observed, now: float) -> None:
        """Another protocol is spoken from here on: turns over a WebSocket are read, and nothing else."""
        seen = observed.seen
        if seen is None or not is_turn(seen.target, seen.request_headers):
            self._unread()
            return
        try:
            self._upgraded = Upgraded(seen, observed.sent_at, self._outbox.put)
        except ValueError:
            self._unread()
            return
        self._raw = True
        self._upgraded.answered(observed.beyond, now)

    def _finish(self) -> None:
        """The exchange at hand is whole: tell of it, and go on with the next."""
        observed, self._now = self._now, None
        if observed is not None and observed.seen is not None:
            self._outbox.put(observed.seen)
        self.transport.resume_reading()
        self._pass_on()

    def settle(self, ended: str, failure: str) -> None:
        """Nothing more will come of the exchange at hand."""
        self._catch_up()
        if self._upgraded is not None:
            self._upgraded.end(ended, failure)
        observed, self._now = self._now, None
        if observed is None or observed.seen is None:
            return
        all_said = ended == "left" and observed.said_all  # all but the end of the body, for which nobody waited
        if not (all_said or observed.answer.done):
            observed.end(ended, failure)
        self._outbox.put(observed.seen)

    def closed(self, error: Exception | None, now: float) -> None:
        """The endpoint has closed its connection, or it broke."""
        self._catch_up()
        if self._upgraded is not None:
            self._upgraded.closed(now)
        if self._now is not None and not self._raw:
            if error is None:
                self._now.answered(b"", now)  # some bodies end so
            came = self._now.seen is not None and self._now.seen.status is not None
            words = f"the connection was {'reset' if error else 'closed'} before"
            what = "the body was whole" if came else "an answer came"
            self.settle(*(("left", GONE) if self._ended else ("cut", f"{words} {what}")))
        if error is None:
            self.transport.close()
        else:
            self.reset()

    def reset(self) -> None:
        """End the connection as one that broke."""
        with contextlib.suppress(OSError, AttributeError):
            own = self.transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def _odd(said: str) -> tuple[str, str]:
    """How an answer ended that h11 cannot read, and why."""
    if said.startswith("peer closed connection"):
        return "cut", "the connection was closed before the body was whole"
    return "undecodable", f"the answer is not HTTP/1.1 ({said})"
