"""The process beside a load that judges its answers: it gets them as they come, and what it says goes back the same way.

A message is its length and a pickle of it, for both ends are ours. To it: ("answer", exchange, number of its shape or None), ("wait"),
("level", how many answers were like the first of each shape), ("sum"). From it: ("shape", number, whether all checks passed), ("waited"),
("level", (how often each check failed, what failed first)), ("sum", all that was counted), ("fault", what failed in it).
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Any

from conformance.exchange import Exchange
from conformance.judge.judge import RECORDED, Judge
from conformance.judge.tally import Tally
from conformance.judge.verdicts import Check
from conformance.run.ledger import Ledger
from conformance.run.options import Options
from conformance.run.processes import end_with_parent

NICER = 5
"""By how much the judge gives way to whoever sends, where both have one core."""
SIZE = struct.Struct("!I")


def message(*said: Any) -> bytes:
    """What goes from one to the other."""
    data = pickle.dumps(said, pickle.HIGHEST_PROTOCOL)
    return SIZE.pack(len(data)) + data


class Process:
    """`with Process(options, checks, watched) as process`: the judge, as long as the block lasts."""

    def __init__(self, options: Options, checks: Sequence[str], watched: Sequence[str]) -> None:
        self.ours, self._theirs = socket.socketpair()
        self._given = options, tuple(checks), tuple(watched)

    def __enter__(self) -> Process:
        # To fork is at once, and what is loaded is shared; beside threads it is not safe.
        forks = sys.platform == "linux" and threading.active_count() == 1
        context = multiprocessing.get_context("fork" if forks else "spawn")
        self._process = context.Process(target=_serve, args=(self._theirs, *self._given), daemon=True)
        self._process.start()
        self._theirs.close()
        self.ours.setblocking(False)
        return self

    def __exit__(self, *raised: object) -> None:
        self.ours.close()
        self._process.kill()
        self._process.join()


class _Noting(Judge):
    """A judge that notes which checks passed on the exchange at hand, and whether all did."""

    def __init__(self, checks: Sequence[Check]) -> None:
        super().__init__(checks, RECORDED, 1)
        self.passed: list[Tally] = []
        self.all_passed = True

    def note(self) -> None:
        """From here on it is another exchange."""
        self.passed, self.all_passed = [], True

    def _apply(self, check: Check, tally: Tally, group: Any, applies: Any) -> bool:
        times, failed = tally.times, tally.failed
        shown = super()._apply(check, tally, group, applies)
        if tally.times == times + 1 and tally.failed == failed:
            self.passed.append(tally)
        else:
            self.all_passed = False
        return shown

    def _break(self, judgings: Any) -> bool:
        self.all_passed = False
        return super()._break(judgings)

    def part(self) -> list[Exchange]:
        noted = self.passed, self.all_passed  # what belongs together is no matter of one exchange
        self.passed, shown = [], super().part()
        self.passed, self.all_passed = noted
        return shown


class _Bench:
    """What the process does with what it is sent."""

    def __init__(self, options: Options, checks: Sequence[str], watched: Sequence[str]) -> None:
        from conformance.areas.catalogue import catalogue

        every = catalogue()
        chosen = [every[id] for id in checks]
        self.ledger = Ledger(options, chosen, watched)
        self.ledger.court = self.court = _Noting(chosen)
        self.ledger.begin(1)
        self._passed: dict[int, list[Tally]] = {}

    def answer(self, x: Exchange, number: int | None) -> tuple[Any, ...] | None:
        self.court.note()
        self.ledger.keep(self.ledger.take(x))
        if number is None:
            return None
        self._passed[number] = self.court.passed
        return "shape", number, self.court.all_passed

    def wait(self, what: None, number: None) -> tuple[Any, ...]:
        return "waited", None

    def level(self, alike: dict[int, int], number: None) -> tuple[Any, ...]:
        for shape, times in alike.items():
            for tally in self._passed[shape]:
                tally.times += times
        self.ledger.keep(self.ledger.court.part())
        news = [(check.id, ids, problem) for check, ids, problem in self.ledger.news()]
        return "level", (self.court.failing(), news)

    def sum(self, what: None, number: None) -> tuple[Any, ...]:
        return "sum", self.ledger.sum()


def _serve(theirs: socket.socket, options: Options, checks: Sequence[str], watched: Sequence[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the parent ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=end_with_parent, daemon=True).start()
    with contextlib.suppress(OSError):
        os.nice(NICER)
    theirs.setblocking(True)

    with theirs.makefile("rb") as incoming, contextlib.suppress(OSError):
        try:
            bench = _Bench(options, checks, watched)
            while head := incoming.read(SIZE.size):
                kind, what, number = pickle.loads(incoming.read(SIZE.unpack(head)[0]))
                if (said := getattr(bench, kind)(what, number)) is not None:
                    theirs.sendall(message(*said))
        except Exception:
            theirs.sendall(message("fault", traceback.format_exc(limit=-3)))
