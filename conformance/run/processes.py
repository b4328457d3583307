"""Work in processes of this machine: each gets one task after another, and they end with this one, however that ends.

A task whose process dies is tried again, item by item; what ends a process twice is given up and named, and the rest is done. It must not
know what the work is.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

Work = Callable[[Sequence[Any], Callable[[int], None]], Any]
"""Gives what comes of the items of a task, and tells how far it is. It and what it gives can be pickled."""
TELLS = 1024 * 1024
"""How much is done until a process tells of it."""


class Lost(NamedTuple):
    """A task of one item that ended its process each time, how, and how often."""

    task: Sequence[Any]
    how: str
    times: str = "twice"


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    task: tuple[Any, ...] = ()
    told: int = 0
    """How far it is, of this task."""


def results(work: Work, tasks: Sequence[Sequence[Any]], jobs: int, seen: Callable[[int], None]) -> Iterator[Any]:
    """What comes of each task, as it comes, or Lost. Raises RuntimeError where the work itself fails in a process."""
    waiting, deaths = deque(map(tuple, tasks)), Counter[Any]()
    # To fork is at once, and what is loaded is shared; beside threads it is not safe.
    forks = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if forks else "spawn")
    workers: list[_Worker] = []
    try:
        while waiting or any(worker.task for worker in workers):
            while len(workers) < jobs and len(workers) < len(waiting) + sum(bool(each.task) for each in workers):
                workers.append(_begun(context, work))
            for worker in workers:
                if waiting and not worker.task:
                    worker.task, worker.told = waiting.popleft(), 0
                    with contextlib.suppress(OSError):  # it is dead, which is seen below
                        worker.connection.send(worker.task)
            for ready in wait([worker.connection for worker in workers if worker.task]):
                worker = next(each for each in workers if each.connection is ready)
                try:
                    kind, value = worker.connection.recv()
                except (EOFError, OSError):
                    workers.remove(worker)
                    seen(-worker.told)
                    yield from _again(worker, waiting, deaths)
                    continue
                if kind == "seen":
                    worker.told += value
                    seen(value)
                elif kind == "failed":
                    raise RuntimeError(value)
                else:
                    worker.task = ()
                    yield value
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.join()
            worker.connection.close()


def _again(worker: _Worker, waiting: deque[tuple[Any, ...]], deaths: Counter[Any]) -> Iterator[Lost]:
    """Put the items of a task whose process died back, one by one; give up what has done so twice."""
    worker.process.join()
    worker.connection.close()
    code = worker.process.exitcode or 0
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    for item in worker.task:
        deaths[item] += len(worker.task) == 1
        if deaths[item] > 1:
            yield Lost((item,), how)
        else:
            waiting.appendleft((item,))


def _begun(context: Any, work: Work) -> _Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _serve(connection: Connection, work: Work) -> None:
    """What a process does: the tasks that come, until it is killed or its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the parent ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=end_with_parent, daemon=True).start()
    told = 0

    def seen(count: int) -> None:
        nonlocal told
        told += count
        if told >= TELLS:
            connection.send(("seen", told))
            told = 0

    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            os._exit(0)
        try:
            result = work(task, seen)
            connection.send(("seen", told))
            told = 0
            connection.send(("done", result))
        except Exception:
            connection.send(("failed", traceback.format_exc(limit=-3)))


def end_with_parent() -> None:
    """For a thread of a process: it ends with the one that began it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
