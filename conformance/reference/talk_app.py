"""The WebSockets of the reference server as an ASGI endpoint: messages in, Call, Reply, messages out. It decides nothing of the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from conformance.reference.kept_responses import KeptResponses
from conformance.reference.replies import Call, Headers, Json, Line, Reply, frames
from conformance.reference.respond import Server
from conformance.reference.talk import call_of, messages

BROKEN = 1011
"""The code of a server that meets what it did not expect (RFC 6455 section 7.4.1)."""


def talking(
    server: Server, parse: Callable[[bytes], Json | None], delay: float = 0.0
) -> Callable[[WebSocket], Coroutine[Any, Any, None]]:
    """The endpoint; `parse` reads the JSON object of a message, `delay` are seconds before every answer."""

    async def talk(websocket: WebSocket) -> None:
        path = websocket.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
        headers = tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in websocket.headers.raw)
        line = Line(memory=KeptResponses())
        reply = server.respond(Call("GET", path, headers, b"", None, line))
        if reply.status != 101:
            await _refuse(websocket, reply)
            return
        await websocket.accept(headers=[(k.encode("latin-1"), v.encode("latin-1")) for k, v in reply.headers])
        try:
            await _answer_all(websocket, path, headers, line)
        except WebSocketDisconnect:
            return

    async def _answer_all(websocket: WebSocket, path: str, headers: Headers, line: Line) -> None:
        while True:
            heard = await websocket.receive()
            if heard["type"] == "websocket.disconnect":
                return
            message = (
                heard["bytes"] if heard.get("bytes") is not None else heard["text"].encode("utf-8", "surrogatepass")
            )
            await asyncio.sleep(delay)
            call = call_of(message, parse(message), path, headers, line)
            reply = server.respond(call)
            for text in messages(reply):
                await (websocket.send_bytes(text.encode()) if reply.binary else websocket.send_text(text))
            if reply.ending != "clean":
                await websocket.close(BROKEN)
                return

    return talk


async def _refuse(websocket: WebSocket, reply: Reply) -> None:
    response = Response(b"".join(frames(reply)), reply.status)
    own = [(k, v) for k, v in response.raw_headers if k == b"content-length"]
    response.raw_headers = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in reply.headers] + own
    await websocket.send_denial_response(response)
