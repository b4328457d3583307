"""Judging recordings: every exchange of the files given is taken to the judge, and what is not judged is said in a line.

It must not read a format (record/) or judge. Recordings are on disk already, so the run file holds only the exchanges that
some check found wrong: the first of each check, as many as fit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from conformance.exchange import Exchange
from conformance.record import recognition
from conformance.record.entries import Kind, Skipped
from conformance.run.options import Options
from conformance.run.user_error import UserError
from conformance.wire.redact import without_keys

FAULTS = 5
"""Broken entries of one file that are named, each in a line."""


class Book(Protocol):
    """What takes the exchanges."""

    def open(self, target: dict[str, list[str]]) -> None: ...
    def take_recorded(self, x: Exchange) -> object: ...
    def end_of_recording(self) -> None: ...


HINT = (
    "browsers leave the bodies of streams out of a HAR: record with mitmproxy (mitmdump --set hardump=FILE), or with "
    "`openai-conformance --base-url URL --record FILE`"
)


def take_in(options: Options, book: Book, watch: Callable[[int, int], None]) -> dict[str, Any]:
    """Take in all exchanges; what the footer says of it: how many there were, remarks on what was not judged, and what was asked for
    of which no answer was kept. `watch` is told of the bytes read, and of all. Raises UserError for a file that does not exist."""
    try:
        found, remarks, others = recognition.find(options.recordings)
    except FileNotFoundError as missing:
        raise UserError(f"there is no file or folder {missing.args[0] or repr(missing.args[0])}") from None
    book.open({"recordings": [recording.name for recording in found]})
    total, done, judged = sum(recording.size for recording in found), 0, 0
    passed: dict[str, list[str]] = {}
    lost: dict[Kind, list] = {}
    kept: set[Kind] = set()

    def seen(count: int) -> None:
        nonlocal done
        done += count
        watch(done, total)

    for recording in found:
        faults = 0
        for x in recognition.exchanges(recording, partial_headers=options.partial_headers, seen=seen):
            if isinstance(x, Exchange):
                judged += 1
                kept |= {Kind.of(x)} if x.ok else set()
                book.take_recorded(x)
            elif not x.fault:
                _count(passed, x.reason, f"{recording.name}#{x.entry}")
                if x.lost:
                    _count(lost, x.lost, f"{recording.name}#{x.entry}")
            else:
                faults += 1
                remarks += [_line(recording.name, x)] if faults <= FAULTS else []
        if faults > FAULTS:
            remarks.append(f"{recording.name}: {faults - FAULTS:,} more entries are broken")
        book.end_of_recording()
    for reason, (number, first) in passed.items():
        remarks.append(f"{number:,} entries left out: {reason} (the first is {first})")
    if others:
        remarks.append(f"{others:,} other files in the folders hold no recorded traffic")
    wanting = [
        f"no body of a {kind.words} was kept ({number:,} lack it, the first is {first})"
        for kind, (number, first) in lost.items()
        if kind not in kept
    ]
    remarks += [HINT] if any(kind.streaming and kind not in kept for kind in lost) else []
    return {"exchanges": judged, "remarks": remarks, "lost": wanting}


def _count(passed: dict[Any, list], reason: Any, place: str) -> None:
    passed.setdefault(reason, [0, place])[0] += 1


def _line(name: str, skipped: Skipped) -> str:
    said = without_keys(skipped.reason)
    return f"{name} {said}" if skipped.entry is None else f"{name}, entry {skipped.entry}: {said}"
