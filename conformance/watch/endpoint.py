"""The connection to the endpoint: what comes over it is handed to the connection of the program's, whose pace it keeps."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

BUFFER = 64 * 1024
"""Bytes that wait for a slow reader before the other side is no longer read."""


class Near(Protocol):
    """The connection of the program's."""

    transport: asyncio.Transport

    def receive(self, data: bytes, now: float) -> None: ...
    def closed(self, error: Exception | None, now: float) -> None: ...


class Endpoint(asyncio.Protocol):
    """The connection to the endpoint."""

    def __init__(self, near: Near) -> None:
        self._near = near

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.set_write_buffer_limits(BUFFER)

    def data_received(self, data: bytes) -> None:
        self._near.receive(data, time.perf_counter())

    def connection_lost(self, error: Exception | None) -> None:
        self._near.closed(error, time.perf_counter())

    def pause_writing(self) -> None:
        self._near.transport.pause_reading()

    def resume_writing(self) -> None:
        self._near.transport.resume_reading()

    def end(self) -> None:
        """Send no more. TLS knows no half-closed connection: there it is the end."""
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    def leave(self) -> None:
        self.transport.abort()
