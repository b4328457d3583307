"""JSON lines of strangers: each line of a file, and the values in them, from any place of the file to any other, in bounded memory.

A line that is broken or too long is said and passed over; the rest is read. It must not look at what the values mean.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from conformance.record.entries import LeftOut
from conformance.record.jsonarray import ELEMENT_BYTES, VALUES, Ahead, Broken, bounded, elements
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON
from conformance.wire.redact import without_keys

SMALL = 256 * 1024
"""Bytes of a line that is parsed without a look at what it holds."""
BLOCK = 64 * 1024
LOOKED_AT = 20
"""Lines at the beginning of a file of which one tells what it is, for the first may be broken."""
SKIPPED = 16 * ELEMENT_BYTES
"""Bytes of one line that are read to be passed over: a few kilobytes of gzip hold any number."""


def lines(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[bytes | LeftOut]:
    """The lines that begin at `start` or after it, and before `end`; LeftOut for one that is too long. Who reads a file in parts
    that follow each other reads each line once, however the parts cut them. With a `start` the file must be able to seek. Raises
    Broken where a line has no end, and what the file raises."""
    at = start
    if start:
        file.seek(start - 1)
        at += _passed(file) - 1
    while end is None or at < end:
        line = file.readline(ELEMENT_BYTES + 1)
        if not line:
            return
        at += len(line)
        if len(line) > ELEMENT_BYTES:
            at += 0 if line.endswith(b"\n") else _passed(file)
            yield LeftOut(f"its line is longer than {ELEMENT_BYTES:,} bytes")
        else:
            yield line


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


def values(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[Any]:
    """The JSON value of each line that is not blank; LeftOut for one that is none. Raises as `lines` does."""
    for line in lines(file, start, end):
        if isinstance(line, LeftOut):
            yield line
        elif not line.isspace():
            yield value_of(line)


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
    head = file.read(BLOCK)
    beginning = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if beginning.startswith(b"["):
        yield from elements(Ahead(head, file), "item")
    elif by_lines(beginning):
        rest = io.BufferedReader(_Joined(head.removeprefix(b"\xef\xbb\xbf"), file))
        yield from values(rest)
    else:
        yield from elements(Ahead(head, file), "", many=True)


def by_lines(head: bytes) -> bool:
    """Whether a file that begins so has a value a line: one of its first lines is an object by itself, or longer than this."""
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
