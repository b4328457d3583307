"""Runs a reference server on a real socket, in a thread, for the length of a `with` block."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from conformance.reference.app import BODY_BYTES, PATIENCE, application
from conformance.reference.respond import Server

CONNECTIONS = 500
"""At once; a run has as many as its --concurrency."""
START_LIMIT = 10.0
"""Seconds in which the server must be up; it takes some ten milliseconds."""


class CannotServe(Exception):
    """The server cannot run; the message says why in one line."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CannotServe where the port is taken."""
    try:
        listening = socket.create_server((host, port), backlog=128)
    except OSError as error:
        raise CannotServe(f"port {port} on {host} cannot be opened: {error.strerror or error}") from None
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each message of a WebSocket is a write of its own
    return listening


class _Quick(h11.Connection):
    """h11, but for the portions of a body in chunks, which it would look at again, one by one."""

    _chunked: bool | None = None

    def send(self, event: Any) -> bytes | None:
        if type(event) is not h11.Data or self.our_state is not h11.SEND_BODY:
            self._chunked = None
            return super().send(event)
        if self._chunked:
            return b"%x\r\n%b\r\n" % (len(event.data), event.data) if event.data else b""
        written = super().send(event)
        if event.data:
            self._chunked = written != event.data
        return written


class _Patient(H11Protocol):
    """A connection that ends where no request comes of it: uvicorn looks at the time between whole requests alone."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn = _Quick(h11.SERVER)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._later = self.loop.call_later(PATIENCE, self._look, None, True)

    def _look(self, request: Any, idle: bool) -> None:
        """End it where it was idle at the last look and is so now, with no request in between."""
        is_idle = self.conn.their_state is h11.IDLE
        if idle and is_idle and self.cycle is request:
            self.transport.abort()
        elif not self.transport.is_closing():
            self._later = self.loop.call_later(PATIENCE, self._look, self.cycle, is_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        self._later.cancel()
        super().connection_lost(exc)


def _socket(**settings: Any) -> Any:
    """The protocol of a connection that becomes a WebSocket; its library is imported for the first of them."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    return WebSocketsSansIOProtocol(**settings)


def _runner(server: Server, delay: float, around: Callable[[Any], Any]) -> uvicorn.Server:
    def close(client: Any) -> None:
        for connection in runner.server_state.connections:
            if connection.client == client:
                connection.transport.abort()

    logging.getLogger("uvicorn.error").addFilter(lambda record: "ASGI" not in record.getMessage())
    config = uvicorn.Config(
        around(application(server, delay=delay, close=close)),
        http=_Patient,
        limit_concurrency=CONNECTIONS,
        ws=_socket,
        ws_max_size=BODY_BYTES,
        lifespan="off",
        log_level="critical",
        server_header=False,
        proxy_headers=False,  # else who asks is not known by its connection behind a gateway that says X-Forwarded-For
        timeout_graceful_shutdown=1,
        timeout_keep_alive=30,
    )
    runner = uvicorn.Server(config)
    return runner


class Served:
    """`with Served(server) as running`: serves until the block ends; `base_url`, `key` and `model` say how to ask it.

    Port 0 is any free one; `delay` are the seconds that every answer takes; `around` puts something around the application.
    """

    def __init__(
        self,
        server: Server,
        *,
        delay: float = 0.0,
        host: str = "127.0.0.1",
        port: int = 0,
        around: Callable[[Any], Any] = lambda application: application,
    ) -> None:
        self.server = server
        self._delay, self._around = delay, around
        self._host, self._port = host, port

    @property
    def key(self) -> str:
        return self.server.key

    @property
    def model(self) -> str:
        return self.server.model

    def __enter__(self) -> Self:
        listening = listen(self._host, self._port)
        self.base_url = f"http://{self._host}:{listening.getsockname()[1]}/v1"
        self._runner = _runner(self.server, self._delay, self._around)
        self._thread = threading.Thread(
            target=self._runner.run, args=([listening],), name="reference server", daemon=True
        )
        self._thread.start()
        started = threading.Event()
        for _ in range(int(START_LIMIT / 0.005)):
            if self._runner.started:
                return self
            started.wait(0.005)
        raise CannotServe(f"the reference server was not up within {START_LIMIT:g} s")

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._runner.should_exit = True
        self._thread.join(5)

    def wait(self) -> None:
        """Return when the server ends, which it does not by itself."""
        self._thread.join()
