"""Runs the reference server on a real socket: in a thread for a run (`Reference`), or for anyone until told to stop (`serve`)."""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import threading
from types import TracebackType

import uvicorn

from conformance.reference.app import application
from conformance.reference.defects import Defect
from conformance.reference.respond import Server

START_LIMIT = 10.0
"""Seconds in which the server must be up; it takes some ten milliseconds."""


class CannotServe(Exception):
    """The server cannot run; the message says why in one line."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CannotServe where the port is taken."""
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        raise CannotServe(f"port {port} on {host} cannot be opened: {error.strerror or error}") from None


def _runner(server: Server, delay: float) -> uvicorn.Server:
    logging.getLogger("uvicorn.error").addFilter(lambda record: "ASGI" not in record.getMessage())
    config = uvicorn.Config(
        application(server, delay=delay),
        http="h11",
        ws="none",
        lifespan="off",
        log_level="critical",
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=30,
    )
    return uvicorn.Server(config)


class Reference:
    """`with Reference() as server`: serves on a free loopback port; `base_url`, `key` and `model` say how to ask it."""

    def __init__(self, *, defect: Defect | None = None, delay: float = 0.0, limit: int | None = None) -> None:
        self.server = Server(key=f"sk-reference-{secrets.token_hex(16)}", defect=defect, limit=limit)
        self._delay = delay

    @property
    def key(self) -> str:
        return self.server.key

    @property
    def model(self) -> str:
        return self.server.model

    def __enter__(self) -> Reference:
        listening = listen("127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        self._runner = _runner(self.server, self._delay)
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


def serve(
    *, host: str = "127.0.0.1", port: int = 0, key: str = "sk-reference", limit: int | None = None, announce=print
) -> None:
    """Serve until Ctrl-C or SIGTERM, at most `limit` POST requests a second. `announce` gets the base URL once the port is
    open. Raises CannotServe."""
    listening = listen(host, port)
    announce(f"http://{host}:{listening.getsockname()[1]}/v1")
    with contextlib.suppress(KeyboardInterrupt):
        _runner(Server(key=key, limit=limit), 0.0).run([listening])
