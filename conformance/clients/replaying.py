"""The replay in a process beside this one, while a run still waits for answers: most of it is done by the time it is asked for.

Exchanges go to its standard input as they come, and a None when there are no more; then it says what the client made of each, in the same
order, all of it pickled. Nobody waits for the other before: each has enough to do. It ends where its input does, however this process
ends. Where it cannot be begun, or dies, the replay is done here.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING

from conformance.clients.outcomes import Outcome
from conformance.exchange import Exchange, NotRecorded

if TYPE_CHECKING:
    from conformance.clients.replay import Client

NICER = 10
"""By how much it lets others go first: nothing that is sent, and nothing that comes in, is to wait for it."""

Answer = tuple[Outcome, ...] | str
"""What the client made of an exchange, or what the replay itself raised, in words."""


class Broken(Exception):
    """The replay itself failed on an exchange, which is our own fault."""


class Replaying:
    """`with Replaying() as client: client.begin(x); ...; client.outcomes(x)`. The process begins with the first exchange."""

    def __init__(self) -> None:
        self._begun: list[str] = []
        self._answers: dict[str, Answer] | None = None
        self._writing = ThreadPoolExecutor(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._here: Client | None = None

    def __enter__(self) -> Replaying:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.kill()  # before the thread is waited for: it may be writing
        self._writing.shutdown(cancel_futures=True)
        if self._process is not None:
            with contextlib.suppress(OSError):
                self._process.communicate()
        if self._here is not None:
            self._here.__exit__(kind, error, trace)

    def begin(self, x: Exchange) -> None:
        """Have this exchange replayed, after those that were begun before."""
        if not self._begun:
            with contextlib.suppress(OSError):
                self._process = subprocess.Popen(
                    [sys.executable, "-m", __spec__.name],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
        self._begun.append(x.id)
        self._writing.submit(self._write, replace(x, memo={}))

    def outcomes(self, x: Exchange) -> tuple[Outcome, ...]:
        """What each way to call the client makes of the answer; after the first of these nothing can be begun. Raises Broken, and what
        the replay raises where it is done here."""
        if self._answers is None:
            self._answers = dict(zip(self._begun, self._read(), strict=False))
        answer = self._answers.get(x.id)
        if isinstance(answer, str):
            raise Broken(answer)
        return self._client.outcomes(x) if answer is None else answer

    @property
    def _client(self) -> Client:
        """One in this process."""
        if self._here is None:
            from conformance.clients.replay import Client

            self._here = Client().__enter__()
        return self._here

    def _write(self, x: Exchange | None) -> None:
        if self._process is not None:
            with contextlib.suppress(OSError):
                pickle.dump(x, self._process.stdin, pickle.HIGHEST_PROTOCOL)
                self._process.stdin.flush()

    def _read(self) -> Iterator[Answer]:
        """The answers to all that was begun, as far as they come."""
        if self._process is not None:
            self._writing.submit(self._write, None)
            with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):
                while True:
                    yield pickle.load(self._process.stdout)


def _serve() -> None:
    """What the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; who began us ends us
    if hasattr(os, "nice"):
        os.nice(NICER)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    given: SimpleQueue[Exchange | None] = SimpleQueue()
    threading.Thread(target=_take, args=(given,), daemon=True).start()
    from conformance.clients.replay import Client

    with Client() as client:
        answers = [_answer(client, x) for x in iter(given.get, None)]
    with contextlib.suppress(OSError):
        for answer in answers:
            pickle.dump(answer, out, pickle.HIGHEST_PROTOCOL)
        out.close()
    os._exit(0)  # the thread still reads


def _take(given: SimpleQueue[Exchange | None]) -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            given.put(pickle.load(sys.stdin.buffer))
    os._exit(0)  # nobody is left who could be answered


def _answer(client: Client, x: Exchange) -> Answer:
    try:
        return client.outcomes(x)
    except NotRecorded:
        return ()
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"


if __name__ == "__main__":
    _serve()
