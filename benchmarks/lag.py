"""How long the event loop of a run does nothing else than work on one answer, while hostile and long ones come. `nox -s bench` runs it.

Counted is processor time, not that of a clock: of a turn of the loop's own thread, and of the whole process while a thread that wakes
every millisecond waits for its turn, for one that holds the interpreter keeps the loop as much. The servers are processes of their own.
`python -m benchmarks.lag [WORD]` prints each behaviour, and where its longest turn was.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import Pipe, get_context

from benchmarks.hostile import _serving, corpus
from conformance.cli import process
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.user_error import UserError
from conformance.send.preflight import CannotJudge
from tests.support.hostile import Behaviour

MOST, ROUNDS = 0.05, 3
"""Seconds, in the best of so many runs: on a busy machine a thread that works may take the turn of the loop that waits."""
LONG = (
    "a long text, as JSON", "brackets, as JSON", "lists, as JSON", "tokens, as JSON", "models, as JSON", "models of one name, as an error",
    "words, as JSON", "chunks, as events", "comments, as events", "events of no JSON, as events", "one long line, as events",
    "chunks of one call, as events", "escapes, as JSON", "names twice, as JSON", "arguments, as JSON", "zeros, as JSON",
    "small headers", "chunks, packed", "lists, packed", "a long message, as an error", "a page, as an error", "no UTF-8, as JSON",
)  # fmt: skip
"""What weighs most of its kind: nox -s hostile has them all."""


@dataclass
class Lag:
    """The longest turn of a loop in seconds, what had it, and the longest that another thread waited for the interpreter."""

    turn: float = 0.0
    where: str = ""
    held: float = 0.0

    @property
    def longest(self) -> float:
        return max(self.turn, self.held)


@contextlib.contextmanager
def watched() -> Iterator[Lag]:
    """Whatever loop runs meanwhile is looked at."""
    lag, run, main = Lag(), asyncio.Handle._run, asyncio.run

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        if (took := time.thread_time() - began) > lag.turn:
            lag.turn, lag.where = took, repr(handle)

    def waiting() -> None:
        before = time.process_time()
        while not over.wait(0.001):
            now = time.process_time()
            lag.held, before = max(lag.held, (now - before) * turning.is_set()), now

    def loop(*given: object, **more: object) -> object:
        turning.set()
        try:
            return main(*given, **more)
        finally:
            turning.clear()

    over, turning = threading.Event(), threading.Event()
    other = threading.Thread(target=waiting)
    other.start()
    asyncio.Handle._run, asyncio.run = timed, loop
    try:
        yield lag
    finally:
        asyncio.Handle._run, asyncio.run = run, main
        over.set()
        other.join()


def measured(behaviour: Behaviour, model: str | None = "m") -> Lag:
    """How long the loop of a quick run against it is kept."""
    ours, theirs = Pipe()
    server = get_context("fork").Process(target=_serving, args=(behaviour, theirs), daemon=True)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder, watched() as lag:
            options = Options(base_url=ours.recv(), model=model, report=folder, depth="quick", timeout=10, sdk="off")
            with contextlib.suppress(CannotJudge, UserError):
                conduct(options)
    finally:
        server.kill()
        server.join()
    return lag


def best(behaviour: Behaviour, model: str | None) -> Lag:
    """The least of some runs, the first that is good."""
    lags: list[Lag] = []
    while len(lags) < ROUNDS and (not lags or lags[-1].longest > MOST):
        lags.append(measured(behaviour, model))
    return min(lags, key=lambda lag: lag.longest)


def main(word: str = "") -> int:
    missed = 0
    process.collects_rarely()
    for name, behaviour in corpus().items():
        if word in name if word else name in LONG:
            for model in ("m", None) if "models" in name else ("m",):
                lag = best(behaviour, model)
                good = lag.longest <= MOST
                missed += not good
                said = (
                    f"{lag.turn * 1000:.0f} ms a turn, {lag.held * 1000:.0f} ms held (to reach: {MOST * 1000:.0f} ms)"
                )
                print(
                    f"{'ok    ' if good else 'MISSED'} {name}: {said}" + (f" {lag.where[:300]}" if not good else ""),
                    flush=True,
                )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
