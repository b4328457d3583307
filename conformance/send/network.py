"""Connections that know when each portion came in, however busy this program was then. They stand under httpx.

The event loop hands over what has come on all sockets before any request goes on: taken there, the time of one answer does not
hang on the work for the others. It must not know of requests or answers; what it raises are httpcore's errors.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import re
import socket
import ssl
import time
from collections import deque
from collections.abc import Iterable
from ipaddress import ip_address

import httpcore
import httpx

with contextlib.suppress(ImportError):  # else httpcore does it with the first request, which would wait for it
    importlib.import_module("anyio._backends._asyncio")

NEXT_ADDRESS = 0.25
"""Seconds until another address of a host is tried beside the one before (RFC 8305)."""
HEAD_LINES = 1_000
"""Lines of the head of an answer that are handed on: twice as many headers as are kept (limits.py). h11 takes 20 us for each, while all
others wait."""
WAITING = 8
"""Portions not yet read, from which on no more are taken from the system; the loop makes none of over 256 KiB."""

ALPN = ["h2", "http/1.1"]
"""What a client offers that speaks HTTP/2, the better first."""

_BLANK = re.compile(rb"\n\r?\n")


class Transport(httpx.AsyncHTTPTransport):
    """httpx's own transport, without proxies, over these connections; each request has one to itself, or, where it is `kept`, all
    go over one, one after another, or by `http2` side by side."""

    def __init__(self, context: ssl.SSLContext | None = None, *, kept: bool = False, http2: bool = False) -> None:
        context = context or httpx.create_ssl_context()
        super().__init__(verify=context)
        self._backend = _Backend(http2)
        # It takes no other backend. Should it call its pool otherwise one day, only the times are worse, and a test says so.
        self._pool = httpcore.AsyncConnectionPool(
            context,
            max_connections=None,
            max_keepalive_connections=int(kept or http2),
            http2=http2,
            network_backend=self._backend,
        )

    def usable(self) -> bool:
        """A connection was kept, and no answer over it said that it will be closed."""
        return any(connection.is_idle() for connection in self._pool.connections)

    def closed(self) -> bool:
        """The peer has closed the connection that was kept, and that has come in."""
        return self._backend.latest is None or self._backend.latest.closed


def arrived(response: httpx.Response) -> float:
    """When the last portion that was read came in (as time.perf_counter); now, where the connection is none of ours."""
    return getattr(response.extensions.get("network_stream"), "arrived", None) or time.perf_counter()


class _Backend(httpcore.AsyncNetworkBackend):
    def __init__(self, http2: bool) -> None:
        self.latest: _Stream | None = None
        self._http2 = http2

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                self.latest = _Stream(await _connected(host, port), self._http2)
                return self.latest
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error


class Head:
    """Ends the head of an answer where it has too many lines, of which nobody keeps the last."""

    def __init__(self) -> None:
        self._lines, self._last, self._over = 0, b"", False

    def bounded(self, data: bytes) -> bytes:
        """What is handed on of a portion."""
        if self._over:
            return data
        seen = self._last + data
        end = _BLANK.search(seen)
        head = seen[: end.start()] if end else seen
        lines = head.count(b"\n") - self._last.count(b"\n")
        self._over, self._last = end is not None, seen[-3:]
        if self._lines + lines <= HEAD_LINES:
            self._lines += lines
            return data
        self._over = True
        kept = data.split(b"\n", HEAD_LINES - self._lines)[:-1]
        return b"\n".join([*kept, b"\r\n"])


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, incoming: _Incoming, http2: bool) -> None:
        self._incoming, self._http2 = incoming, http2
        self._unsent = bytearray()
        self._head: Head | None = Head()
        """None where heads have no lines, for they are HTTP/2."""
        self.arrived: float | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next portion, as the system handed it over; b"" at the end. Whoever sends a request limits how long it may
        take: `timeout` is not looked at."""
        await self.flush()
        self.arrived, data = await self._incoming.next()
        return self._head.bounded(data) if self._head else data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Keep it until an answer is awaited: httpcore writes headers and body one by one, and sending is dear. By HTTP/2 another
        answer may be awaited already."""
        self._unsent += buffer
        if self._head is None:
            await self.flush()

    async def flush(self) -> None:
        """Send what was kept."""
        if self._unsent:
            self._incoming.transport.write(bytes(self._unsent))
            self._unsent.clear()
            self._head = self._head and Head()

    async def answered(self, seconds: float) -> None:
        """Return when anything has come in, or after so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._incoming.more.wait(), seconds)

    @property
    def closed(self) -> bool:
        """The end has come in."""
        return self._incoming.over

    async def aclose(self) -> None:
        self._incoming.transport.close()
        await asyncio.sleep(0)  # what is closed so says goodbye; whoever does not answer is left
        self._incoming.transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        loop, incoming = asyncio.get_running_loop(), self._incoming
        if self._http2:  # httpcore offers it last, and some servers take the first
            ssl_context.set_alpn_protocols(ALPN)
        try:
            async with asyncio.timeout(timeout):
                transport = await loop.start_tls(
                    incoming.transport, incoming, ssl_context, server_hostname=server_hostname
                )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:  # of the network or of TLS
            raise httpcore.ConnectError(str(error)) from error
        incoming.transport = transport
        if transport.get_extra_info("ssl_object").selected_alpn_protocol() == "h2":
            self._head = None
        return self

    def get_extra_info(self, info: str) -> object:
        return self._incoming.transport.get_extra_info(info)


class _Incoming(asyncio.Protocol):
    """What has come in and was not read yet, with its times."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._portions: deque[tuple[float, bytes]] = deque()
        self.more = asyncio.Event()
        """Something is there to be read."""
        self.over = False
        self._lost: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._portions.append((time.perf_counter(), data))
        if len(self._portions) >= WAITING:
            self.transport.pause_reading()
        self.more.set()

    def connection_lost(self, error: Exception | None) -> None:
        self._lost, self.over = error, True
        self._portions.append((time.perf_counter(), b""))
        self.more.set()

    async def next(self) -> tuple[float, bytes]:
        await self.more.wait()
        at, data = self._portions[0]
        if not data and self._lost:
            raise httpcore.ReadError(str(self._lost)) from self._lost
        if data:  # the end stays, however often it is asked for
            self._portions.popleft()
        if not self._portions:
            self.more.clear()
            self.transport.resume_reading()
        return at, data


async def _connected(host: str, port: int) -> _Incoming:
    """A connection. Raises OSError in the system's words: asyncio puts the address in their place, and of several addresses it
    has words alone."""
    loop = asyncio.get_running_loop()
    # Only names have several addresses to race; a race that is cancelled just when one has won leaves a socket open.
    delay = None if _is_address(host) else NEXT_ADDRESS
    try:
        _, incoming = await loop.create_connection(_Incoming, host, port, happy_eyeballs_delay=delay)
    except socket.gaierror:
        raise
    except OSError as error:
        numbers = [error.errno] if error.errno else [int(n) for n in re.findall(r"\[Errno (\d+)\]", str(error))]
        raise OSError(numbers[0], os.strerror(numbers[0])) if numbers else error from None
    return incoming


def _is_address(host: str) -> bool:
    try:
        return ip_address(host) is not None
    except ValueError:
        return False
