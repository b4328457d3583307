"""The replay in a process beside this one, while a run still waits for answers: its outcomes are there by the time they are asked for.

Exchanges go to its standard input, and what the client made of each comes back, one after the other, both pickled. It ends where its
input does, however this process ends. Where it cannot be begun, or dies, the replay is done here.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from conformance.clients.outcomes import Outcome
from conformance.exchange import Exchange, NotRecorded

if TYPE_CHECKING:
    from conformance.clients.replay import Client

NICER = 10
"""By how much it lets others go first: nothing that is sent, and nothing that comes in, is to wait for it."""

Answer = tuple[Outcome, ...] | str | None
"""What the client made of an exchange; what the replay itself raised, in words; None where the process is gone."""


class Broken(Exception):
    """The replay itself failed on an exchange, which is our own fault."""


class Beside:
    """`with Beside() as client: client.begin(x); ...; client.outcomes(x)`. The process begins with the first exchange."""

    def __init__(self) -> None:
        self._begun: dict[str, Future[Answer]] = {}
        self._hands = ThreadPoolExecutor(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._here: Client | None = None

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._hands.shutdown(wait=False, cancel_futures=True)
        if self._process is not None:
            self._process.kill()  # ends what the thread waits for
            self._hands.shutdown()
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
        self._begun[x.id] = self._hands.submit(self._answer, replace(x, memo={}))

    def outcomes(self, x: Exchange) -> tuple[Outcome, ...]:
        """What each way to call the client makes of the answer. Raises Broken, and what the replay raises where it is done here."""
        answer = self._begun[x.id].result() if x.id in self._begun else None
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

    def _answer(self, x: Exchange) -> Answer:
        if self._process is None:
            return None
        try:
            pickle.dump(x, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
            return pickle.load(self._process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            return None


def _serve() -> None:
    """What the process does, until its input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; who began us ends us
    if hasattr(os, "nice"):
        os.nice(NICER)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    from conformance.clients.replay import Client

    with Client() as client:
        while True:
            x = pickle.load(sys.stdin.buffer)
            try:
                answer: Answer = client.outcomes(x)
            except NotRecorded:
                answer = ()
            except Exception as fault:
                answer = f"{type(fault).__name__}: {fault}"
            pickle.dump(answer, out, pickle.HIGHEST_PROTOCOL)
            out.flush()


if __name__ == "__main__":
    with contextlib.suppress(EOFError, OSError):
        _serve()
