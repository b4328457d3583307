"""The way to the endpoint: its address, TLS, and the proxy that the environment names. It must not know what is sent over it."""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import h11

P = TypeVar("P", bound=asyncio.Protocol)
CONNECT = 10.0
"""Seconds for the connection, as in send/limits.py."""


class CannotConnect(Exception):
    """There is no connection; the message says why, without a secret."""


@dataclass(frozen=True)
class Upstream:
    """Where a base URL leads. `proxy` is the URL of the proxy that the environment names for it, None where there is none."""

    base_url: str
    proxy: str | None = None

    @classmethod
    def of(cls, base_url: str) -> Upstream:
        """By the environment of this process. Raises ValueError with why, where its proxy cannot be used."""
        parts = urlsplit(base_url)
        found = getproxies()
        named = found.get(parts.scheme) or found.get("all")
        host = parts.hostname or ""
        if not named or host in ("localhost", "::1") or host.startswith("127.") or proxy_bypass(host):
            return cls(base_url)
        if urlsplit(named).scheme not in ("http", "https") or not urlsplit(named).hostname:
            raise ValueError("the environment names a proxy that is none for HTTP, which cannot be watched through")
        return cls(base_url, named)

    @property
    def _parts(self):
        return urlsplit(self.base_url)

    @property
    def origin(self) -> bytes:
        return f"{self._parts.scheme}://{self._parts.netloc.rpartition('@')[2]}".encode()

    @property
    def host_header(self) -> bytes:
        return self._parts.netloc.rpartition("@")[2].encode()

    @property
    def whole_urls(self) -> bool:
        """A proxy for plain http is asked for whole URLs."""
        return self.proxy is not None and self._parts.scheme == "http"

    @property
    def proxy_header(self) -> bytes:
        """The credentials of the proxy's URL as a header line; nothing where it has none."""
        name, _, password = urlsplit(self.proxy or "").netloc.rpartition("@")[0].partition(":")
        if not name:
            return b""
        pair = base64.b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode()
        return f"Proxy-Authorization: Basic {pair}\r\n".encode()

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        import httpx  # its choice of certificates, and of the variables that name others

        context = httpx.create_ssl_context()
        context.set_alpn_protocols(["http/1.1"])
        return context

    def prepare(self) -> None:
        """Read what TLS needs, before anybody waits for it. Raises OSError."""
        if self._parts.scheme == "https":
            _ = self._trusted

    async def connect(self, make: Callable[[], P]) -> P:
        """A connection to the endpoint with such a protocol on it. Raises CannotConnect."""
        try:
            async with asyncio.timeout(CONNECT):
                if self.proxy is None:
                    return await self._direct(make, self._parts, self._parts.scheme == "https")
                if self.whole_urls:
                    return await self._direct(make, urlsplit(self.proxy), urlsplit(self.proxy).scheme == "https")
                return await self._through(make)
        except TimeoutError:
            raise CannotConnect(f"no connection to {self.host_header.decode()} within {CONNECT:g} s") from None
        except ssl.SSLCertVerificationError as error:
            raise CannotConnect(f"the certificate is not accepted ({error.verify_message})") from None
        except OSError as error:
            words = (
                os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or type(error).__name__
            )
            raise CannotConnect(f"no connection to {self.host_header.decode()} ({words})") from None

    async def _direct(self, make: Callable[[], P], where, encrypted: bool) -> P:
        loop = asyncio.get_running_loop()
        port = where.port or (443 if where.scheme == "https" else 80)
        _, protocol = await loop.create_connection(
            make, where.hostname, port, ssl=self._trusted if encrypted else None, happy_eyeballs_delay=None
        )
        return protocol

    async def _through(self, make: Callable[[], P]) -> P:
        """A tunnel through the proxy (RFC 9110 section 9.3.6), and TLS in it."""
        proxy = urlsplit(self.proxy or "")
        tunnel = await self._direct(_Tunnel, proxy, proxy.scheme == "https")
        host = f"{self._parts.hostname}:{self._parts.port or 443}"
        tunnel.transport.write(f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n".encode() + self.proxy_header + b"\r\n")
        status = await tunnel.opened
        if not 200 <= status < 300:
            tunnel.transport.close()
            raise CannotConnect(f"the proxy that the environment names refused the connection ({status})")
        protocol = make()
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(
            tunnel.transport, protocol, self._trusted, server_hostname=self._parts.hostname
        )
        protocol.connection_made(transport)
        return protocol


class _Tunnel(asyncio.Protocol):
    """A connection to a proxy until the tunnel is there."""

    def __init__(self) -> None:
        self.opened: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._reader = h11.Connection(h11.CLIENT)
        self._reader.send(h11.Request(method="CONNECT", target="-", headers=[("host", "-")]))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.opened.done():
            return
        try:
            self._reader.receive_data(data)
            event = self._reader.next_event()
        except h11.RemoteProtocolError:
            self.opened.set_exception(ConnectionError("the proxy's answer is not HTTP/1.1"))
            return
        if isinstance(event, h11.Response):
            self.opened.set_result(event.status_code)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionResetError("the proxy closed the connection"))
