"""The elements of an array in a JSON file of any size, one by one, in bounded memory.

ijson reads. It would keep a string of any length and the path of a nest of any depth, so a guard stands before it, which cuts
overlong strings, marks them, and stops where one element alone is too much. It must not look at what the elements mean.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate
from typing import Any, BinaryIO

import ijson

MIB = 1024 * 1024

STRING_BYTES = 16 * MIB
"""Bytes of one string as written, such as a body; four times the longest answer that is taken live."""
ELEMENT_BYTES = 32 * MIB
"""Bytes of one element: a request and an answer, and what a browser adds."""
VALUES = 500_000
"""Names and values in one element, bodies apart. A browser's entry with all its headers and timings has some 300."""
DEPTH = 100
DIGITS = 300
"""Of one number: the largest double has 309, and of an integer of more than 4,300 ijson crashes with the whole process."""
SKIPPED = 8 * STRING_BYTES
"""Bytes of one string that are read to be passed over: a gzip of a few kilobytes holds any number."""
CUT = f"[cut {secrets.token_hex(8)}]"
"""Stands in a string that was cut; nobody can know it beforehand."""

BLOCK, PIECE = 64 * 1024, 16
_LEVELS = bytes.maketrans(b"[]{}", b"\1\0\1\0")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (DIGITS + 1))
_OPEN_ESCAPE = re.compile(rb"\\u[0-9a-fA-F]{0,3}\Z")


class Broken(ValueError):
    """From here on the file is not what it should be; `str()` says why."""


def elements(file: BinaryIO, path: str, *, many: bool = False) -> Iterator[Any]:
    """Each element of the array at an ijson path ("log.entries.item"); `many`: of each of the values that follow each other. Raises
    Broken, and OSError as the file does."""
    guard = _Guard(file)
    try:
        for element in ijson.items(guard, path, buf_size=BLOCK, multiple_values=many):
            yield element
            guard.element_done()
    except ijson.JSONError as error:
        raise Broken(_said(error)) from None


def bounded(text: bytes, values: int, most: int) -> None:
    """Raises Broken where a JSON text holds more values or bytes than that, or nests too deep; it is not parsed for that."""
    guard = _Guard(io.BytesIO(text), values, most)
    while guard.read(BLOCK):
        pass


def number(value: Any) -> float:
    """What ijson makes of a number, as json writes one. Raises TypeError for anything else."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} in a parsed body")


def names(head: bytes, place: str = "") -> list[str]:
    """The names at the top of a JSON object of which this is the beginning, or of those at an ijson path; none where it has none."""
    found = []
    try:
        for prefix, event, value in ijson.parse(_Guard(Ahead(head))):
            if prefix == place and event == "map_key":
                found.append(value)
    except (ijson.JSONError, Broken, ValueError):
        pass
    return found


def _said(error: ijson.JSONError) -> str:
    text = error.args[0] if error.args else ""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    first = text.strip().partition("\n")[0].strip().rstrip(".")
    if "premature EOF" in text or "incomplete" in text.lower():
        return "the JSON stops before its end"
    return f"not JSON ({first})"


class Ahead:
    """A file of which the beginning was read already; `read` alone."""

    def __init__(self, head: bytes, file: BinaryIO | None = None) -> None:
        self._head, self._file = head, file

    def read(self, size: int) -> bytes:
        head, self._head = self._head[:size], self._head[size:]
        return head or (self._file.read(size) if self._file else b"")


class _Guard:
    """A file between the real one and ijson."""

    def __init__(self, file: Any, values: int = VALUES, most: int = ELEMENT_BYTES) -> None:
        self._file, self._most_values, self._most_bytes = file, values, most
        self._first = True
        self._rest = b""  # an escape or a character that the next block ends
        self._waiting: list[bytes] = []
        self._held: list[bytes] = []  # of one string: ijson begins it anew with each block it gets of it
        self._inside = False  # a string
        self._run = 0  # bytes of a string that fills whole blocks
        self._depth = self._digits = 0
        self.element_done()

    def element_done(self) -> None:
        self._bytes = self._values = 0

    def read(self, size: int = -1) -> bytes:
        if size == 0:  # how ijson asks whether this is a file of bytes
            return b""
        while self._waiting or self._fetch():
            block = self._waiting.pop(0)
            before = vars(self).copy()
            try:
                self._look(block)
            except Broken:
                if len(block) <= PIECE:
                    raise
                vars(self).update(before)  # what stands before the broken place is to be read all the same
                self._waiting = [*_pieces(block, max(PIECE, len(block) // 64)), *self._waiting]
            else:
                if not self._run and any(self._held):
                    break
        held, self._held = self._held, []
        return b"".join(held)

    def _fetch(self) -> bool:
        """Take the next block; False where there is none."""
        data = self._file.read(BLOCK)
        if self._first:
            data, self._first = data.removeprefix(b"\xef\xbb\xbf"), False
        block, self._rest = _split(self._rest + data) if data else (self._rest, b"")
        self._waiting.append(block)
        return bool(data or block)

    def _look(self, block: bytes) -> None:
        """Hold what of a block ijson is to see. Raises Broken."""
        pieces = block.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        if self._inside and len(pieces) == 1:
            self._run += len(block)
            if self._run > SKIPPED:
                raise Broken(f"a string is longer than {SKIPPED:,} bytes")
            if self._run > STRING_BYTES:
                self._held[1:] = [CUT.encode()]
                return
        else:
            self._run = 0
            outside = b"".join(pieces[self._inside :: 2])
            self._inside ^= len(pieces) % 2 == 0
            self._digits = _run_of_digits(self._digits, outside)
            brackets = outside.translate(_LEVELS, _NO_BRACKETS)
            levels = list(accumulate(map((-1, 1).__getitem__, brackets), initial=self._depth))
            if max(levels) > DEPTH:
                raise Broken(f"nested deeper than {DEPTH} levels")
            self._depth = levels[-1]
            self._values += outside.count(b",") + outside.count(b":") + outside.count(b"[")
        self._bytes += len(block)
        if self._bytes > self._most_bytes or self._values > self._most_values:
            most = f"{self._most_bytes:,} bytes or {self._most_values:,} values"
            raise Broken(f"longer than {most}, which is more than one call needs")
        self._held.append(block)


def _run_of_digits(before: int, outside: bytes) -> int:
    """Digits at the end of what stands outside strings, `before` counting those just before it. Raises Broken where they are too many
    for a number anywhere."""
    first = len(outside) - len(outside.lstrip(b"0123456789"))
    last = len(outside) - len(outside.rstrip(b"0123456789"))
    last += before if first == len(outside) else 0
    if max(before + first, last) > DIGITS or _LONG_NUMBER.search(outside):
        raise Broken(f"a number has more than {DIGITS} digits")
    return last


def _pieces(block: bytes, size: int) -> list[bytes]:
    pieces, rest = [], b""
    for at in range(0, len(block), size):
        piece, rest = _split(rest + block[at : at + size])
        pieces.append(piece)
    return [*pieces, rest]


def _split(block: bytes) -> tuple[bytes, bytes]:
    """A block without an escape or a UTF-8 character that is not complete at its end, and that."""
    slashes = len(block) - len(block.rstrip(b"\\"))
    if slashes % 2:
        return block[:-1], block[-1:]
    if (found := _OPEN_ESCAPE.search(block[-5:])) and not slashes:
        at = max(0, len(block) - 5) + found.start()
        if (at + 1 - len(block[: at + 1].rstrip(b"\\"))) % 2:
            return block[:at], block[at:]
    for back in range(1, min(4, len(block) + 1)):
        byte = block[-back]
        if byte & 0xC0 != 0x80:
            whole = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return (block[:-back], block[-back:]) if whole > back else (block, b"")
    return block, b""
