"""Judging recordings: every exchange of the files given is taken to the judge, and what is not judged is said in a line.

It must not read a format (record/) or judge. Recordings are on disk already, so the run file holds only the exchanges that
some check found wrong: the first of each check, as many as fit.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from conformance.exchange import Exchange
from conformance.judge.verdicts import Check
from conformance.record import recognition
from conformance.record.mapping import MappingError, mapping
from conformance.record.recognition import Recording
from conformance.record.remote import Unreachable
from conformance.record.shards import Piece, pieces, tasks
from conformance.run import cluster, verdict_rows
from conformance.run.intake import FAULTS, HINT, Taken
from conformance.run.ledger import Ledger, Sum
from conformance.run.options import Options
from conformance.run.processes import Lost, results
from conformance.run.user_error import UserError
from conformance.run.witness import AREA
from conformance.send.cannot_judge import CannotJudge
from conformance.send.limits import MIB

__all__ = ["FAULTS", "HINT", "take_in"]

WORTHWHILE = 16 * MIB
"""Bytes of recordings from which on several processes are sooner done than one: beginning them takes a second or two each."""


class Book(Protocol):
    """What takes the exchanges."""

    def open(self, target: dict[str, list[str]]) -> None: ...
    def begin_recording(self, piece: int) -> None: ...
    def take_recorded(self, x: Exchange) -> object: ...
    def end_of_recording(self) -> None: ...
    def take_sum(self, sum: Sum) -> None: ...
    def show_evidence(self) -> None: ...
    def sample(self, x: Exchange) -> bool: ...


Seen = Callable[[int], None]


def take_in(
    options: Options,
    book: Book,
    watch: Callable[[int, int], None],
    checks: Sequence[Check] = (),
    watched: Sequence[str] = (),
) -> dict[str, Any]:
    """Take in all exchanges; what the footer says of it: how many there were, remarks on what was not judged, and what was asked for
    of which no answer was kept. `watch` is told of the bytes read, and of all. Raises UserError for a file that does not exist."""
    try:
        by = mapping(options.mapping) if options.mapping else None
        found, amiss, others = recognition.find(options.recordings, by)
        every = pieces(found)
    except MappingError as wrong:
        raise UserError(f"--mapping: {wrong}") from None
    except Unreachable as error:
        raise CannotJudge(str(error)) from None
    except FileNotFoundError as missing:
        raise UserError(f"there is no file or folder {missing.args[0] or repr(missing.args[0])}") from None
    if options.rows:
        verdict_rows.prepare(options.rows)
    book.open({"recordings": [recording.name for recording in found]})
    total, done = sum(recording.size for recording in found), 0

    def seen(count: int) -> None:
        nonlocal done
        done += count
        watch(done, total)

    taken = Taken()
    jobs = at_once(options, every)
    if options.engine == "ray":  # whose processes begin in folders of their own
        every = [piece._replace(recording=_absolute(piece.recording)) for piece in every]
        options = replace(options, rows=options.rows and os.path.abspath(options.rows))
    work = Work(options, tuple(check.id for check in checks if check.area != AREA), tuple(watched))
    if options.engine == "ray":
        found = cluster.results(work, tasks(every), seen, options.ray_address, options.jobs)
        _take_sums(work, every, found, book, taken, seen)
    elif jobs > 1:
        _take_sums(work, every, results(work, tasks(every), jobs, seen), book, taken, seen)
    else:
        for piece in every:
            book.begin_recording(piece.number)
            for x in _exchanges(piece, options, taken, seen):
                book.take_recorded(x)
            book.end_of_recording()
    if options.rows:
        verdict_rows.tidy(options.rows)
    return taken.record(amiss, others)


def _absolute(recording: Recording) -> Recording:
    return replace(recording, path=recording.path.absolute())


def at_once(options: Options, every: Sequence[Piece]) -> int:
    """How many processes are worth it. One does all where each exchange is written or replayed, too: those come one by one."""
    if options.record or options.sdk == "on" or sum(piece.size for piece in every) < WORTHWHILE:
        return 1
    return min(options.jobs or cores(), len(every))


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _exchanges(piece: Piece, options: Options, taken: Taken, seen: Seen) -> Iterator[Exchange]:
    found = _entries(piece, options, taken, seen)
    return taken.edges.watched(piece, found) if piece.start or piece.end is not None else found


def _entries(piece: Piece, options: Options, taken: Taken, seen: Seen) -> Iterator[Exchange]:
    name, span = piece.recording.name, (piece.start, piece.end)
    partial = options.partial_headers
    entries = recognition.exchanges(piece.recording, partial_headers=partial, seen=seen, span=span)
    for number, x in enumerate(entries):
        taken.take(name, x, (piece.number, number))
        if isinstance(x, Exchange):
            yield x


class Work:
    """Judges pieces in a process of its own. It goes there as it is."""

    def __init__(self, options: Options, checks: Sequence[str], watched: Sequence[str]) -> None:
        self.options, self._checks, self._watched = options, checks, watched

    def __call__(self, task: Sequence[Piece], seen: Seen) -> tuple[Sum, Taken]:
        """What was counted of these pieces, and what they held."""
        from conformance.areas.catalogue import catalogue

        every = catalogue()
        ledger, taken = Ledger(self.options, [every[id] for id in self._checks], self._watched), Taken()
        for piece in task:
            if not piece.recording.path.exists():
                taken.poisoned.append(((piece.number,), _absent(piece)))
                continue
            ledger.begin(piece.number)
            for x in _exchanges(piece, self.options, taken, seen):
                ledger.keep(ledger.take(x))
            ledger.keep(ledger.end())
        return ledger.sum(), taken


def _absent(piece: Piece) -> str:
    """Of a cluster whose machines do not all have what the one has that finds the files."""
    name = f"{piece.recording.name} was not judged" + (f" from byte {piece.start:,} on" if piece.start else "")
    return f"{name}: it is not there on the machine that was to judge it ({platform.node()})"


def _take_sums(work: Work, every: Sequence[Piece], found: Iterator[Any], book: Book, taken: Taken, seen: Seen) -> None:
    """Add up what comes of the pieces that others judge."""
    for result in found:
        if isinstance(result, Lost):
            piece = result.task[0]
            said = f"{piece.recording.name} was not judged to its end: it ended the process that judged it, {result.times} ({result.how})"
            taken.poisoned.append(((piece.number,), said))
            seen(piece.size)
        else:
            book.take_sum(result[0])
            taken.add(result[1])
    _sample(work, every, book)
    book.show_evidence()


def _sample(work: Work, every: Sequence[Piece], book: Book) -> None:
    """Let the official client look at the first exchanges, as it does where one process judges."""
    for piece in every:
        for x in _exchanges(piece, work.options, Taken(), lambda count: None):
            if not book.sample(x):
                return
