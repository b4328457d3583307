"""Sends one request over a connection of its own and keeps all that comes back. It must not judge, retry or follow a redirect.

The endpoint is hostile: whatever it sends or fails to send becomes an Exchange, bounded by `Limits`, with a sentence that
says what happened, and without a secret.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from conformance.exchange import Exchange, Headers
from conformance.exchange.probe import USUAL, Manner
from conformance.send import manners
from conformance.send.answer import Answer, Ended, Room, texts
from conformance.send.aside import aside
from conformance.send.limits import Limits
from conformance.send.network import Transport, arrived
from conformance.send.requests import Request
from conformance.send.target import Target, request_headers, url_of
from conformance.send.transport_errors import explained
from conformance.wire.coding import Decoder, Undecodable

TIMER_STEP = 0.01
"""Seconds by which a limit may be off: setting a timer anew for every portion takes longer than reading it."""

LEFT = "the client went away before the answer was whole, as this request is for"

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


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


async def send(
    request: Request,
    target: Target,
    limits: Limits,
    http: httpx.AsyncClient,
    room: Room,
    begun: Callable[[], None] = lambda: None,
) -> Exchange:
    """The exchange of one request; `begun` is called when the first of its body is there. Raises nothing because of the endpoint or the
    network."""
    headers, url, answer = (
        request_headers(request, target),
        target.base_url,
        Awaited(limits, room, request.probe.manner, begun),
    )
    try:
        url = url_of(target.base_url, request)
        message = manners.message(request, url, headers, lambda: answer.network)
        headers = texts(message.headers.raw)
        await answer.receive(message, http, target.redactor.text)
        ended, failure = "complete", None
    except Ended as end:
        ended, failure = end.args
    except Undecodable as reason:
        ended, failure = "undecodable", str(reason)
    except Exception as error:  # whatever a hostile peer makes a library raise is about the answer, not about us
        ended, failure = explained(error, url, limits, target.redactor.text)
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) and proxied(url):
            failure += ", by way of the proxy that the environment names"
    x = answer.exchange(**about(request, url, headers, ended, failure))
    return await aside([x], x.redacted, target.redactor)


def unsent(request: Request, target: Target, reason: str) -> Exchange:
    """The exchange of a request that was given up before it was sent: nothing is known of its answer."""
    url, headers = url_of(target.base_url, request), request_headers(request, target)
    said = about(request, url, headers, "refused", reason)
    return Answer(Limits(), Room(0)).exchange(**said).redacted(target.redactor)


def about(request: Request, url: str, headers: Headers, ended: str, failure: str | None) -> dict[str, Any]:
    """What an exchange says beside the answer."""
    return {
        "id": request.id,
        "method": request.method,
        "url": url,
        "request_headers": headers,
        "request_body": request.body or b"",
        "ended": ended,
        "failure": failure,
        "intent": request.probe.intent,
    }


class Awaited(Answer):
    """An answer that is waited for."""

    def __init__(
        self, limits: Limits, room: Room, manner: Manner = USUAL, begun: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(limits, room)
        self.manner, self._begun = manner, begun
        self.awaited = "first_byte"
        self.network: Any = None
        self._timer: asyncio.Timeout

    async def receive(self, message: httpx.Request, http: httpx.AsyncClient, clean: Callable[[str], str]) -> None:
        """Send, and read to the end. Raises Ended, Undecodable, and whatever httpx raises. `clean` takes secrets out of a text."""
        message.extensions = {"timeout": {"connect": self.limits.connect}, "trace": self._trace}
        try:
            async with asyncio.timeout(None) as timer:
                self._timer = timer
                self.wait(timer, "whole" if self.manner.padding else "first_byte", self.began)
                response = await http.send(message, stream=True, auth=httpx.Auth())
                async with aclosing(response):
                    self.status, self.headers = response.status_code, texts(response.headers.raw)
                    self.bound_headers()
                    decoder = Decoder(clean(response.headers.get("content-encoding", "")))
                    async with aclosing(response.aiter_raw()) as portions:
                        async for portion in portions:
                            now = arrived(response)
                            self.take(decoder, portion, now)
                            self._begun()
                            if not self.is_done and manners.leaves(self.manner, self.body):
                                raise Ended("left", LEFT)
                            self.wait(timer, *(("after_done", self.done) if self.is_done else ("silence", now)))
                    decoder.close()
        except TimeoutError:
            raise Ended("timeout", self.late()) from None

    async def _trace(self, event: str, info: dict) -> None:
        """The clock starts when the connection is there and the first byte is about to be sent. Raises Ended."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.network = info["return_value"]
        elif event.endswith(".send_request_headers.started"):
            self.sent, self.started = time.perf_counter(), time.time()
        waiting = event.endswith(".receive_response_headers.started")
        if waiting and await manners.leaves_waiting(self.manner, lambda: self.network):
            raise Ended("left", LEFT)
        if waiting and self.manner.padding:  # so much takes its time: only now an answer may be waited for
            self.wait(self._timer, "first_byte", time.perf_counter())

    def wait(self, timer: asyncio.Timeout, limit: str, since: float) -> None:
        """Wait as long as this limit says, counted from `since`, and never longer than the whole request may take."""
        until, whole = since + getattr(self.limits, limit), self.began + self.limits.whole
        self.awaited = limit if until <= whole else "whole"
        at = asyncio.get_running_loop().time() + min(until, whole) - time.perf_counter()
        if timer.when() is None or abs(at - timer.when()) > TIMER_STEP:
            timer.reschedule(at)

    def late(self) -> str:
        seconds = f"{getattr(self.limits, self.awaited):g} s"
        what = "byte of the body" if self.status is not None else "answer"
        return {
            "first_byte": f"no {what} came within {seconds} (limit: first byte)",
            "silence": f"no byte came for {seconds} (limit: silence)",
            "whole": f"the answer was not complete after {seconds} (limit: whole request)",
            "after_done": f"the connection stayed open {seconds} after data: [DONE] (limit: after [DONE])",
        }[self.awaited]
