"""Undoes the content coding of a body, portion by portion, never giving out more than was asked for.

It must not trust the sender: a few kilobytes of gzip can hold gigabytes. Codings: RFC 9110 section 8.4.1.
"""

from __future__ import annotations

import zlib

KNOWN = ("gzip", "x-gzip", "deflate", "identity")
MAX_MEMBERS = 1000
"""Members of one gzip body (RFC 1952 section 2.2): each costs work and may be empty. Servers send one."""


class Undecodable(ValueError):
    """The body is not what its Content-Encoding says; `str()` says why, in words."""


class Decoder:
    """Feed it the coded bytes in any portions. Raises Undecodable."""

    def __init__(self, content_encoding: str | None) -> None:
        """`content_encoding` is the header's value. One coding is undone; a list of several is refused."""
        names = [name.strip().lower() for name in (content_encoding or "").split(",")]
        names = [name for name in names if name not in ("", "identity")]
        if len(names) > 1 or (names and names[0] not in KNOWN):
            raise Undecodable(
                f"Content-Encoding is {', '.join(names)!r:.60}, which the request did not offer to accept"
            )
        self.name = names[0].removeprefix("x-") if names else None
        self._head = b""
        self._inflate = None
        self._members = 0

    def feed(self, data: bytes, room: int) -> bytes:
        """The next decoded bytes: all of them, or the first `room` + 1 where there are more (then feed no more)."""
        if self.name is None:
            return data[: room + 1]
        decoded = bytearray()
        while data and len(decoded) <= room:
            if self._inflate is None:
                self._head += data
                data = b""
                if len(self._head) < 2:  # what the format is shows in two bytes
                    break
                self._inflate, data, self._head = self._start(self._head), self._head, b""
            try:
                decoded += self._inflate.decompress(data, room + 1 - len(decoded))
            except zlib.error as error:
                raise Undecodable(f"the body is not {self.name} ({error})") from None
            data = self._inflate.unused_data
            if self._inflate.eof and self.name == "gzip" and data:
                self._inflate = None
            elif data:
                break  # after the end of deflated data: ignored, as clients do
        return bytes(decoded)

    def close(self) -> None:
        """The body is over. Raises Undecodable where the coded data is not."""
        if self._head or (self._inflate is not None and not self._inflate.eof):
            raise Undecodable(f"the {self.name} data of the body stops before its end")

    def _start(self, head: bytes) -> zlib._Decompress:
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise Undecodable(f"the gzip body has more than {MAX_MEMBERS} members")
        if self.name == "gzip":
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        # "deflate" means the zlib format, but some servers send the bare data, and clients read both.
        wrapped = head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
