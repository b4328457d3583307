"""Turns over WebSockets: each message and what comes up to its end is one exchange. Connections are kept for the turns that follow.

It must not judge, reconnect or follow a redirect. The library is websockets: openai-python connects through it, uvicorn serves by
it, and it needs nothing else. It is imported where the first turn is sent. Times are those of reading.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from conformance.exchange import Exchange, Headers
from conformance.send.answer import Ended, Room
from conformance.send.aside import aside
from conformance.send.limits import Limits
from conformance.send.requests import Request
from conformance.send.sender import Awaited, about, authorities, proxied
from conformance.send.target import Target, request_headers, url_of
from conformance.send.transport_errors import explained
from conformance.wire import turns
from conformance.wire.coding import Decoder

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

GOODBYE = 1.0
"""Seconds that a server has to answer that we close the connection."""


class Sockets:
    """`async with Sockets(requests, target, limits) as sockets`: `send` takes a turn, over a connection of its own or that of an
    earlier one."""

    def __init__(self, requests: Sequence[Request], target: Target, limits: Limits) -> None:
        self._lent = {request.probe.manner.over for request in requests if request.probe.socket}
        self._target, self._limits = target, limits
        self._kept: dict[str, ClientConnection] = {}

    async def __aenter__(self) -> Sockets:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await asyncio.gather(*(kept.close() for kept in set(self._kept.values())), return_exceptions=True)

    async def why_not(self, request: Request) -> str | None:
        """Why this turn cannot be taken, None where it can."""
        over = request.probe.manner.over
        if over is None or over in self._kept:
            return None
        return f"{over}, over whose connection it goes, had none"

    async def send(self, request: Request, room: Room) -> Exchange:
        """The exchange of one turn. Raises nothing because of the endpoint or the network."""
        headers, url = request_headers(request, self._target), self._target.base_url
        answer, ended, failure = Awaited(self._limits, room), "complete", None
        try:
            url = url_of(self._target.base_url, request)
            if (connection := await self._connection(request, url, headers, answer)) is not None:
                headers = _pairs(connection.request.headers)
                await _turn(connection, turns.sent(request.body or b""), answer)
        except Ended as end:
            ended, failure = end.args
            if request.probe.manner.over and answer.body.startswith(turns.CLOSED):  # before anything of this turn
                answer.status, answer.headers = None, ()
        except Exception as error:  # whatever a hostile peer makes a library raise is about the answer, not about us
            ended, failure = _explained(error, url, self._target, self._limits)
        x = answer.exchange(**about(request, url, headers, ended, failure))
        return await aside([x], x.redacted, self._target.redactor)

    async def _connection(
        self, request: Request, url: str, headers: Headers, answer: Awaited
    ) -> ClientConnection | None:
        """The connection for a turn, None where the server refuses one. Raises Ended where it has closed it, and whatever the library
        raises."""
        connection = self._kept.get(request.probe.manner.over or "")
        if connection is None:
            if (connection := await self._opened(url, headers, answer)) is None:
                return None
        elif connection.state.name != "OPEN":
            answer.take(Decoder(""), turns.closed(connection.close_code, connection.close_reason or ""), answer.began)
            raise Ended("cut", f"{_closed(connection)} before this turn")
        if request.id in self._lent:
            self._kept[request.id] = connection
        answer.status, answer.headers = connection.response.status_code, _pairs(connection.response.headers)
        answer.sent = time.perf_counter()
        return connection

    async def _opened(self, url: str, headers: Headers, answer: Awaited) -> ClientConnection | None:
        from websockets.asyncio.client import connect
        from websockets.exceptions import InvalidStatus

        class Once(connect):
            def process_redirect(self, exc: Exception) -> Exception:
                return exc

        try:
            return await Once(
                url,
                additional_headers=list(headers),
                user_agent_header=None,
                ssl=authorities(self._target.base_url) if url[:4].lower() == "wss:" else None,
                proxy=True if proxied(self._target.base_url) else None,
                open_timeout=self._limits.connect,
                close_timeout=GOODBYE,
                max_size=self._limits.body_bytes,
                logger=_silent(),
            )
        except InvalidStatus as refusal:
            answer.status, answer.headers = refusal.response.status_code, _pairs(refusal.response.headers)
            answer.take(Decoder(""), bytes(refusal.response.body or b""), time.perf_counter())
            return None


async def _turn(connection: ClientConnection, messages: Sequence[str], answer: Awaited) -> None:
    """Send, and read to the end of the turn. Raises Ended."""
    from websockets.exceptions import ConnectionClosed

    decoder, reading, failed = Decoder(""), turns.Reading(len(messages)), None
    try:
        async with asyncio.timeout(None) as timer:
            answer.wait(timer, "first_byte", answer.began)
            for message in messages:
                await connection.send(message)
            while not reading.over:
                message = await connection.recv()
                now = time.perf_counter()
                answer.take(decoder, turns.message(message), now)
                reading.take(message)
                failed = failed or (now if reading.failing else None)
                answer.wait(timer, *(("after_done", failed) if failed else ("silence", now)))
    except ConnectionClosed:
        answer.take(decoder, turns.closed(connection.close_code, connection.close_reason or ""), time.perf_counter())
        raise Ended("cut", f"{_closed(connection)} before the turn was over") from None
    except TimeoutError:
        if not reading.failing:
            raise Ended("timeout", answer.late()) from None


def _closed(connection: ClientConnection) -> str:
    reason = f" ({connection.close_reason})" if connection.close_reason else ""
    return f"the server closed the WebSocket with code {connection.close_code or 1006}{reason}"


def _explained(error: Exception, url: str, target: Target, limits: Limits) -> tuple[str, str]:
    import httpx

    if isinstance(error, TimeoutError):
        return explained(httpx.ConnectTimeout(""), url, limits, target.redactor.text)
    if isinstance(error, OSError):
        made = httpx.ConnectError(str(error))
        made.__cause__ = error
        return explained(made, url, limits, target.redactor.text)
    return explained(error, url, limits, target.redactor.text)


def _pairs(headers: Any) -> Headers:
    return tuple(headers.raw_items())


def _silent() -> logging.Logger:
    """Its log lines hold headers, and so secrets."""
    logger = logging.getLogger("conformance.websocket")
    logger.setLevel(logging.CRITICAL)
    return logger
