"""The upstream's end: the reference on a socket, which keeps what a gateway asks of it and what it answers, and stages what a request
wants. It must not judge.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.responses import Response

from conformance.areas.catalogue import routes
from conformance.exchange import Exchange
from conformance.gateway.keys_seen import seen_keys
from conformance.gateway.pair import IN_VAIN, UNFRAMED, WAITED_FOR
from conformance.gateway.pairing import Desk, UnderWay
from conformance.reference.app import BODY_BYTES
from conformance.reference.lies import Lie
from conformance.reference.respond import Server
from conformance.reference.server import Served
from conformance.reference.staging import STAGE_HEADER
from conformance.reference.upstream_stages import told_with
from conformance.send.answer import Answer, Ended, Room, texts
from conformance.send.limits import GIB, Limits
from conformance.wire.coding import Decoder, Undecodable
from conformance.wire.redact import Redactor

PATIENCE = 5.0
"""Seconds that the upstream waits in a stream: for the client to have its first event, or to be gone."""
STEP = 0.005
"""Seconds between two looks at whether that is so."""
TIMED = "timed"
"""The intent of a request for which the upstream takes PACE seconds for each event."""
PACE = 0.02
BETWEEN = 0.003
"""Seconds between two portions of a stream that is cut anew."""
GONE = "upstream-gone"
HEALTH = "/health"
"""Where vLLM, SGLang and llama.cpp say that they are well, to anyone; there are gateways that ask nothing before they hear it."""
Keep = Callable[[Exchange], None]


class Upstream:
    """`with Upstream(desk, keep, host, port) as upstream`: serves at `upstream.base_url` until the block ends.

    `own` is the key that it must get, None where any will do; `client` is the key of the gateway's clients. Raises CannotServe.
    """

    def __init__(self, desk: Desk, keep: Keep, host: str, port: int, *, own: str | None, client: str | None) -> None:
        self._desk, self._keep, self._own, self._client = desk, keep, own, client
        self._server = Server(routes(), key=own or f"sk-upstream-{secrets.token_hex(8)}", lie=told_with(None))
        self._served = Served(self._server, host=host, port=port, around=lambda app: _End(app, self))
        self._redactor = Redactor([key for key in (own, client) if key])

    def __enter__(self) -> Upstream:
        self._served.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._served.__exit__(*raised)

    @property
    def base_url(self) -> str:
        return self._served.base_url

    @property
    def own(self) -> str | None:
        """The key that it must get, None where any will do."""
        return self._own

    @property
    def key(self) -> str:
        return self._server.key

    @property
    def model(self) -> str:
        return self._server.model

    def tell(self, lie: Lie | None) -> None:
        """Tell this lie from now on, or none."""
        self._server.lie = told_with(lie)

    def begins(self, taking: _Taking) -> None:
        """All of a request is there: whose is it, and what does that one want?"""
        taking.answer.sent, taking.answer.started = time.perf_counter(), time.time()
        found = self._desk.arrives(taking.method, taking.path, bytes(taking.body))
        if found is not None:
            taking.whose, taking.id = found
        elif self._own is None:
            taking.whose = None

    def headers(self, given: list[tuple[bytes, bytes]], whose: UnderWay | None) -> list[tuple[bytes, bytes]]:
        """What the server sees: any key is its own where none was named, and the stage is told beside the request."""
        kept = [(name, value) for name, value in given if name.lower() != STAGE_HEADER.encode()]
        if self._own is None:
            kept = [(name, value) for name, value in kept if name.lower() != b"authorization"]
            kept.append((b"authorization", f"Bearer {self._server.key}".encode()))
        if whose is not None and whose.probe.stage:
            kept.append((STAGE_HEADER.encode(), whose.probe.stage.encode()))
        return kept

    def ends(self, taking: _Taking) -> None:
        if taking.whose is not None:
            x = taking.exchange(self.base_url.removesuffix("/v1"), self._client, self._own)
            self._keep(x.redacted(self._redactor))
            self._desk.over(taking.whose)


class _Taking:
    """One request as it comes, and its answer as it goes."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self.method = scope["method"]
        self.path = scope["raw_path"].decode("latin-1").partition("?")[0]
        self.query = scope["query_string"].decode("latin-1")
        self.request_headers = texts(scope["headers"])
        self.body = bytearray()
        self.whose: UnderWay | None = None
        self.id = ""
        self.answer = Answer(Limits(), Room(GIB))
        self.answer.sent, self.answer.started = time.perf_counter(), time.time()
        self.ended, self.failure = "cut", "the upstream broke off"
        self.decoder = Decoder("")
        self.noted = {UNFRAMED} if scope["http_version"] == "1.0" else set[str]()
        """What else is to be known of it, as intents."""

    def start(self, message: dict[str, Any]) -> None:
        self.answer.status, self.answer.headers = message["status"], texts(message["headers"])
        coding = ", ".join(value for name, value in self.answer.headers if name.lower() == "content-encoding")
        self.decoder = Decoder(coding)

    def take(self, portion: bytes) -> None:
        with suppress(Ended, Undecodable):
            self.answer.take(self.decoder, portion, time.perf_counter())

    def exchange(self, origin: str, client: str | None, own: str | None) -> Exchange:
        assert self.whose is not None
        if (
            self.whose.probe.stage == GONE and (self.answer.status or 0) < 400
        ):  # it was closed before anything was written
            self.answer.status, self.answer.headers = None, ()
            self.ended, self.failure = "cut", "the upstream closed the connection without an answer"
        keys = seen_keys(client, own, self.query, self.request_headers, bytes(self.body))
        query = f"?{self.query}" if self.query else ""
        return self.answer.exchange(
            id=self.id,
            method=self.method,
            url=f"{origin}{self.path}{query}",
            request_headers=self.request_headers,
            request_body=bytes(self.body),
            ended=self.ended,
            failure=None if self.ended == "complete" else self.failure,
            intent=self.whose.probe.intent | keys | self.noted,
        )


class _End:
    """Around the application of the reference."""

    def __init__(self, application: Any, upstream: Upstream) -> None:
        self._application, self._upstream = application, upstream

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        if (scope["method"], scope["path"]) == ("GET", HEALTH):
            await Response()(scope, receive, send)
            return
        taking = _Taking(scope)
        left = asyncio.Event()
        messages = await _whole(receive, taking, left)
        self._upstream.begins(taking)
        own = {**scope, "headers": self._upstream.headers(scope["headers"], taking.whose)}

        async def replay() -> dict[str, Any]:
            if messages:
                return messages.pop(0)
            message = await receive()
            if message["type"] == "http.disconnect":
                left.set()
            return message

        async def pass_on(message: dict[str, Any]) -> None:
            await self._answered(message, taking, left, receive, send)

        try:
            await self._application(own, replay, pass_on)
        finally:
            if left.is_set() and taking.ended != "complete":
                taking.ended, taking.failure = "left", "the gateway went away before the answer was whole"
            self._upstream.ends(taking)

    async def _answered(
        self, message: dict[str, Any], taking: _Taking, left: asyncio.Event, receive: Any, send: Any
    ) -> None:
        intent = taking.whose.probe.intent if taking.whose else frozenset()
        if message["type"] == "http.response.start":
            if taking.whose and taking.whose.probe.manner.leaves == "waiting":
                await _gone(receive, left)
            taking.start(message)
        elif not left.is_set():
            taking.take(message.get("body", b""))
        await send(message)
        first = (
            message["type"] == "http.response.body" and message.get("more_body") and len(taking.answer.arrivals) == 1
        )
        if first and "paced" in intent:
            await _until(taking.whose.seen.is_set)
        elif TIMED in intent and message.get("more_body"):
            await asyncio.sleep(PACE)
        elif "portioned" in intent and message.get("more_body"):
            await asyncio.sleep(BETWEEN)
        elif first and "leaves" in intent:
            await _gone(receive, left)
        if first and taking.whose and not taking.whose.seen.is_set() and WAITED_FOR & intent:
            taking.noted.add(IN_VAIN)
        if message["type"] == "http.response.body" and not message.get("more_body") and not left.is_set():
            taking.ended = "complete"


async def _whole(receive: Any, taking: _Taking, left: asyncio.Event) -> list[dict[str, Any]]:
    """All of the request's body, before anything is answered."""
    messages = []
    while True:
        message = await receive()
        messages.append(message)
        if message["type"] == "http.disconnect":
            left.set()
            return messages
        taking.body += message.get("body", b"")
        if not message.get("more_body") or len(taking.body) > BODY_BYTES:  # more is refused by the server
            return messages


async def _until(true: Callable[[], bool]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not true():
                await asyncio.sleep(STEP)


async def _gone(receive: Any, left: asyncio.Event) -> None:
    """Wait for who asks to go."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not left.is_set():
                if (await receive())["type"] == "http.disconnect":
                    left.set()
