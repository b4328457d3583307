"""Recordings in pieces that can be read apart: files, and of large ones of which each line stands for itself, ranges of their lines.

The pieces hang on the files alone, so that who judges which of them, and how many do, makes no difference. What belongs together is
looked for within a piece. It must not parse a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from conformance.record.packed import is_packed, raw
from conformance.record.recognition import RUN, Recording
from conformance.record.remote import Remote
from conformance.record.run_lines import MAX_LINE

PIECE = 32 * 1024 * 1024
"""Bytes of a piece of a large file; the line that begins in it is of it to its end."""
TASK = 8 * 1024 * 1024
"""Bytes of small files that are judged in one go: handing over what came of them takes as long whether they are many or few."""


class Piece(NamedTuple):
    """A recording, or the lines of it that begin from `start` on and before `end`."""

    number: int
    recording: Recording
    start: int = 0
    end: int | None = None

    @property
    def size(self) -> int:
        """In bytes."""
        return (self.recording.size if self.end is None else self.end) - self.start


def pieces(recordings: Sequence[Recording]) -> list[Piece]:
    """All pieces of the recordings, in their order."""
    found: list[Piece] = []
    for recording in recordings:
        for start, end in _ranges(recording):
            found.append(Piece(len(found), recording, start, end))
    return found


def _ranges(recording: Recording) -> Iterator[tuple[int, int | None]]:
    seeks = not isinstance(recording.path, Remote) or recording.path.seeks
    if not recording.lines or not seeks or recording.size <= PIECE or _packed(recording):
        yield 0, None
        return
    if recording.kind != RUN:  # who reads JSON lines finds the first of a piece
        for start in range(0, recording.size, PIECE):
            yield start, start + PIECE if start + PIECE < recording.size else None
        return
    start = 0
    with ExitStack() as stack:
        file = raw(recording.path, stack)
        while start < recording.size:
            file.seek(min(start + PIECE, recording.size))
            file.readline(MAX_LINE + 1)
            end = file.tell()
            yield start, end if end < recording.size else None
            start = end


def _packed(recording: Recording) -> bool:
    try:
        return is_packed(recording.path)
    except OSError:
        return True


def tasks(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces in groups that are worth handing over."""
    found: list[list[Piece]] = []
    size = TASK
    for piece in pieces:
        if size >= TASK:
            found.append([])
            size = 0
        found[-1].append(piece)
        size += max(piece.size, 4096)
    return found
