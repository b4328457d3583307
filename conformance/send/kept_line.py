"""One connection that is kept: request after request goes over it, and each answer is read and bounded as it comes. It must not judge."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx

from conformance.send.allowance import Allowance
from conformance.send.answer import Ended
from conformance.send.plain_answer import Plain, Strict
from conformance.send.sender import LEFT


class Stale(Exception):
    """The connection that was kept is closed, and nothing came of the request."""


class Line(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(self, allowance: Allowance, clean: Callable[[str], str]) -> None:
        self._allowance, self._clean = allowance, clean
        self.carried = 0
        self.usable = True
        self.reading: Plain | Strict = Plain()
        self._portions: list[tuple[float, bytes]] = []
        self._whole: asyncio.Future[None] | None = None
        self._midway = False
        self._done: float | None = None
        self._last = 0.0
        """When the last portion of a body came."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def ask(self, message: bytes, *, midway: bool) -> asyncio.Future[None]:
        """Send a request; done when its answer is. It raises Ended, Undecodable, Stale and what httpx would raise."""
        self._whole = asyncio.get_running_loop().create_future()
        self._midway, self.reading, self._portions, self._done = midway, Plain(), [], None
        self.sent = self._last = time.perf_counter()
        self.started = time.time()
        self.transport.write(message)
        return self._whole

    def data_received(self, data: bytes) -> None:
        if self._whole is None or self._whole.done():
            self.close()  # what nobody asked for
            return
        self._take(data, time.perf_counter() - self.sent)

    def connection_lost(self, error: Exception | None) -> None:
        self.usable = False
        if self._whole is None or self._whole.done():
            return
        if not self._portions and isinstance(self.reading, Plain) and self.carried:
            self._end(Stale())
        elif error is not None:
            self._end(httpx.ReadError(str(error)))
        else:
            self._strictly(b"", time.perf_counter() - self.sent)

    def _take(self, data: bytes, at: float) -> None:
        reading = self.reading
        if isinstance(reading, Strict):
            self._strictly(data, at)
        else:
            self._portions.append((at, data))
            before = len(reading.body)
            whole = reading.feed(data, at)
            if len(reading.body) > before:
                self._last = self.sent + at
            if whole is None:
                self._portions.pop()
                self._strictly(data, at)
            elif whole:
                self.usable = "close" not in reading.fields.get("connection", "").lower()
                self._end(None)
        body = self.reading.body
        if self._midway and not self._whole.done() and b"\n\n" in body and b"data: [DONE]" not in body:
            self._end(Ended("left", LEFT))

    def _strictly(self, data: bytes, at: float) -> None:
        """Have h11 read this and what came before."""
        self.usable = False
        try:
            if self.strict().feed(data, at) or not data:
                self._end(None)
        except Exception as end:  # whatever a hostile peer makes a library raise is about the answer
            self._end(end)

    def strict(self) -> Strict:
        """The answer as h11 reads it, from its first byte on."""
        if isinstance(self.reading, Plain):
            self.reading = Strict(self._allowance, self._clean, self.sent, self.started)
            for at, data in self._portions:
                self.reading.feed(data, at)
        return self.reading

    def _end(self, how: Exception | None) -> None:
        if how is not None:
            self.close()
        if self._whole is not None and not self._whole.done():
            self._whole.set_exception(how) if how is not None else self._whole.set_result(None)

    def look(self, now: float) -> None:
        """End what takes too long."""
        if self._whole is None or self._whole.done():
            return
        limits = self._allowance.limits
        if isinstance(self.reading, Plain):
            if self._done is None and self.reading.says_done():
                self._done = now
            quiet, open_for = now - self._last, now - (self._done or now)
            in_time = quiet <= min(limits.silence, limits.first_byte) and now - self.sent <= limits.whole
            if in_time and open_for <= limits.after_done:
                return
        try:
            reading = self.strict()
        except Exception as end:
            self._end(end)
            return
        limit, since = ("silence", reading.last) if reading.last > self.sent else ("first_byte", self.sent)
        if reading.is_done:
            limit, since = "after_done", reading.done
        until, whole = since + getattr(limits, limit), self.sent + limits.whole
        if now > min(until, whole):
            reading.awaited = limit if until <= whole else "whole"
            self._end(Ended("timeout", reading.late()))

    def close(self) -> None:
        self.usable = False
        self.transport.close()
        asyncio.get_running_loop().call_soon(self.transport.abort)  # whoever does not answer a goodbye is left
