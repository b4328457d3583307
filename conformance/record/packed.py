"""Recordings on disk, unpacked where they are gzip or Zstandard, however much a few kilobytes of it stand for, and bodies in them. What is
no regular file is refused."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from conformance.exchange.small_file import regular
from conformance.record.jsonarray import MIB, Broken
from conformance.record.remote import Remote

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
WINDOW = 128 * MIB
"""The most that a frame may ask for to be unpacked: what zstd itself allows unless told otherwise."""
CODINGS = {"br": "brotli", "zstd": "zstd"}
"""Codings of bodies that browsers and clients of others ask for and we do not, as pyarrow calls them."""
INSTALL = "install openai-conformance[logs]"
RATIO, AT_LEAST = 200, 64 * MIB
"""How many times its size a packed file may unpack to, once it is so many bytes; traffic as JSON comes to 30 times, gzip can hold 1,000."""


def opened(
    path: str | Path | Remote, stack: ExitStack, seen: Callable[[int], None] = lambda count: None, start: int = 0
) -> BinaryIO:
    """The file, which `stack` closes, from a byte on where it is not packed. `seen` is told of the bytes of the file itself as they are
    read. Raises OSError, also for what is no regular file, for nobody knows when a pipe or a device ends; reading raises Broken."""
    bytes_of_it = _Counted(raw(path, stack), seen)
    counted = io.BufferedReader(bytes_of_it)
    if start:  # only of what is not packed, so that its beginning need not be fetched
        counted.seek(start)
        return stack.enter_context(counted)
    magic = counted.peek(4)[:4]
    if magic[:2] == GZIP:
        unpacking: Any = gzip.GzipFile(fileobj=counted)
    elif magic == ZSTD:
        unpacking = _zstd(counted)
    else:
        return stack.enter_context(counted)
    unpacked = _Unpacked(
        stack.enter_context(unpacking), bytes_of_it, 0 if isinstance(path, Remote) else os.path.getsize(path)
    )
    return stack.enter_context(io.BufferedReader(unpacked))


def raw(path: str | Path | Remote, stack: ExitStack) -> BinaryIO:
    """The file as it is, which `stack` closes. Raises OSError, also for what is no regular file."""
    if isinstance(path, Remote):
        return path.opened(stack)
    regular(path)
    return stack.enter_context(Path(path).open("rb"))


def is_packed(path: str | Path | Remote) -> bool:
    """Raises OSError."""
    with ExitStack() as stack:
        magic = raw(path, stack).read(4)
    return magic[:2] == GZIP or magic == ZSTD


def _zstd(file: BinaryIO) -> Any:
    """A reader of what a Zstandard file holds (RFC 8878). Raises Broken where what reads it is not installed."""
    try:
        import zstandard
    except ImportError:
        raise Broken(f"it is packed with zstd: {INSTALL}") from None
    try:
        return zstandard.ZstdDecompressor(max_window_size=WINDOW).stream_reader(file, read_across_frames=True)
    except zstandard.ZstdError as error:
        raise Broken(f"its zstd data is broken ({error})") from None


def undone(body: bytes, coding: str, most: int) -> bytes:
    """A body without the coding that it came with, `most` + 1 bytes of it. Raises Broken, also where what undoes it is not installed."""
    try:
        import pyarrow
    except ImportError:
        raise Broken(f"its body is still coded as {coding}: {INSTALL}") from None
    try:
        return bytes(pyarrow.CompressedInputStream(pyarrow.BufferReader(body), CODINGS[coding]).read(most + 1))
    except (OSError, pyarrow.ArrowException) as error:
        raise Broken(f"its {coding} data is broken ({error})"[:120]) from None


class _Counted(io.RawIOBase):
    """A file that tells of what is read of it."""

    def __init__(self, file: BinaryIO, seen: Callable[[int], None]) -> None:
        self._file, self._seen, self.given = file, seen, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._file.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: bytearray) -> int:
        count = self._file.readinto(buffer)
        self.given += count
        self._seen(count)
        return count


class _Unpacked(io.RawIOBase):
    """What a packed file holds, as long as it is not too much for the file."""

    def __init__(self, file: Any, of: _Counted, size: int) -> None:
        self._file, self._of, self._size, self._given = file, of, size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        try:
            data = self._file.read1(len(buffer))
        except Exception as error:
            if type(error).__module__.partition(".")[0] != "zstandard":
                raise
            raise Broken("its zstd data is broken or stops before its end") from None
        self._given += len(data)
        if self._given > max(AT_LEAST, RATIO * max(self._size, self._of.given)):
            raise Broken(f"its packed data unpacks to more than {RATIO} times its size")
        buffer[: len(data)] = data
        return len(data)
