"""Finds secrets in bytes from a stranger, whole or in part, in whatever letter case and however they are written.

What a secret can be written in is undone first (escapes of JSON, URLs and HTML, in any mixture), so that only what is no text
(hex, base64, UTF-16) needs a form of its own. Part of a secret is a run of some of its characters; it must not look for less,
which answers hold by chance. Work and memory grow with the length of the bytes, in blocks.
"""

from __future__ import annotations

import base64
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONG = 16
"""From here on a secret is found inside longer words, and in part; keys of every vendor are longer."""
SHORT = 6
"""Shorter ones, or ones of letters or digits alone ("ollama", "lm-studio", "12345678"), are placeholders that hide nothing."""
PART = 12
"""Characters of a secret that are never left; a vendor's prefix ("sk-proj-") is shorter, and OpenAI itself shows four."""
WORDS = 20
"""Characters of a part without a digit or without a letter: what is shorter may be words of an answer."""
END = 6
"""Characters of a secret at the end of bytes that were cut there."""

_WINDOW, _CODED = 10, 16
_STEPS = (3, 16), (24, 64)
"""From one window of a secret to the next, of text and of what is coded: in what is small, and in what is LARGE, which holds a
secret or a long part of it."""
LARGE = 1024 * 1024
BLOCK, OVERLAP = 256 * 1024, 16 * 1024
PIECES, KEPT = 4096, 1024
"""Strings of one stream that are joined at once, and those that are joined again with the next."""

_ESCAPE = (
    rb"\\+u00([2-7][0-9a-f])|%(?:25)*([2-7][0-9a-f])|&(?:amp;)*#x0*([2-7][0-9a-f]);|&(?:amp;)*#0*(\d{2,3});"
    rb"|&(?:amp;)*(amp|lt|gt|quot|apos);"
)
_SLASHED = {b'"': rb'|\\+(")', b"'": rb"|\\+(')", b"/": rb"|\\+(/)", b"\\": rb"|(\\)\\+"}
"""What a backslash does before these, or a second one: looked at where a secret holds one, for JSON is full of them."""
_ENTITIES = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
_PIECE = re.compile(
    rb'"(?:index"\s*+:\s*+(\d{1,9})|(content|arguments|text|token|refusal|reasoning|reasoning_content|delta|input|name|id)'
    rb'"\s*+:\s*+"([^"\\]*+(?:\\.[^"\\]*+)*+)")',
    re.S,
)
_LETTER, _DIGIT = re.compile(rb"[a-z]"), re.compile(rb"[0-9]")

Span = tuple[int, int]


class _Place(NamedTuple):
    """Where a window is cut from: a form of a secret, and the offset in it."""

    form: bytes
    at: int
    coded: bool


class Finder:
    """Looks for these secrets. What `common` texts hold (a model's name), too, is no part of a secret, but for the whole."""

    def __init__(self, secrets: Iterable[str], common: Iterable[str] = ()) -> None:
        texts = [text.lower().encode("utf-8", "surrogatepass") for text in common]
        self._windows: tuple[dict[bytes, list[_Place]], ...] = (defaultdict(list), defaultdict(list))
        self._forms: list[bytes] = []
        words: set[bytes] = set()
        raws = {secret: secret.encode("utf-8", "surrogatepass") for secret in secrets}
        coded = {secret: _coded(raw, secret) for secret, raw in raws.items() if len(secret) >= LONG}
        every = b"".join((*raws.values(), *(form for forms in coded.values() for form in forms)))
        self._escape = re.compile(_ESCAPE + b"".join(_SLASHED[each] for each in _SLASHED if each in every))
        for secret, raw in raws.items():
            text = self._unescaped(raw.lower())[0]
            if len(secret) >= LONG:
                self._add(text, texts, coded=False)
                for form in coded[secret]:
                    self._add(form.lower(), texts, coded=True)
            elif len(secret) >= SHORT and _LETTER.search(text) and _DIGIT.search(text):
                words |= {re.escape(text), raw.hex().encode()}
        whole = b"|".join(sorted(words, key=len, reverse=True))
        self._words = re.compile(rb"(?<![a-z0-9])(?:" + whole + rb")(?![a-z0-9])") if words else None
        self.idle = not self._forms and not words

    def _add(self, form: bytes, texts: list[bytes], *, coded: bool) -> None:
        size = _CODED if coded else _WINDOW
        for windows, steps in zip(self._windows, _STEPS, strict=True):
            cut = {at: form[at : at + size] for at in range(0, len(form) - size + 1, steps[coded])}
            own = {at: window for at, window in cut.items() if not any(window in text for text in texts)}
            for at, window in (own or {0: form}).items():
                windows[window].append(_Place(form, at, coded))
        self._forms.append(form)

    def spans(self, data: bytes, *, cut: bool = False) -> list[Span]:
        """Where the secrets are, in order and apart from each other. `cut`: the data is the beginning of something longer."""
        if self.idle or len(data) < SHORT:
            return []
        lowered = data.lower()
        found = [*self._plain(lowered), *self._split(lowered)]
        if cut:
            found += self._end(lowered)
        return _merged(found, data)

    def _plain(self, lowered: bytes) -> Iterator[Span]:
        for start in range(0, len(lowered), BLOCK):
            block = lowered[start : start + BLOCK + OVERLAP]
            text, marks = self._unescaped(block)
            for first, last in self._inside(text, self._windows[len(lowered) > LARGE]):
                yield start + _origin(marks, first)[0], start + _origin(marks, last - 1)[1]

    def _inside(self, text: bytes, windows: dict[bytes, list[_Place]]) -> Iterator[Span]:
        for window, places in windows.items():
            at = text.find(window)
            while at >= 0:
                spans = [span for place in places if (span := _extended(text, at, place))]
                yield from spans
                at = text.find(window, max([at + 1, *(last for _, last in spans)]))
        if self._words:
            yield from (match.span() for match in self._words.finditer(text))

    def _split(self, lowered: bytes) -> Iterator[Span]:
        """Secrets that the strings of one name make together, as the deltas of a stream and the tokens of logprobs do."""
        pieces: dict[tuple[bytes, bytes], list[Span]] = defaultdict(list)
        index = b""
        for match in _PIECE.finditer(lowered):
            if match[1] is not None:
                index = match[1]
            elif match[3]:
                group = pieces[match[2], index]
                group.append(match.span(3))
                if len(group) == PIECES:
                    yield from self._joined(lowered, group)
                    del group[:-KEPT]
        for group in pieces.values():
            if len(group) > 1:
                yield from self._joined(lowered, group)

    def _joined(self, lowered: bytes, pieces: list[Span]) -> Iterator[Span]:
        starts, length = [], 0
        for first, last in pieces:
            starts.append(length)
            length += last - first
        whole = b"".join(lowered[first:last] for first, last in pieces)
        for first, last in self._plain(whole):
            at = bisect_right(starts, first) - 1
            while at < len(pieces) and starts[at] < last:
                begin, end = pieces[at]
                yield begin + max(0, first - starts[at]), min(end, begin + last - starts[at])
                at += 1

    def _end(self, lowered: bytes) -> Iterator[Span]:
        start = max(0, len(lowered) - OVERLAP)
        text, marks = self._unescaped(lowered[start:])
        for form in self._forms:
            for length in range(min(len(form) - 1, len(text)), END - 1, -1):
                if text.endswith(form[:length]):
                    yield start + _origin(marks, len(text) - length)[0], len(lowered)
                    break

    def _unescaped(self, text: bytes) -> tuple[bytes, list[tuple[int, int, int]]]:
        """The text without escapes, and for each that was undone: where its character now is, where it began and ended."""
        pieces, marks, at, length = [], [], 0, 0
        for match in self._escape.finditer(text):
            start, stop = match.span()
            pieces += (text[at:start], _character(match))
            length += start - at
            marks.append((length, start, stop))
            length, at = length + 1, stop
        if not marks:
            return text, marks
        pieces.append(text[at:])
        return b"".join(pieces), marks


def _extended(text: bytes, at: int, place: _Place) -> Span | None:
    """The run of a secret's characters around a window of it; None where it is too short to be one."""
    form, before = place.form, place.at
    first, last = at, at + 1
    while before > 0 and first > 0 and text[first - 1] == form[before - 1]:
        first, before = first - 1, before - 1
    after = place.at + 1
    while after < len(form) and last < len(text) and text[last] == form[after]:
        last, after = last + 1, after + 1
    run = text[first:last]
    mixed = _LETTER.search(run) and _DIGIT.search(run)
    enough = place.coded or len(run) == len(form) or len(run) >= (PART if mixed else WORDS)
    return (first, last) if enough else None


def _character(match: re.Match[bytes]) -> bytes:
    which = match.lastindex
    said = match[which]
    if which <= 3:
        return bytes((int(said, 16),)).lower()
    if which == 4:
        return bytes((int(said) & 0x7F,)).lower()
    return _ENTITIES[said] if which == 5 else said


def _origin(marks: list[tuple[int, int, int]], at: int) -> Span:
    """Where a character of the text without escapes stood."""
    n = bisect_right(marks, (at, 1 << 62, 0)) - 1
    if n < 0:
        return at, at + 1
    place, start, stop = marks[n]
    return (start, stop) if place == at else (stop + at - place - 1, stop + at - place)


def _merged(found: list[Span], data: bytes) -> list[Span]:
    """The spans in order, those that meet joined; none begins inside an escape of JSON or divides a character."""
    merged: list[Span] = []
    for first, last in sorted(found):
        if data[max(0, first - 2) : first] not in (b"\\\\", b"") and data[first - 1 : first] == b"\\":
            first += 5 if data[first : first + 1] == b"u" else 1
        while first > 0 and data[first] & 0xC0 == 0x80:
            first -= 1
        while last < len(data) and data[last] & 0xC0 == 0x80:
            last += 1
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        elif first < last:
            merged.append((first, last))
    return merged


def _coded(raw: bytes, secret: str) -> set[bytes]:
    """What is written of a secret by who does not write text: hex, UTF-16, and the part of base64 that depends on nothing but
    `raw`, at each of the three ways it can lie in the whole."""
    found = {
        raw.hex().encode(),
        secret.encode("utf-16-le", "surrogatepass"),
        secret.encode("utf-16-be", "surrogatepass"),
    }
    for shift in range(3):
        first, last = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        padded = b"\0" * shift + raw
        found |= {base64.b64encode(padded)[first:last], base64.urlsafe_b64encode(padded)[first:last]}
    return found
