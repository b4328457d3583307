"""JSON lines of strangers: each line of a file, and the values in them, from any place of the file to any other, in bounded memory.

A line that is broken or too long is said and passed over; the rest is read. It must not look at what the values mean.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import count
from typing import Any, BinaryIO

from conformance.record.entries import LeftOut, Name
from conformance.record.jsonarray import ELEMENT_BYTES, VALUES, Ahead, Broken, bounded, elements
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON
from conformance.wire.redact import without_keys

SMALL = 256 * 1024
"""Bytes of a line that is parsed without a look at what it holds."""
BLOCK = 64 * 1024
BOM = b"\xef\xbb\xbf"
LOOKED_AT = 20
"""Lines at the beginning of a file of which one tells what it is, for the first may be broken."""
SKIPPED = 16 * ELEMENT_BYTES
"""Bytes of one line that are read to be passed over: a few kilobytes of gzip hold any number."""


def lines(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes | LeftOut]]:
    """The lines that begin at `start` or after it, and before `end`, each with the byte at which it does; LeftOut for one that is too
    long. Who reads a file in parts that follow each other reads each line once, however the parts cut them. With a `start` the file
    must be able to seek. Raises Broken where a line has no end, and what the file raises."""
    at = start
    if start:
        file.seek(start - 1)
        at += _passed(file) - 1
    while end is None or at < end:
        line = file.readline(ELEMENT_BYTES + 1)
        if not line:
            return
        begin, at = at, at + len(line)
        if len(line) > ELEMENT_BYTES:
            at += 0 if line.endswith(b"\n") else _passed(file)
            yield begin, LeftOut(f"its line is longer than {ELEMENT_BYTES:,} bytes")
        else:
            yield begin, line


def _passed(file: BinaryIO) -> int:
    """Pass over the rest of a line; how many bytes it was."""
    count = 0
    while part := file.readline(BLOCK):
        count += len(part)
        if part.endswith(b"\n"):
            break
        if count > SKIPPED:
            raise Broken(f"a line is longer than {SKIPPED:,} bytes")
    return count


def values(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[tuple[int, Any]]:
    """The JSON value of each line that is not blank, with the byte at which the line begins; LeftOut for one that is none. Raises as
    `lines` does."""
    for at, line in lines(file, start, end):
        if isinstance(line, LeftOut):
            yield at, line
        elif not line.isspace():
            yield at, value_of(line if at else line.removeprefix(BOM))


def value_of(line: bytes) -> Any:
    """The JSON value of a line; LeftOut where it is none."""
    try:
        if len(line) > SMALL:
            bounded(line, VALUES, ELEMENT_BYTES)
        return jsontext.parse(line)
    except (NotJSON, Broken) as reason:
        return LeftOut(without_keys(f"its line is not JSON: {reason}")[:200])


def any_values(file: BinaryIO) -> Iterator[Any]:
    """The values of a file of JSON lines, or of JSON values that follow each other over any number of lines, or in one array: by
    how it begins. Raises Broken, and what the file raises."""
    return (value for _, value in named_values(file))


def named_values(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[tuple[Name, Any]]:
    """The same, each with its number, or with the byte at which its line begins (`@BYTE`) where the file has a value a line: a part of
    such a file, between these bytes, gives them the same names. Raises as `any_values` does."""
    head = b"" if start else file.read(BLOCK)
    if start or by_lines(head):
        rest = file if start else io.BufferedReader(_Joined(head, file))
        yield from ((f"@{at}", value) for at, value in values(rest, start, end))
    elif head.removeprefix(BOM).lstrip().startswith(b"["):
        yield from zip(count(), elements(Ahead(head, file), "item"), strict=False)
    else:
        yield from zip(count(), elements(Ahead(head, file), "", many=True), strict=False)


def by_lines(head: bytes) -> bool:
    """Whether a file that begins so has a value a line: one of its first lines is an object by itself, or longer than this."""
    head = head[:BLOCK].removeprefix(BOM).lstrip()
    if head.startswith(b"["):
        return False
    if b"\n" not in head:
        return True
    first = head.split(b"\n", LOOKED_AT)[:LOOKED_AT]
    return any(line.startswith(b"{") and isinstance(value_of(line), dict) for line in first)


class _Joined(io.RawIOBase):
    """A file of which the beginning was read already."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head, self._file = head, file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        if self._head:
            data, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
