"""A gateway on a socket that tells lies: a thread of its own, asking its upstream as it is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from conformance.reference.app import METHODS, parse
from conformance.reference.lying_gateway import GatewayLie, Passed, passes
from conformance.reference.replies import Call
from conformance.reference.server import Served, Server

HOP = ("content-length", "transfer-encoding", "connection", "content-encoding", "date")


class Gateway(Served):
    """`with Gateway(key, lies) as gateway`: its upstream is told by `gateway.upstream = URL`."""

    def __init__(self, key: str, lies: list[GatewayLie], port: int = 0) -> None:
        super().__init__(
            Server({}),
            around=lambda _: Starlette(routes=[Route("/{path:path}", self._pass, methods=METHODS)]),
            port=port,
        )
        self._key, self._lies = key, lies
        self.upstream = ""

    async def _pass(self, request: Request) -> Response:
        body = await request.body()
        headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers.raw)
        call = Call(
            request.method,
            request.scope["raw_path"].decode().partition("?")[0],
            headers,
            body,
            parse(body),
            query=request.url.query,
        )
        passed = await _in_thread(lambda: self._told(call))
        if passed.ending != "clean":
            return Response(b'{"error": {"message": "Bad gateway"}}', 502, media_type="application/json")
        response: Any = StreamingResponse(iter(passed.pieces)) if passed.streams else Response(b"".join(passed.pieces))
        response.status_code = passed.status
        own = [(k, v) for k, v in response.raw_headers if k == b"content-length"]
        response.raw_headers = [(k.encode(), v.encode()) for k, v in passed.headers if k.lower() not in HOP] + own
        return response

    def _told(self, call: Call) -> Passed:
        whole = _several(self._lies)
        return passes(call, self._ask, self._key, whole)

    def _ask(self, call: Call) -> Passed:
        """Asks the upstream, and reads its answer to the end: so it never streams, and never hangs up."""
        url = self.upstream.removesuffix("/v1") + call.path + (f"?{call.query}" if call.query else "")
        kept = [(k, v) for k, v in call.headers if k.lower() not in HOP]
        with contextlib.suppress(httpx.HTTPError), httpx.Client(timeout=60) as http:
            got = http.request(call.method, url, headers=[*kept, ("accept-encoding", "identity")], content=call.body)
            pieces = (
                tuple(piece + b"\n\n" for piece in got.content.split(b"\n\n") if piece)
                if "event-stream" in got.headers.get("content-type", "")
                else (got.content,)
            )
            return Passed(got.status_code, tuple((k, v) for k, v in got.headers.multi_items()), pieces)
        return Passed(502, (), (), "none")


async def _in_thread(work):
    import asyncio

    return await asyncio.to_thread(work)


def _several(lies: list[GatewayLie]) -> GatewayLie:
    def ask(call: Call, onward: Call) -> Call:
        for lie in lies:
            onward = lie.ask(call, onward) if lie.ask else onward
        return onward

    def answer(call: Call, passed: Passed) -> Passed:
        for lie in lies:
            passed = lie.answer(call, passed) if lie.answer else passed
        return passed

    return GatewayLie("several", "Several lies.", ask=ask, answer=answer)


@contextlib.contextmanager
def serving(key: str, lies: list[GatewayLie]) -> Iterator[Gateway]:
    with Gateway(key, lies) as gateway:
        yield gateway
