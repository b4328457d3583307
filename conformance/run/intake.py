"""What was taken in of recordings and what was not, as a sum, and how that is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.exchange import Exchange
from conformance.judge.tally import Place
from conformance.record.entries import Kind, Skipped
from conformance.run.edges import Edges
from conformance.wire.redact import without_keys

FAULTS = 5
"""Broken entries of one file that are named, each in a line."""
HINT = (
    "browsers leave the bodies of streams out of a HAR: record with mitmproxy (mitmdump --set hardump=FILE), or with "
    "`openai-conformance --base-url URL --record FILE`"
)


@dataclass
class Named:
    """How many there are, and the first of them, in words."""

    count: int = 0
    first: list[tuple[Place, str]] = field(default_factory=list)

    def note(self, at: Place, words: str, most: int = 1) -> None:
        self.count += 1
        if len(self.first) < most:
            self.first.append((at, words))

    def add(self, other: Named, most: int = 1) -> None:
        self.count += other.count
        self.first = sorted(self.first + other.first)[:most]


@dataclass
class Taken:
    """What some pieces held."""

    judged: int = 0
    faults: dict[str, Named] = field(default_factory=dict)
    """By file, its broken entries."""
    passed: dict[str, Named] = field(default_factory=dict)
    """By reason, what was left out."""
    lost: dict[Kind, Named] = field(default_factory=dict)
    """By kind of answer, those whose body was not kept."""
    kept: set[Kind] = field(default_factory=set)
    edges: Edges = field(default_factory=Edges)
    """Where the pieces of large files cut sessions in two."""
    poisoned: list[tuple[Place, str]] = field(default_factory=list)
    """What ended the process that judged it."""

    def take(self, file: str, x: Exchange | Skipped, at: Place) -> None:
        """One entry of a file."""
        if isinstance(x, Exchange):
            self.judged += 1
            self.kept |= {Kind.of(x)} if x.ok else set()
        elif x.unreachable:
            self.poisoned.append((at, f"{file} {without_keys(x.reason)}"))
        elif x.fault:
            self.faults.setdefault(file, Named()).note(at, _line(file, x), FAULTS)
        else:
            self.passed.setdefault(x.reason, Named()).note(at, f"{file}#{x.entry}")
            if x.lost:
                self.lost.setdefault(x.lost, Named()).note(at, f"{file}#{x.entry}")

    def add(self, other: Taken) -> None:
        """Add what other pieces held."""
        self.judged += other.judged
        for file, named in other.faults.items():
            self.faults.setdefault(file, Named()).add(named, FAULTS)
        for mine, theirs in ((self.passed, other.passed), (self.lost, other.lost)):
            for reason, named in theirs.items():
                mine.setdefault(reason, Named()).add(named)
        self.kept |= other.kept
        self.edges.add(other.edges)
        self.poisoned = sorted(self.poisoned + other.poisoned)

    def record(self, amiss: list[str], others: int) -> dict[str, Any]:
        """What the footer says of it. `amiss` are lines on files that are no recordings, `others` how many more the folders hold."""
        remarks = [*amiss, *self._faults(), *(line for _, line in self.poisoned)]
        for reason, named in _ordered(self.passed):
            remarks.append(f"{named.count:,} entries left out: {reason} (the first is {named.first[0][1]})")
        remarks += self.edges.said
        if others:
            remarks.append(f"{others:,} other files in the folders hold no recorded traffic")
        lost = [(kind, named) for kind, named in _ordered(self.lost) if kind not in self.kept]
        wanting = [
            f"no body of a {kind.words} was kept ({named.count:,} lack it, the first is {named.first[0][1]})"
            for kind, named in lost
        ]
        remarks += [HINT] if any(kind.streaming for kind, _ in lost) else []
        return {"exchanges": self.judged, "remarks": remarks, "lost": wanting + [line for _, line in self.poisoned]}

    def _faults(self) -> Iterator[str]:
        for file, named in _ordered(self.faults):
            yield from (line for _, line in named.first)
            if named.count > FAULTS:
                yield f"{file}: {named.count - FAULTS:,} more entries are broken"


def _ordered(named: dict[Any, Named]) -> list[tuple[Any, Named]]:
    return sorted(named.items(), key=lambda item: item[1].first[0])


def _line(name: str, skipped: Skipped) -> str:
    return f"{name}{skipped.place} {without_keys(skipped.reason)}"
