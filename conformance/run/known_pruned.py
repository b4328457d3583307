"""Takes entries that are stale out of a file of known deviations, with the comments right above them; all else stays as it was typed.

It must not decide what is stale (known.py), and leaves a file alone that it does not understand.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformance.exchange.small_file import content
from conformance.run.known import Complaint, load
from conformance.run.user_error import UserError
from conformance.run.whole_file import write_whole


def pruned(path: str, complaints: Sequence[Complaint]) -> tuple[list[Complaint], str]:
    """Take the stale entries out. Gives the complaints about others, and a sentence about what was done, "" where nothing was. Raises
    UserError."""
    stale = [each for each in complaints if each.stale]
    if not stale:
        return [*complaints], ""
    before = load(path)
    try:
        text = content(path).decode("utf-8")
        left = _without(text.split("\n"), [(each.first, each.last) for each in stale])
        write_whole(Path(path), "\n".join(left))
        if len(load(path)) != len(before) - len(stale):
            write_whole(Path(path), text)
            raise UserError(
                f"--prune: {path} is written in a way in which entries cannot be told apart: prune it by hand"
            )
    except OSError as error:
        raise UserError(f"--prune: {error.filename or path} cannot be written: {error.strerror or error}") from None
    names = ", ".join(dict.fromkeys(each.check for each in stale))
    what = "1 entry that was" if len(stale) == 1 else f"{len(stale)} entries that were"
    return [each for each in complaints if not each.stale], f"{what} stale: taken out of {path}: {names}"


def _without(lines: list[str], spans: Sequence[tuple[int, int]]) -> list[str]:
    """The lines but those of these entries (numbers from 1), the comments above each, and the blank lines above these."""
    gone: set[int] = set()
    for first, last in spans:
        start = first - 1
        while start > 0 and lines[start - 1].lstrip().startswith("#"):
            start -= 1
        start = first - 1 if start == 0 else start  # a comment that opens the file is about all of it
        while start > 0 and not lines[start - 1].strip():
            start -= 1
        gone |= {*range(start, last)}
    return [line for number, line in enumerate(lines) if number not in gone]
