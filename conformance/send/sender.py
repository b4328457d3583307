"""Sends one request over a connection of its own and keeps all that comes back. It must not judge, retry or follow a redirect.

The endpoint is hostile: whatever it sends or fails to send becomes an Exchange, bounded by `Limits`, with a sentence that
says what happened, and without a secret.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import ssl
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from conformance.exchange import Exchange, Headers
from conformance.exchange.probe import USUAL, Manner
from conformance.send import manners
from conformance.send.aside import aside
from conformance.send.limits import Limits
from conformance.send.network import Transport, arrived
from conformance.send.requests import Request
from conformance.send.target import Target, address, request_headers
from conformance.send.transport_errors import explained
from conformance.wire import weight
from conformance.wire.coding import Decoder, Undecodable

ARRIVAL_STEP = 0.001
"""Seconds: portions closer together are one arrival, so that a body that comes in single bytes stays small in memory."""
TIMER_STEP = 0.01
"""Seconds by which a limit may be off: setting a timer anew for every portion takes longer than reading it."""

LEFT = "the client went away before the answer was whole, as this request is for"

SLICE = 4096
"""Bytes of which so many may be too much: what comes at once can hold 100,000 lines."""
_DONE = re.compile(rb"(?:\A|(?<=[\r\n]))data: ?\[DONE\]")
_DONE_LENGTH = len(b"\ndata: [DONE]")
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@dataclass
class Room:
    """What a run may still take in: bytes of body, line ends and values of JSON in it."""

    left: int
    lines: int = Limits.run_lines
    values: int = Limits.run_values


class _Ended(Exception):
    """The answer ended otherwise than complete: how (as in Exchange.ended), and why in a sentence."""


class Unsendable(Exception):
    """What in this environment keeps anything from being sent, and what to do, in a sentence."""


def client(*base_urls: str) -> httpx.AsyncClient:
    """A client for these addresses that adds nothing of its own. Proxies are taken from the environment, as httpx does, but never for
    this machine itself; credentials from netrc are not. Raises Unsendable."""
    for name in ("httpx", "httpcore"):  # their log lines hold URLs and headers, and so secrets
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        own = Transport(authorities(*base_urls))
        if not any(map(proxied, base_urls)):
            return httpx.AsyncClient(transport=own)
        return httpx.AsyncClient(
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            mounts=dict.fromkeys((f"all://{host}" for host in _LOOPBACK), own),
        )
    except OSError as error:
        raise Unsendable(
            f"the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read: {error.strerror}"
        ) from None
    except ImportError:
        raise Unsendable(
            "the environment names a SOCKS proxy, which needs a package more: pip install 'httpx[socks]'"
        ) from None
    except (ValueError, TypeError, httpx.InvalidURL):  # their words hold the address, and that may hold a password
        named = [name for name in os.environ if name.lower() in _PROXIES]
        raise Unsendable(
            f"the proxy that {' or '.join(named) or 'the system'} names is none that can be used"
        ) from None


def authorities(*base_urls: str) -> ssl.SSLContext:
    """Whom to trust at these addresses. To read them takes longer than many a request, and over plain http nobody asks for them."""
    encrypted = any(base_url.lower().startswith("https:") for base_url in base_urls)
    return httpx.create_ssl_context() if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def proxied(base_url: str) -> bool:
    """Whether requests to this address may go over connections that are none of ours."""
    named = any(getproxies().get(scheme) for scheme in ("http", "https", "all"))
    return named and (urlsplit(base_url).hostname or "") not in (host.strip("[]") for host in _LOOPBACK)


async def send(request: Request, target: Target, limits: Limits, http: httpx.AsyncClient, room: Room) -> Exchange:
    """The exchange of one request. Raises nothing because of the endpoint or the network."""
    headers, url, answer = (
        request_headers(request, target),
        target.base_url,
        _Answer(limits, room, request.probe.manner),
    )
    try:
        url = address(target.base_url, request.path)
        message = manners.message(request, url, headers, lambda: answer.network)
        headers = _texts(message.headers.raw)
        await answer.receive(message, http, target.redactor.text)
        ended, failure = "complete", None
    except _Ended as end:
        ended, failure = end.args
    except Undecodable as reason:
        ended, failure = "undecodable", str(reason)
    except Exception as error:  # whatever a hostile peer makes a library raise is about the answer, not about us
        ended, failure = explained(error, url, limits, target.redactor.text)
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) and proxied(url):
            failure += ", by way of the proxy that the environment names"
    x = answer.exchange(request, url, headers, ended, failure)
    return await aside([x], x.redacted, target.redactor)


def unsent(request: Request, target: Target, reason: str) -> Exchange:
    """The exchange of a request that was given up before it was sent: nothing is known of its answer."""
    url, headers = address(target.base_url, request.path), request_headers(request, target)
    nothing = _Answer(Limits(), Room(0))
    return nothing.exchange(request, url, headers, "refused", reason).redacted(target.redactor)


class _Answer:
    """What has come back so far."""

    def __init__(self, limits: Limits, room: Room, manner: Manner = USUAL) -> None:
        self.limits, self.room, self.manner = limits, room, manner
        self.status: int | None = None
        self.headers: Headers = ()
        self.body = bytearray()
        self.arrivals: list[tuple[float, int]] = []
        self.lines = self.values = 0
        self.began = self.sent = self.done = time.perf_counter()
        self.is_done = False
        self.started = time.time()
        self.awaited = "first_byte"
        self.network: Any = None

    async def receive(self, message: httpx.Request, http: httpx.AsyncClient, clean: Callable[[str], str]) -> None:
        """Send, and read to the end. Raises _Ended, Undecodable, and whatever httpx raises. `clean` takes secrets out of a text."""
        message.extensions = {"timeout": {"connect": self.limits.connect}, "trace": self._trace}
        try:
            async with asyncio.timeout(None) as timer:
                self._wait(timer, "first_byte", self.began)
                response = await http.send(message, stream=True, auth=httpx.Auth())
                async with aclosing(response):
                    self.status, self.headers = response.status_code, _texts(response.headers.raw)
                    self._bound_headers()
                    decoder = Decoder(clean(response.headers.get("content-encoding", "")))
                    async with aclosing(response.aiter_raw()) as portions:
                        async for portion in portions:
                            now = arrived(response)
                            self._take(decoder, portion, now)
                            if not self.is_done and manners.leaves(self.manner, self.body):
                                raise _Ended("left", LEFT)
                            self._wait(timer, *(("after_done", self.done) if self.is_done else ("silence", now)))
                    decoder.close()
        except TimeoutError:
            raise _Ended("timeout", self._late()) from None

    def exchange(self, request: Request, url: str, headers: Headers, ended: str, failure: str | None) -> Exchange:
        return Exchange(
            id=request.id,
            method=request.method,
            url=url,
            request_headers=headers,
            request_body=request.body or b"",
            status=self.status,
            headers=self.headers,
            body=bytes(self.body),
            arrivals=tuple(self.arrivals),
            ended=ended,
            failure=failure,
            intent=request.probe.intent,
            started=self.started,
        )

    async def _trace(self, event: str, info: dict) -> None:
        """The clock starts when the connection is there and the first byte is about to be sent. Raises _Ended."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.network = info["return_value"]
        elif event == "http11.send_request_headers.started":
            self.sent, self.started = time.perf_counter(), time.time()
        waiting = event == "http11.receive_response_headers.started"
        if waiting and await manners.leaves_waiting(self.manner, lambda: self.network):
            raise _Ended("left", LEFT)

    def _wait(self, timer: asyncio.Timeout, limit: str, since: float) -> None:
        """Wait as long as this limit says, counted from `since`, and never longer than the whole request may take."""
        until, whole = since + getattr(self.limits, limit), self.began + self.limits.whole
        self.awaited = limit if until <= whole else "whole"
        at = asyncio.get_running_loop().time() + min(until, whole) - time.perf_counter()
        if timer.when() is None or abs(at - timer.when()) > TIMER_STEP:
            timer.reschedule(at)

    def _late(self) -> str:
        seconds = f"{getattr(self.limits, self.awaited):g} s"
        what = "byte of the body" if self.status is not None else "answer"
        return {
            "first_byte": f"no {what} came within {seconds} (limit: first byte)",
            "silence": f"no byte came for {seconds} (limit: silence)",
            "whole": f"the answer was not complete after {seconds} (limit: whole request)",
            "after_done": f"the connection stayed open {seconds} after data: [DONE] (limit: after [DONE])",
        }[self.awaited]

    def _bound_headers(self) -> None:
        if sum(len(name) + len(value) for name, value in self.headers) > self.limits.header_bytes:
            raise _Ended("limit", f"the headers are longer than {self.limits.header_bytes:,} bytes (limit: headers)")
        if len(self.headers) > self.limits.headers:
            self.headers = self.headers[: self.limits.headers]
            raise _Ended("limit", f"not judged: more than {self.limits.headers:,} headers (limit: headers)")

    def _take(self, decoder: Decoder, portion: bytes, now: float) -> None:
        """Keep the next portion of the body as far as the limits allow. Raises _Ended, Undecodable."""
        room = min(self.limits.body_bytes - len(self.body), self.room.left)
        data = decoder.feed(portion, room)
        kept, too_much = self._weighed(data[:room])
        seen = len(self.body)
        self.body += kept
        self.room.left -= len(kept)
        if kept:
            at = round(now - self.sent, 6)
            if self.arrivals and at - self.arrivals[-1][0] < ARRIVAL_STEP:
                at = self.arrivals.pop()[0]
            self.arrivals.append((at, len(self.body)))
        if too_much:
            raise _Ended("limit", f"not judged: {too_much}")
        if len(data) > room:
            whose = "this body" if len(self.body) >= self.limits.body_bytes else "all bodies of this run together"
            size = self.limits.body_bytes if whose == "this body" else self.limits.run_bytes
            raise _Ended("limit", f"{whose} would be longer than {size:,} bytes (limit: body)")
        if not self.is_done and _DONE.search(self.body, max(0, seen - _DONE_LENGTH)):
            self.is_done, self.done = True, now

    def _weighed(self, data: bytes) -> tuple[bytes, str | None]:
        """As much of the data as may be judged, and what there is too much of, where that is not all."""
        for start in range(0, len(data), SLICE):
            piece = data[start : start + SLICE]
            for what, count in (("lines", weight.lines(piece)), ("values", weight.values(piece))):
                seen, left = getattr(self, what) + count, getattr(self.room, what) - count
                if seen > (most := getattr(self.limits, what)):
                    return data[:start], f"more than {most:,} {what} in one body (limit: {what})"
                if left < 0:
                    most = getattr(self.limits, f"run_{what}")
                    return data[:start], f"more than {most:,} {what} in all bodies of this run (limit: {what})"
                setattr(self, what, seen)
                setattr(self.room, what, left)
        return data, None


def _texts(raw: list[tuple[bytes, bytes]]) -> Headers:
    """Headers as sent: order and letter case kept, one character a byte (RFC 9110 section 5.5)."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
