"""How a request goes out that does not go out as all others do (`Manner`): its headers, its body in portions, a client that leaves.

It must not judge, and opens no connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx

from conformance.exchange import Headers
from conformance.exchange.probe import Manner
from conformance.send.requests import Request

MOMENT = 0.02
"""Seconds between two portions of a body, so that each goes out by itself."""
CONTINUE = 1.0
"""Seconds for which 100 (Continue) is awaited before the body goes out all the same, as curl does (RFC 9110 section 10.1.1)."""
ENGAGED = 0.05
"""Seconds that a server has to begin with its answer before a client leaves that waits for it."""

Network = Callable[[], Any]
"""Gives the network stream (network.py) of the request, once it is connected."""


def headers(request: Request, usual: Headers) -> Headers:
    """The headers as sent in this manner, but for what HTTP itself adds to every request."""
    manner = request.probe.manner
    lines = [(name, value) for name, value in usual if name.lower() not in manner.without]
    if request.body is not None and manner.chunked:
        lines.append(("Transfer-Encoding", "chunked"))
    elif request.body is not None and manner.padding:
        lines.append(("Content-Length", str(manner.size(request.body))))
    elif request.body is not None and (manner.portions > 1 or manner.expects):
        lines.append(("Content-Length", str(len(manner.whole(request.body)))))
    lines += [("Expect", "100-continue")] if manner.expects else []
    return tuple((name.lower() if manner.lower_case else name, value) for name, value in lines)


def message(request: Request, url: str, usual: Headers, network: Network) -> httpx.Request:
    """The request as it is sent. Raises ValueError, httpx.InvalidURL."""
    manner, content = request.probe.manner, request.body
    if content is not None:
        content = manner.whole(content)
    if content is not None and (manner.portions > 1 or manner.expects):
        content = _portions(content, manner, network)
    elif content is not None and manner.padding:
        content = _padded(content, manner)
    made = httpx.Request(request.method, url, headers=list(headers(request, usual)), content=content)
    if manner.lower_case:  # what was added, too
        made.headers = httpx.Headers([(name.lower(), value) for name, value in made.headers.raw])
    return made


async def _padded(body: bytes, manner: Manner) -> AsyncIterator[bytes]:
    for piece in manner.padded(body):
        yield piece


async def _portions(body: bytes, manner: Manner, network: Network) -> AsyncIterator[bytes]:
    await network().flush()
    if manner.expects:
        await network().answered(CONTINUE)
    for piece in manner.pieces(body):
        await asyncio.sleep(MOMENT)
        yield piece
        await network().flush()


def leaves(manner: Manner, body: bytes) -> bool:
    """Whether the client is gone with this much of the answer: one event of a stream."""
    return manner.leaves == "midway" and (b"\n\n" in body or b"\r\n\r\n" in body)


async def leaves_waiting(manner: Manner, network: Network) -> bool:
    """Whether the client goes now that all is sent and nothing has come back; the server has had a moment to begin."""
    if manner.leaves != "waiting":
        return False
    await network().flush()
    await asyncio.sleep(ENGAGED)
    return True
