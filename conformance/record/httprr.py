"""httprr, in which Go's tests keep HTTP: a line of two lengths before each request and response, both as they were on the wire.

It must not repair or guess: see entries.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from conformance.record.entries import HEADER_BYTES, Entry, LeftOut
from conformance.record.jsonarray import ELEMENT_BYTES, Broken
from conformance.wire.redact import without_keys

FIRST = b"httprr trace v1"
_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,4096})?\r\n")
_LENGTHS = re.compile(rb"(\d{1,9}) (\d{1,9})\n")


def entries(file: BinaryIO) -> Iterator[Entry | LeftOut]:
    """Every call of a trace, in its order; LeftOut where one cannot be read. Raises Broken, OSError."""
    lines = _Lines(file)
    if lines.line().rstrip(b"\r\n") != FIRST:
        raise Broken("not a trace of httprr")
    while line := lines.line():
        lengths = _LENGTHS.fullmatch(line)
        if lengths is None:
            raise Broken("no lengths stand where a call begins")
        request, response = (lines.take(int(length)) for length in lengths.groups())
        try:
            yield _entry(request, response)
        except ValueError as error:
            yield LeftOut(without_keys(f"not HTTP as traces have it ({error})")[:120])


class _Lines:
    """A file read by lines and by lengths, as much as one call needs."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._ahead = file, b""

    def line(self) -> bytes:
        """The next line with its end; b"" at the end of the file."""
        while b"\n" not in self._ahead and len(self._ahead) < 100 and (portion := self._file.read(4096)):
            self._ahead += portion
        line, end, _ = self._ahead.partition(b"\n")
        return self.take(len(line) + len(end))

    def take(self, length: int) -> bytes:
        """So many bytes. Raises Broken where there are fewer, or no call needs so many."""
        if length > ELEMENT_BYTES:
            raise Broken(f"longer than {ELEMENT_BYTES:,} bytes, which is more than one call needs")
        while len(self._ahead) < length:
            portion = self._file.read(max(4096, length - len(self._ahead)))
            if not portion:
                raise Broken("it stops in the middle of a call")
            self._ahead += portion
        taken, self._ahead = self._ahead[:length], self._ahead[length:]
        return taken


def _entry(request: bytes, response: bytes) -> Entry:
    (method, target, _), sent, asked = _message(request)
    (_, status, *_), received, body = _message(response)
    named = {name.lower(): value for name, value in sent}
    url = target if "://" in target else f"https://{named.get('host', 'unknown.invalid')}{target}"
    if "chunked" in {name.lower(): value for name, value in received}.get("transfer-encoding", ""):
        body = _unchunked(body)
    return Entry(method, url, sent, asked, status, received, body)


def _message(raw: bytes) -> tuple[list[str], list[tuple[str, str]], bytes]:
    """The words of the first line, the headers and the body. Raises ValueError."""
    head, _, body = raw.partition(b"\r\n\r\n")
    if len(head) > HEADER_BYTES:
        raise ValueError("the headers are too long")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2:
        raise ValueError("the first line is short")
    pairs = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return [*words, ""][:3], pairs, body


def _unchunked(body: bytes) -> bytes:
    """The body without the framing of its chunks (RFC 9112 section 7.1). Raises ValueError."""
    pieces, at = [], 0
    while at < len(body):
        size = _SIZE.match(body, at)
        if size is None:
            raise ValueError("a chunk without a length")
        length, at = int(size[1], 16), size.end()
        if length == 0:
            break
        pieces.append(body[at : at + length])
        at += length + 2
    return b"".join(pieces)
