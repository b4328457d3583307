"""The process of the proxy: it listens, passes on, and hands what it saw to the process that judges, so that judging delays nothing.

It ends when it is told to, or when whoever started it is gone. Nothing is written to disk here, for what passes holds the key.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import queue
import signal
import sys
import threading
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from conformance.watch import upgraded
from conformance.watch.observed import Seen
from conformance.watch.relay import Program
from conformance.watch.upstream import Upstream

WAITING = 256 * 1024 * 1024
"""Bytes of exchanges that may wait for the judge: what is more passes unjudged, and is counted."""
SWITCH = 0.0005
"""Seconds for which the thread that hands over may hold up what passes; Python's own choice is ten times that."""
START_LIMIT = 30.0
"""Seconds in which the process must listen; it takes some tenths."""


class CannotListen(Exception):
    """The proxy cannot run; the message says why in one line."""


@dataclass(frozen=True)
class End:
    """The last that the proxy says: how many exchanges it could not hand over, and how many connections it passed on unread, for
    they were, or became, something else than HTTP (WebSockets)."""

    lost: int = 0
    unread: int = 0


class Proxy:
    """`with Proxy(upstream, host, port) as proxy`: `address` is where it listens; `next` gives what passed. With several `doors` it
    listens at as many `addresses`, and what passed says by which (`Seen.door`). In the folder of `ways` each door has a Unix socket,
    too, which is called by its number."""

    def __init__(
        self, upstream: Upstream, host: str = "127.0.0.1", port: int = 0, doors: int = 1, ways: str | None = None
    ) -> None:
        self._settings = (upstream, host, port, doors, ways)
        self.ways = ways

    def __enter__(self) -> Self:
        own = multiprocessing.get_context("spawn")
        self._from, theirs = own.Pipe(duplex=False)
        ending, self._control = own.Pipe(duplex=False)
        self._process = own.Process(target=_run, args=(theirs, ending, *self._settings), daemon=True, name="proxy")
        self._process.start()
        theirs.close()
        ending.close()
        said = self._from.recv() if self._from.poll(START_LIMIT) else "it did not start"
        if isinstance(said, str):
            raise CannotListen(said)
        self.addresses = [f"http://{_host(each)}" for each in said]
        self.address = self.addresses[0]
        self.over: End | None = None
        return self

    def next(self, seconds: float) -> Seen | None:
        """The next exchange, None where none comes within so many seconds or none will come (`over`)."""
        if self.over is not None or not self._from.poll(seconds):
            return None
        try:
            said = self._from.recv()
        except EOFError:
            said = End(lost=1)  # it was killed: what was on its way is lost
        if isinstance(said, End):
            self.over = said
            return None
        return said

    def stop(self) -> None:
        """Take no more, end what is on its way, and hand it over: `next` gives it until `over`."""
        with contextlib.suppress(OSError):
            self._control.send("stop")

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            self._control.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()


def _host(address: tuple[Any, ...]) -> str:
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"


# ---------------------------------------------------------------------- the other process


def _run(
    to: Connection, control: Connection, upstream: Upstream, host: str, port: int, doors: int, ways: str | None
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all of a terminal's processes: the other one ends us
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.setswitchinterval(SWITCH)
    asyncio.run(_serve(to, control, upstream, host, port, doors, ways))


async def _serve(
    to: Connection, control: Connection, upstream: Upstream, host: str, port: int, doors: int, ways: str | None
) -> None:
    loop = asyncio.get_running_loop()
    over, outbox, programs = asyncio.Event(), _Outbox(to), set()
    servers, beside = [], []
    try:
        upstream.prepare()
        upgraded.prepare()
        for door in range(doors):
            entry = partial(Program, upstream, _Door(outbox, door), programs)
            servers.append(await loop.create_server(entry, host, port, backlog=512))
            if ways is not None:
                beside.append(await loop.create_unix_server(entry, os.path.join(ways, str(door))))
    except OSError as error:
        to.send(f"cannot listen at {host} port {port}: {error.strerror or error}")
        return
    to.send([server.sockets[0].getsockname()[:2] for server in servers])
    threading.Thread(target=_until_told, args=(control, loop, over), daemon=True).start()
    outbox.start()
    await over.wait()
    for server in (*servers, *beside):
        server.close()
    for program in [*programs]:
        program.settle("cut", "the watching ended before the answer was whole")
        program.transport.abort()
    outbox.end()


def _until_told(control: Connection, loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    """Wait until the other process says so; where it is gone, end at once, for nobody is there to hand anything to."""
    try:
        control.recv()
    except (EOFError, OSError):
        os._exit(0)
    loop.call_soon_threadsafe(over.set)


class _Outbox:
    """What waits to be handed over, by a thread, so that nothing that passes waits for it."""

    def __init__(self, to: Connection) -> None:
        self._to = to
        self._queue: queue.SimpleQueue[Seen | None] = queue.SimpleQueue()
        self._put = self._sent = self._lost = self._unread = 0
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, seen: Seen) -> None:
        size = _size(seen)
        if self._put - self._sent + size > WAITING:
            self._lost += 1
            return
        self._put += size
        self._queue.put(seen)

    def unread(self) -> None:
        self._unread += 1

    def end(self) -> None:
        """Hand over what waits, say that this is all, and return."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        with contextlib.suppress(OSError):
            while (seen := self._queue.get()) is not None:
                self._to.send(seen)
                self._sent += _size(seen)
            self._to.send(End(self._lost, self._unread))


class _Door:
    """The outbox as the connections of one door see it."""

    def __init__(self, outbox: _Outbox, number: int) -> None:
        self._number = number
        self._put, self.unread = outbox.put, outbox.unread

    def put(self, seen: Seen) -> None:
        seen.door = self._number
        self._put(seen)


def _size(seen: Seen) -> int:
    return len(seen.request_body) + sum(len(portion) for _, portion in seen.portions)
