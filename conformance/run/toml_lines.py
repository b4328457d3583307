"""Where the tables and keys of a TOML text stand, so that a mistake in a file of the user's is named with its line.

tomllib gives a line for bad syntax alone. A line that looks like the start of something is one unless a string or an array is open
before it. It must not judge what the file says.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from conformance.exchange.small_file import TOKEN, toml
from conformance.run.user_error import UserError, typed
from conformance.wire.jsontext import printable


class Span(NamedTuple):
    """The numbers of the first and the last line of an entry, blank and comment lines after it left out."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"line {self.first}" if self.first == self.last else f"lines {self.first}-{self.last}"


class Entry(NamedTuple):
    """One `[[name]]` table: what it holds and where it stands."""

    values: dict[str, Any]
    span: Span
    lines: list[str]
    """All lines of the file."""
    begins: frozenset[int]
    """The numbers, from 0, of those where something may begin."""

    def line_of(self, key: str) -> int:
        """The line of a key of the table; its first line where the key has none of its own."""
        starts = re.compile(rf"""\s*(\[+[^\]=]*\.\s*)?(["']?){re.escape(key)}\2\s*[=.\]]""")
        for number in range(self.span.first, self.span.last + 1):
            if number - 1 in self.begins and starts.match(self.lines[number - 1]):
                return number
        return self.span.first


def entries(path: str, name: str, said: str) -> list[Entry]:
    """The `[[name]]` tables of a file that holds nothing else. `said` is how the user named the file. Raises UserError."""
    lines, content = parsed(path, said)
    tables = content.pop(name, [])
    if content:
        key = next(iter(content))
        raise UserError(
            f"{said}{_line(lines, key)}: {typed(printable(key), 60)} has no meaning here, expected [[{name}]] entries only"
        )
    begins = _begins(lines)
    spans = _spans(lines, begins, name)
    if not isinstance(tables, list) or len(tables) != len(spans):
        raise UserError(f"{said}{_line(lines, name)}: expected every entry under a [[{name}]] line of its own")
    return [Entry(values, span, lines, begins) for values, span in zip(tables, spans, strict=True)]


def parsed(path: str | Path, said: str) -> tuple[list[str], dict[str, Any]]:
    """The lines of a file, and what it holds. Raises UserError."""
    try:
        text, values = toml(path)
        return text.split("\n"), values
    except OSError as error:
        raise UserError(f"{said}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UserError(f"{said}: not a text file in UTF-8") from None
    except ValueError as error:  # what is no TOML, and integers of more digits than Python reads
        raise UserError(f"{said}: not TOML: {str(error)[:200]}") from None


def table(lines: list[str], values: dict[str, Any], header: str) -> Entry:
    """A table of a file with its place: from the line that matches `header`, a pattern, to the next one; else the whole file."""
    begins = _begins(lines)
    starts = [n for n in sorted(begins) if lines[n].lstrip().startswith("[")]
    first = next((n for n in starts if re.match(header, lines[n])), 0)
    last = next((n for n in starts if n > first), len(lines))
    return Entry(values, Span(first + 1, last), lines, begins)


def _line(lines: list[str], key: str) -> str:
    """`, line N`: where a key of the file, or a table of this name, begins."""
    starts = re.compile(rf"""\s*(\[+\s*)?(["']?){re.escape(key)}\2\s*[\].=]""")
    number = next((n for n in sorted(_begins(lines)) if starts.match(lines[n])), None)
    return "" if number is None else f", line {number + 1}"


def _spans(lines: list[str], begins: frozenset[int], name: str) -> list[Span]:
    header = re.compile(rf"\s*\[\[\s*{name}\s*\]\]")
    starts = [n for n in sorted(begins) if header.match(lines[n])]
    spans = []
    for start, stop in pairwise([*starts, len(lines)]):
        used = [n for n in range(start, stop) if lines[n].strip() and not lines[n].lstrip().startswith("#")]
        spans.append(Span(start + 1, used[-1] + 1))
    return spans


def _begins(lines: list[str]) -> frozenset[int]:
    """The numbers, from 0, of the lines of a TOML text before which no string and no array is open."""
    found, number, depth = {0}, 0, 0
    for token in TOKEN.finditer("\n".join(lines)):
        depth += {"[": 1, "]": -1}.get(token[0], 0)
        number += token[0].count("\n")
        if token[0] == "\n" and not depth:
            found.add(number)
    return frozenset(found)
