"""The reference server as an ASGI application: bytes in, Call, Reply, bytes out. Nothing of the API is decided here."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from conformance.reference.replies import Call, Line, Reply
from conformance.reference.respond import Server
from conformance.reference.rules import Refusal
from conformance.reference.talk_app import talking

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
HANGING = 3600.0
"""Seconds that a connection left open stays open, unless the client goes."""
PATIENCE = 30.0
"""Seconds in which a request must be whole; who sends half of one keeps nobody waiting."""
BODY_BYTES, VALUES = 32 * 1024 * 1024, 500_000
"""Of one request: the longest that we send has 26 MiB, too large a file; and how many values it may hold, as separators tell."""
REMEMBERED = 1000
"""Connections of which is known what they carried last."""


class TooLarge(Exception):
    """The body is longer than any that is answered."""


class Broken(Exception):
    """Raised to make the server close the connection in the middle of a body."""


def application(server: Server, *, delay: float = 0.0, close: Callable[[Any], None] = lambda client: None) -> Starlette:
    """The ASGI application of a reference server; `delay` are seconds before every answer, for benchmarks. `close` ends the
    connection of a client without an answer."""
    carried: dict[Any, tuple[Reply, float]] = {}
    now: list[Call] = []

    async def received(request: Request) -> Call:
        portions, size = [], 0
        async with asyncio.timeout(PATIENCE):
            async for portion in request.stream():
                portions += [portion] if portion else []
                size += len(portion)
                if size > BODY_BYTES:
                    raise TooLarge
        before, since = carried.get(request.scope["client"], (None, 0.0))
        idle = time.monotonic() - since if before else 0.0
        return Call(
            request.method,
            request.scope["raw_path"].decode("ascii", "replace").partition("?")[0],
            tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in request.headers.raw),
            body := b"".join(portions),
            parse(body),
            Line(tuple(portions), before, idle, tuple(now), server.left, http2=request.scope["http_version"] == "2"),
            request.url.query,
        )

    async def answer(request: Request) -> Response:
        client = request.scope["client"]
        try:
            call = await received(request)
        except TimeoutError:  # half a request, and nothing more
            close(client)
            return Response()
        except TooLarge:
            return JSONResponse({"error": Refusal(413, f"The body is longer than {BODY_BYTES:,} bytes.").error}, 413)
        now.append(call)
        try:
            if delay:
                await asyncio.sleep(delay)
            reply, pieces = server.wire(call, server.respond(call))
        finally:
            now.remove(call)
        carried.pop(client, None)
        carried[client] = reply, time.monotonic()
        if len(carried) > REMEMBERED:
            del carried[next(iter(carried))]
        if reply.ending in ("none", "silent"):
            await asyncio.sleep(HANGING if reply.ending == "silent" else 0)
            close(client)
            return Response()
        streamed = reply.in_portions or reply.ending != "clean"
        response = _Pieces(server, reply, pieces) if streamed else Response(b"".join(pieces))
        response.status_code = reply.status
        own = [(k, v) for k, v in response.raw_headers if k == b"content-length"]
        response.raw_headers = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in reply.headers] + own
        return response

    sockets = WebSocketRoute("/{path:path}", talking(server, parse, delay))
    return Starlette(routes=[Route("/{path:path}", answer, methods=METHODS), sockets])


class _Pieces(Response):
    """An answer that is written piece by piece, so that a client sees a stream: Starlette's own has two tasks for it, and looks at each
    piece, which takes longer than all that is said here."""

    def __init__(self, server: Server, reply: Reply, pieces: tuple[bytes, ...]) -> None:
        self._server, self._reply, self._pieces = server, reply, pieces
        self.background = None
        self.raw_headers = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Write all of it, unless the client goes; that is seen."""
        gone = asyncio.ensure_future(receive())
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            for piece in self._pieces:
                if gone.done():
                    break
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                await asyncio.sleep(0)  # one write a piece
            if gone.done():
                self._server.left = True
            elif self._reply.ending == "cut":
                raise Broken
            elif self._reply.ending == "hang":
                await asyncio.wait([gone], timeout=HANGING)
            else:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except asyncio.CancelledError:
            self._server.left = True
            raise
        finally:
            gone.cancel()


def parse(body: bytes) -> dict | None:
    """The JSON object of a request body, None where it is none, or more than is ever asked."""
    if len(body) > VALUES and body.count(b",") + body.count(b"[") + body.count(b"{") > VALUES:
        return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
