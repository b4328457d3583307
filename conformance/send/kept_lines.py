"""Connections that are kept, as clients keep them: each request goes over one that is free, or over a new one. For many requests at once.

Where a connection was closed while nothing was under way, as a server may, the request goes over a new one. It must not judge.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from conformance.send.allowance import Allowance
from conformance.send.answer import Ended
from conformance.send.kept_line import Line, Stale
from conformance.send.letters import Got, Letter
from conformance.send.network import NEXT_ADDRESS
from conformance.send.plain_answer import Plain
from conformance.send.sender import authorities
from conformance.send.target import Target
from conformance.send.transport_errors import explained
from conformance.wire.coding import Undecodable

LOOK = 0.05
"""Seconds by which a limit may be off: all connections are looked at together."""
_HTTP = 80, 443


class KeptLines:
    """`async with KeptLines(target, limits) as lines`: `ask` sends a letter and gives what came of it."""

    def __init__(self, target: Target, allowance: Allowance) -> None:
        self._target, self._allowance = target, allowance
        self._all: set[Line] = set()
        self._free: list[Line] = []
        parts = urlsplit(target.base_url)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port or _HTTP[self._secure]
        self._tls = authorities(target.base_url) if self._secure else None
        self.opened = 0
        """Connections so far, and `most`: the most requests that one of them carried."""
        self.most = 0

    async def __aenter__(self) -> KeptLines:
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._looking.cancel()
        self.close()
        await asyncio.sleep(0)

    def close(self) -> None:
        """Close all of them."""
        for line in self._all:
            line.close()
        self._all.clear()
        self._free.clear()

    async def ask(self, id: str, letter: Letter, text: bytes, *, midway: bool = False) -> Got:
        """Send it with this text, and leave `midway`, after the first event, where that is asked for. Raises nothing because of the
        endpoint or the network."""
        self._allowance.begin()
        began = time.perf_counter()
        got = await self._ask(id, letter, text, midway)
        self._allowance.came(got, time.perf_counter() - began)
        return got

    async def _ask(self, id: str, letter: Letter, text: bytes, midway: bool) -> Got:
        body = letter.body(text)
        message = letter.message(body)
        line, how = None, ("complete", None)
        sent, started = time.perf_counter(), time.time()
        try:
            while True:
                line = self._take() or await self._open()
                try:
                    await line.ask(message, midway=midway)
                    break
                except Stale:
                    self._all.discard(line)
        except Ended as end:
            how = end.args
        except Undecodable as reason:
            how = "undecodable", str(reason)
        except Exception as error:
            how = explained(error, letter.url, self._allowance.limits, self._target.redactor.text)
        except BaseException:  # given up in the middle
            if line is not None:
                self._all.discard(line)
                line.close()
            raise
        intent = frozenset({"leaves"}) if midway else frozenset()
        if line is None:
            return Got(id, letter, body, None, (), b"", (), started, sent, *how, intent)
        self.most = max(self.most, line.carried + 1)
        found = self._read(line, how)
        if line.usable:
            self._free.append(line)
        else:
            self._all.discard(line)
            line.close()
        reading, data, arrivals, how = found
        return Got(
            id, letter, body, reading.status, reading.headers, data, arrivals, line.started, line.sent, *how, intent
        )

    def _read(self, line: Line, how: tuple[str, str | None]) -> tuple[Any, bytes, tuple, tuple[str, str | None]]:
        if isinstance(line.reading, Plain):
            if how[0] == "complete" and (whole := line.reading.decoded(self._allowance.limits)) is not None:
                self._allowance.take(whole[0])
                return line.reading, *whole, how
            try:
                line.strict()
            except Ended as end:
                how = end.args
            except Undecodable as reason:
                how = "undecodable", str(reason)
            except Exception as error:
                how = explained(error, "", self._allowance.limits, self._target.redactor.text)
        return line.reading, bytes(line.reading.body), tuple(line.reading.arrivals), how

    def _take(self) -> Line | None:
        while self._free:
            line = self._free.pop()
            if line.usable:
                line.carried += 1
                return line
            self._all.discard(line)
        return None

    async def _open(self) -> Line:
        loop, clean = asyncio.get_running_loop(), self._target.redactor.text
        self.opened += 1
        try:
            async with asyncio.timeout(self._allowance.limits.connect):
                named = not re.fullmatch(r"[0-9.]+|[0-9a-fA-F:]+", self._host)
                _, line = await loop.create_connection(
                    lambda: Line(self._allowance, clean), self._host, self._port, ssl=self._tls,
                    happy_eyeballs_delay=NEXT_ADDRESS if named else None,
                )  # fmt: skip
        except TimeoutError as error:
            raise httpx.ConnectTimeout(str(error)) from error
        except (OSError, ssl.SSLError) as error:
            raise httpx.ConnectError(str(error)) from error
        self._all.add(line)
        return line

    async def _look(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(LOOK)
                now = time.perf_counter()
                for line in list(self._all):
                    line.look(now)
