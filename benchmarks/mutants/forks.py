"""A pytest plugin that tries mutants in forks of one process which has collected all tests: a second or two each.

MUTANTS_WORK=FILE holds {"tree": …, "jobs": …, "trials": [[number, file, mutated source or null, [ids]], …]}; each adds a line to
MUTANTS_DONE=FILE: [number, what came of it, the last test]. A fork gives the changed function its new code in place, so that whoever
holds the function has it. What it did when it was imported is not done again, so what is called then wants a process of its own (trial.py).
A test that is red with a mutant is tried in a fork without one, and counts where it is green there.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from benchmarks.mutants import exchange

WORK, DONE = os.environ.get("MUTANTS_WORK"), os.environ.get("MUTANTS_DONE")
KILLED, SURVIVED, NOT_HERE, HUNG, OURS = "killed", "survived", "not here", "hung", "ours"
BUDGET = float(os.environ.get("MUTANTS_BUDGET", "25"))
"""Seconds of processor that tests may use on one mutant; then it has survived."""
ONE_TEST, WALL = 90, 300
"""Seconds of processor, and on the clock, that one test may take, ten times what the longest of them takes: then it hangs."""
IDLE = 40
"""Seconds on the clock in which a test and all that it began use no processor: then it waits for what will not come, and hangs, too."""
EXITS = {0: SURVIVED, 1: KILLED, 2: NOT_HERE, 3: OURS, -signal.SIGXCPU: HUNG, -signal.SIGKILL: HUNG}


@dataclass
class _Running:
    trial: list
    reading: int
    until: float
    said: str = ""
    worked: int = -1
    idle: float = 0.0
    looked: float = 0.0

    def hear(self) -> None:
        """The test that it now begins: each has its own time."""
        with suppress(BlockingIOError):
            while text := os.read(self.reading, 4096).decode():
                self.said, self.until = text.splitlines()[-1], time.monotonic() + WALL

    def look(self, work: Callable[[], int]) -> None:
        """What it has worked till now, looked at each second: where that is no more for long, no more will come of it."""
        if (now := time.monotonic()) < self.looked + 1:
            return
        self.looked = now
        if (worked := work()) != self.worked:
            self.worked, self.idle = worked, now + IDLE
        elif now >= self.idle:
            self.until = now


def _child(session: pytest.Session, tree: Path, trial: list, saying: int) -> int:
    _, file, source, ids = trial
    os.setsid()
    quiet = os.open(os.devnull, os.O_RDWR)
    for each in (0, 1, 2):
        os.dup2(quiet, each)
    if source is not None and not exchange.code_of(tree, file, source):
        return 2
    if file:
        exchange.forget(file)
    places = {id: n for n, id in enumerate(ids)}
    items = sorted((item for item in session.items if item.nodeid in places), key=lambda item: places[item.nodeid])
    began = time.process_time()
    for n, item in enumerate(items):
        os.write(saying, f"{item.nodeid}\n".encode())
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + ONE_TEST), resource.RLIM_INFINITY))
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=items[n + 1] if n + 1 < len(items) else None)
        if session.testsfailed:
            return 1
        if time.process_time() - began > BUDGET:
            break
    return 0


def _begin(session: pytest.Session, tree: Path, trial: list) -> tuple[int, _Running]:
    reading, saying = os.pipe()
    os.set_blocking(reading, False)
    if (pid := os.fork()) == 0:
        code = 3
        try:
            os.close(reading)
            code = _child(session, tree, trial, saying)
        finally:
            os._exit(code)
    os.close(saying)
    return pid, _Running(trial, reading, time.monotonic() + WALL)


def _worked(session: int) -> int:
    """The ticks of processor that all processes of a session have used; what Linux alone tells."""
    found = 0
    for pid in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        with suppress(OSError):
            each = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            found += (int(each[3]) == session) * (int(each[11]) + int(each[12]))
    return found


def _ended(pid: int, one: _Running) -> str | None:
    """What came of a trial; None while it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    one.hear()
    one.look(partial(_worked, pid))
    if not ended and time.monotonic() < one.until:
        return None
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    if not ended:
        os.waitpid(pid, 0)
    os.close(one.reading)
    return EXITS.get(os.waitstatus_to_exitcode(status), KILLED) if ended else HUNG


@dataclass
class _Work:
    """The trials that wait, and what tests were found to be without a mutant."""

    waiting: list[list]
    green: dict[str, bool] = field(default_factory=dict)
    asked: dict[str, list[list]] = field(default_factory=dict)

    def heard(self, trial: list, result: str, test: str) -> list | None:
        """What is final of an ended trial, if that is: [number, what came of it, the last test]."""
        number, file, source, ids = trial
        amiss = result in (KILLED, HUNG)
        if number is None:
            self.green[test or ids[0]] = not amiss
            self.waiting[:0] = [self._without(each, ids[0]) if amiss else each for each in self.asked.pop(ids[0])]
            return None
        if not amiss or source is None or not test or self.green.get(test):
            return [number, result, test]
        if test in self.green:
            self.waiting.insert(0, self._without(trial, test))
        else:
            if test not in self.asked:
                self.waiting.insert(0, [None, file, None, [test]])
            self.asked.setdefault(test, []).append(trial)
        return None

    @staticmethod
    def _without(trial: list, test: str) -> list:
        return [*trial[:3], [id for id in trial[3] if id != test]]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if not WORK:
        return None
    given = json.loads(Path(WORK).read_text("utf-8"))
    tree, work, running = Path(given["tree"]), _Work(list(given["trials"])), {}
    if any(source is not None for _, _, source, _ in work.waiting):
        exchange.prepare()
    while work.waiting or running:
        while work.waiting and len(running) < given["jobs"]:
            pid, one = _begin(session, tree, work.waiting.pop(0))
            running[pid] = one
        time.sleep(0.05)
        for pid, one in list(running.items()):
            if (result := _ended(pid, one)) is not None:
                del running[pid]
                if final := work.heard(one.trial, result, one.said):
                    with open(DONE, "a", encoding="utf-8") as done:
                        print(json.dumps(final), file=done)
    return True
