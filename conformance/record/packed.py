"""Recordings on disk, unpacked where they are gzip, however much a few kilobytes of it stand for. What is no regular file is refused."""

from __future__ import annotations

import errno
import gzip
import io
import os
import stat
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from conformance.record.jsonarray import MIB, Broken

GZIP = b"\x1f\x8b"
RATIO, AT_LEAST = 200, 64 * MIB
"""How many times its size gzip may unpack to, once it is so many bytes; traffic as JSON comes to 30 times, gzip can hold 1,000."""


def opened(
    path: str | Path, stack: ExitStack, seen: Callable[[int], None] = lambda count: None, start: int = 0
) -> BinaryIO:
    """The file, which `stack` closes, from a byte on where it is not packed. `seen` is told of the bytes of the file itself as they are
    read. Raises OSError, also for what is no regular file, for nobody knows when a pipe or a device ends; reading raises Broken."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "no regular file")
    raw = stack.enter_context(Path(path).open("rb"))  # noqa: SIM115
    packed = raw.read(2) == GZIP
    raw.seek(0 if packed else start)
    counted = _Counted(raw, seen)
    if not packed:
        return stack.enter_context(io.BufferedReader(counted))
    unpacked = _Unpacked(stack.enter_context(gzip.GzipFile(fileobj=io.BufferedReader(counted))), os.path.getsize(path))
    return stack.enter_context(io.BufferedReader(unpacked))


class _Counted(io.RawIOBase):
    """A file that tells of what is read of it."""

    def __init__(self, file: BinaryIO, seen: Callable[[int], None]) -> None:
        self._file, self._seen = file, seen

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        count = self._file.readinto(buffer)
        self._seen(count)
        return count


class _Unpacked(io.RawIOBase):
    """What gzip holds, as long as it is not too much for the file."""

    def __init__(self, file: gzip.GzipFile, size: int) -> None:
        self._file, self._most, self._given = file, max(AT_LEAST, RATIO * size), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        data = self._file.read1(len(buffer))
        self._given += len(data)
        if self._given > self._most:
            raise Broken(f"its gzip data unpacks to more than {RATIO} times its size")
        buffer[: len(data)] = data
        return len(data)
