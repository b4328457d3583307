"""What a report shows of an exchange: its answer line by line, with the lines marked that a problem speaks of.

JSON is indented for reading, streams are shown event by event; all of it is cut to a bearable length. It must not judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from conformance.exchange import Exchange
from conformance.report.locate import TEXT, Spot, in_events, no_text
from conformance.report.named import Path, pretty
from conformance.report.timeline import Timeline, moments, timeline
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON

WIDTH = 260
"""Characters of one line that are shown."""
AROUND = 5
"""Lines shown before and after a marked one in an excerpt."""
FIRST, LAST = 4, 2
"""Lines of a body shown where none is marked near."""
MARKS = 4
"""Marked lines whose surroundings an excerpt shows."""
READ, LINES, HEADERS = 4 * 1024 * 1024, 3000, 60
"""Bytes, lines and headers of an answer that are looked at; what is longer is shown from its beginning."""
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{160,}={0,2}")
"""So long a word is read by nobody: an image, a sound, a vector."""
_BEGIN = 32
"""Characters of it that are shown."""


class Line(NamedTuple):
    """One line as shown. `kind` is status, header, body, gap (lines left out) or note (ours, not the answer's)."""

    text: str
    kind: str = "body"
    marked: bool = False


class Answer:
    """The answer of one exchange, taken apart once for all the failures that it is evidence of."""

    def __init__(self, x: Exchange) -> None:
        self._x = x

    @cached_property
    def _lines(self) -> list[tuple[Line, Spot | None]]:
        """Every line, and the spot that marks it."""
        x = self._x
        if not x.answered:
            return [(Line(x.failure or "no answer", "note"), None)]
        status = "(status not recorded)" if "status" in x.missing else f"HTTP {x.status}"
        lines = [(Line(status, "status"), Spot("status"))]
        for name, value in x.headers[:HEADERS]:
            lines.append((Line(_short(f"{name}: {value}"), "header"), Spot("header", name.lower())))
        if len(x.headers) > HEADERS:
            lines.append((Line(f"{len(x.headers) - HEADERS} more headers", "gap"), None))
        body = list(islice(self._body(), LINES))
        lines += [(Line("", "header"), None), *body] if body else [(Line("no body", "note"), Spot("start"))]
        if x.failure:
            lines.append((Line(x.failure, "note"), None))
        return lines

    def _body(self) -> Iterable[tuple[Line, Spot | None]]:
        x = self._x
        if in_events(x) and "framing" not in x.missing and len(x.body) <= READ and x.sse[1]:
            return self._events()
        if len(x.body) <= READ and x.not_json is None and isinstance(x._parsed[0], dict | list):
            return (
                (Line(_short(text)), path is not None and Spot("json", path=path))
                for path, text in pretty(x._parsed[0])
            )
        if no_text(x):
            head = x.body[:16].hex(" ")
            return [(Line(f"{len(x.body):,} bytes that are no text; they begin {head}"), Spot("start"))]
        lines = x.body[:TEXT].decode("utf-8", "replace").splitlines()
        return ((Line(_short(line)), Spot("line", event=n)) for n, line in enumerate(lines, 1))

    def _events(self) -> Iterable[tuple[Line, Spot | None]]:
        position = -1
        for event in self._x.sse[1]:
            position += not event.only_comments
            place = None if event.only_comments else Spot("event", event=position)
            for n, line in enumerate(event.lines):
                yield Line(_short(line.text)), place if n == 0 else None
            if event.terminated:
                yield Line(""), None

    @cached_property
    def _at(self) -> dict[Spot, int]:
        """The line of each spot."""
        at: dict[Spot, int] = {}
        for n, (_, place) in enumerate(self._lines):
            if place:
                at.setdefault(place, n)
        body = [n for n, (line, _) in enumerate(self._lines) if line.kind == "body"]
        if body:
            at |= {Spot("start"): body[0], Spot("end"): body[-1]}
        return at

    def excerpt(self, spots: Iterable[Spot | None]) -> list[Line]:
        """The lines at the spots, marked, those near them, the status, the beginning and the end; what is left out is counted."""
        paths = {self._line(place): place.path for place in spots if place}
        marked = {n for n in paths if n is not None} if self._x.answered else {0}
        keep = {0, *marked, *range(len(self._lines) - LAST, len(self._lines))} - {-2, -1}
        first = next((n for n, (line, _) in enumerate(self._lines) if line.kind not in ("status", "header")), 0)
        keep |= set(range(max(0, first - 1), min(first + FIRST, len(self._lines))))
        keep |= {n for n in range(1, first) if self._lines[n][0].text.lower().startswith("content-type:")}
        for n in sorted(marked)[:MARKS]:
            around, floor = (AROUND, first - 1) if n >= first else (1, 0)
            keep |= set(range(max(floor, n - around), min(len(self._lines), n + around + 1)))
        shown: list[Line] = []
        last = -1
        for n in sorted(keep):
            if n > last + 1:
                shown.append(Line(f"{n - last - 1} line{'s' * (n - last > 2)}", "gap"))
            shown.append(self._lines[n][0]._replace(marked=n in marked))
            place = self._lines[n][1]
            if place and place.at == "event" and paths.get(n):
                shown += self._indented(place.event, paths[n])
            last = n
        return shown

    def _line(self, place: Spot) -> int | None:
        plain = Spot("event", event=place.event) if place.at == "event" else place
        return self._at.get(plain)

    def _indented(self, position: int, path: Path) -> list[Line]:
        """The data of an event as JSON near a place, which is marked."""
        try:
            value = jsontext.parse_text(self._x.events[position].data or "")
        except NotJSON:
            return []
        lines = list(islice(pretty(value), LINES))
        at = next((n for n, (place, _) in enumerate(lines) if place == path), None)
        if at is None:
            return []
        near = range(max(0, at - 3), min(len(lines), at + 5))
        return [Line(f"      {_short(lines[n][1])}", "note", n == at) for n in near]

    def whole(self, room: int) -> list[Line]:
        """All lines, as far as they fit into so many characters."""
        shown: list[Line] = []
        for n, (line, _) in enumerate(self._lines):
            room -= len(line.text) + 20
            if room < 0:
                return [*shown, Line(f"{len(self._lines) - n} more lines, in the run file", "gap")]
            shown.append(line)
        return shown

    @cached_property
    def _moments(self) -> list[tuple[str, float, int]]:
        return moments(self._x)

    def timeline(self, spots: Iterable[Spot | None] = ()) -> Timeline | None:
        """The stream's events against time, those at the spots marked."""
        return timeline(self._moments, {place.event for place in spots if place and place.at == "event"})


def _short(text: str) -> str:
    if len(text) > WIDTH:
        text = _BASE64.sub(lambda word: f"{word[0][:_BEGIN]}… ({len(word[0]):,} characters)", text)
    return text if len(text) <= WIDTH else f"{text[:WIDTH]} … ({len(text):,} characters)"
