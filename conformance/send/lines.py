"""The connections of a run: each request has one to itself, but for those that go over the connection of an earlier one.

It must not send or judge; it says, too, why a request cannot be sent in its manner.
"""

from __future__ import annotations

import asyncio
import heapq
import importlib.util
import ssl
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from conformance.exchange.probe import USUAL
from conformance.send.limits import Limits
from conformance.send.network import ALPN, Transport
from conformance.send.pace import Pace
from conformance.send.requests import Request
from conformance.send.sender import authorities, client, proxied
from conformance.send.target import Target

Place = tuple[int, Request]
"""A request and its place in the order of the run."""


class _Kept(NamedTuple):
    """A connection that is not closed after an answer, and the client that sends over it alone."""

    transport: Transport
    http: httpx.AsyncClient


class Lines:
    """`async with Lines(requests, target, concurrency) as lines`: whoever sends a request asks `why_not`, and sends it over `of`."""

    def __init__(self, requests: Sequence[Request], target: Target, concurrency: int | Pace) -> None:
        self._lent = {request.probe.manner.over for request in requests}
        self._groups = Counter(request.probe.manner.beside for request in requests)
        self._target, self._pace = target, Pace.of(concurrency)
        self._kept: dict[str, _Kept] = {}
        self._foreign = proxied(target.base_url)
        self._second: httpx.AsyncClient | None = None
        """That of HTTP/2, once the endpoint is known to offer it."""
        self._settling: asyncio.Task[str | None] | None = None
        """Finds that out, for the first request that wants it."""

    async def __aenter__(self) -> Lines:
        self._common = client(self._target.base_url)
        self._context = authorities(self._target.base_url)
        return self

    async def __aexit__(self, *raised: object) -> None:
        for http in {self._common, self._second or self._common, *(kept.http for kept in self._kept.values())}:
            await http.aclose()

    def of(self, request: Request) -> httpx.AsyncClient:
        """The client that this request is sent with."""
        if request.probe.manner.http2 and self._second:
            return self._second
        kept = self._kept.get(request.probe.manner.over or request.id)
        if request.id in self._lent and not self._foreign:
            if kept is None:
                transport = Transport(self._context, kept=True)
                kept = _Kept(transport, httpx.AsyncClient(transport=transport))
            self._kept[request.id] = kept
        return kept.http if kept else self._common

    def next(self, ready: list[Place], free: int) -> list[Request]:
        """Take out of the heap `ready` what to begin with now, where so many more may be under way: the first request, with all
        that are to be sent beside it; none where there is no room, or none left."""
        if not ready:
            return []
        first, beside = ready[0], ready[0][1].probe.manner.beside
        batch = [place for place in ready if place is first or (beside and place[1].probe.manner.beside == beside)]
        if min(sum(self.room(request) for _, request in batch), self._pace.now) > free:
            return []
        ready[:] = [place for place in ready if place not in batch]
        heapq.heapify(ready)
        return [request for _, request in sorted(batch)]

    def room(self, request: Request) -> int:
        """How many of the requests that may be under way at once this one stands for: all where it must be alone."""
        return self._pace.now if request.probe.alone else 1

    async def why_not(self, request: Request) -> str | None:
        """Why this request cannot be sent in its manner now; None where it can, after the silence that it wants."""
        manner = request.probe.manner
        offers = any(name.lower() == "upgrade" for name, _ in request.headers)
        if manner == USUAL and not offers:
            return None
        if self._groups[manner.beside] > self._pace.together and manner.beside:
            return f"--concurrency {self._pace.together} lets no {self._groups[manner.beside]} requests be under way at once"
        if self._foreign and (
            offers or manner.portions > 1 or manner.expects or manner.leaves or manner.over or manner.http2
        ):
            return "a proxy of the environment stands between, and it is the proxy that would see this"
        if offers and self._target.base_url.lower().startswith("https:"):
            return "clients offer HTTP/2 so over plain http alone; in TLS they settle it before the first request"
        if manner.http2:
            self._settling = self._settling or asyncio.create_task(self._why_not_http2())
            return await self._settling
        return await self._why_not_over(manner.over, manner.idle) if manner.over else None

    async def _why_not_http2(self) -> str | None:
        if importlib.util.find_spec("h2") is None:
            return "HTTP/2 needs a package more: pip install 'openai-conformance[http2]'"
        context = authorities(self._target.base_url)
        if not await _offers_http2(self._target.base_url, context):
            return "the endpoint offers no HTTP/2"
        self._second = httpx.AsyncClient(transport=Transport(context, http2=True))
        return None

    async def _why_not_over(self, earlier: str, idle: float) -> str | None:
        if (kept := self._kept.get(earlier)) is None:
            return f"{earlier}, over whose connection it goes, was not sent"
        if not kept.transport.usable():
            return f"the connection of {earlier} did not outlast its answer"
        if idle:
            await asyncio.sleep(idle)
            if kept.transport.closed():
                return f"the endpoint closed the connection of {earlier} within {idle:g} s of silence, as it may"
        return None


async def _offers_http2(base_url: str, context: ssl.SSLContext) -> bool:
    """Whether HTTP/2 is settled on in TLS. Where nothing can be settled, the usual requests say why."""
    parts = urlsplit(base_url)
    context.set_alpn_protocols(ALPN)
    try:
        async with asyncio.timeout(Limits().connect):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=context)
    except (OSError, TimeoutError):
        return False
    settled: ssl.SSLObject = writer.get_extra_info("ssl_object")
    writer.close()
    return settled.selected_alpn_protocol() == "h2"
