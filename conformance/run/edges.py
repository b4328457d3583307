"""Where the pieces of large files cut sessions in two, as a sum: what belongs together is looked for within a piece, so it is said.

A session is known by its key in the log. Of each piece the keys at its beginning and at its end are kept until its neighbour is known.
It must not judge.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from conformance.exchange import Exchange
from conformance.record.shards import Piece

NEAR = 200
"""Exchanges at either end of a piece whose sessions are known."""


@dataclass
class Edges:
    """What is known of the ends of pieces, and what was found at those of which both sides are."""

    ends: dict[int, frozenset[bytes]] = field(default_factory=dict)
    """By the number of a piece that another of its file follows, the sessions at its end."""
    begins: dict[int, tuple[frozenset[bytes], str, int]] = field(default_factory=dict)
    """By the number of a piece that follows another, the sessions at its beginning, and the file and byte at which that is."""
    cut: int = 0
    first: tuple[int, str, int] | None = None

    def watched(self, piece: Piece, exchanges: Iterator[Exchange]) -> Iterator[Exchange]:
        """The exchanges of a piece; when all of them were taken, its ends are known."""
        begin: set[bytes] = set()
        last: deque[bytes | None] = deque(maxlen=NEAR)
        for number, x in enumerate(exchanges):
            key = _key(x)
            last.append(key)
            if key and number < NEAR:
                begin.add(key)
            yield x
        if piece.end is not None:
            self.ends[piece.number] = frozenset(filter(None, last))
        if piece.start:
            self.begins[piece.number] = frozenset(begin), piece.recording.name, piece.start
        self._settle()

    def add(self, other: Edges) -> None:
        """Add what is known of other pieces."""
        self.ends |= other.ends
        self.begins |= other.begins
        self.cut += other.cut
        self.first = min(filter(None, (self.first, other.first)), default=None)
        self._settle()

    def _settle(self) -> None:
        for number in [each for each in self.ends if each + 1 in self.begins]:
            (keys, name, byte), ended = self.begins.pop(number + 1), self.ends.pop(number)
            if both := len(keys & ended):
                self.cut += both
                self.first = min(filter(None, (self.first, (number, name, byte))))

    @property
    def said(self) -> list[str]:
        """In a line; none where no session was cut."""
        if self.first is None:
            return []
        _, name, byte = self.first
        several = "s" * (self.cut > 1)
        return [
            f"what belongs together is looked for within a piece: {self.cut:,} session{several} went on across an end (the first at "
            f"byte {byte:,} of {name})"
        ]


def _key(x: Exchange) -> bytes | None:
    """The same in every process."""
    if x.session is None:
        return None
    return hashlib.blake2b(
        f"{urlsplit(x.url)[:2]} {x.session}".encode("utf-8", "surrogatepass"), digest_size=8
    ).digest()
