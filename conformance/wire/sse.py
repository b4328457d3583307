"""Reads server-sent events from raw bytes and keeps everything it sees, legal or not.

It must not repair, judge or drop anything: line ends, comments, a missing blank line at the end, invalid UTF-8, a byte
order mark and unknown fields all stay visible, because they are what breaks clients that read less forgivingly.
Grammar: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

BOM = b"\xef\xbb\xbf"
_ENDS = (b"\n", b"\r")


class Line(NamedTuple):
    """One line of the body: its bytes without the line end, and the line end as sent (b"" for a line cut by the end)."""

    raw: bytes
    end: bytes

    @property
    def text(self) -> str:
        return self.raw.decode("utf-8", "replace")

    @property
    def name(self) -> str:
        """The field name; "" for a comment."""
        return self.raw.partition(b":")[0].decode("utf-8", "replace")

    @property
    def rest(self) -> str:
        """Everything after the first colon, spaces included."""
        return self.raw.partition(b":")[2].decode("utf-8", "replace")

    @property
    def value(self) -> str:
        """The field value: one leading space, if any, is not part of it."""
        return self.rest.removeprefix(" ")

    @property
    def is_utf8(self) -> bool:
        return _is_utf8(self.raw)


@dataclass
class Event:
    """A block of lines up to a blank line, with its byte offsets in the body. `terminated` says the blank line came; `data` is
    the `data` lines joined by LF, None where there is none. `plain` are those that are as nearly all are: `data: {...` or `data: [DONE]`
    in one line of UTF-8, two LF, and nothing before."""

    lines: tuple[Line, ...]
    start: int
    stop: int
    terminated: bool
    data: str | None
    plain: bool = False

    def field(self, name: str) -> str | None:
        """The value of the last field of that name, None where there is none."""
        if self.plain and name != "data":
            return None
        whole, start = name.encode(), f"{name}:".encode()
        for line in reversed(self.lines):
            if line.raw.startswith(start) or line.raw == whole:
                return line.value
        return None

    @property
    def comments(self) -> tuple[str, ...]:
        return tuple(line.rest for line in self.lines if line.raw.startswith(b":"))

    @property
    def only_comments(self) -> bool:
        return not self.plain and all(line.raw.startswith(b":") for line in self.lines)


@dataclass
class Reader:
    """Feed it bytes in any portions; it gives the same events however they were split."""

    bom: bool = False
    line_ends: set[bytes] = field(default_factory=set)
    _buffer: bytearray = field(default_factory=bytearray)
    _lines: list[Line] = field(default_factory=list)
    _offset: int = 0
    _start: int = 0
    _began: bool = False

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes of the body; give the events that they complete."""
        self._buffer += data
        return self._drain(final=False)

    def close(self) -> list[Event]:
        """The body is over: give what is left, an unterminated event included."""
        events = self._drain(final=True)
        if self._buffer:
            self._lines.append(Line(bytes(self._buffer), b""))
            self._offset += len(self._buffer)
            self._buffer.clear()
        if self._lines:
            events.append(self._event(terminated=False))
        return events

    def _drain(self, *, final: bool) -> list[Event]:
        if not self._began:
            if len(self._buffer) < len(BOM) and BOM.startswith(bytes(self._buffer)) and not final:
                return []
            self._began = True
            if self._buffer.startswith(BOM):
                self.bom = True
                del self._buffer[: len(BOM)]
                self._offset = self._start = len(BOM)
        events = []
        whole = bytes(self._buffer).splitlines(keepends=True)
        rest = b""
        if whole and (whole[-1][-1:] not in _ENDS or (whole[-1].endswith(b"\r") and not final)):
            rest = whole.pop()  # its end may still come, and an LF after a CR
        for line in whole:
            end = b"\r\n" if line.endswith(b"\r\n") else line[-1:]
            self.line_ends.add(end)
            self._offset += len(line)
            if len(line) > len(end):
                self._lines.append(Line(line[: -len(end)], end))
            elif self._lines:
                events.append(self._event(terminated=True))
            else:
                self._start = self._offset
        self._buffer = bytearray(rest)
        return events

    def _event(self, *, terminated: bool) -> Event:
        values = [
            line.raw[5:].removeprefix(b" ")
            for line in self._lines
            if line.raw.startswith(b"data:") or line.raw == b"data"
        ]
        data = b"\n".join(values).decode("utf-8", "replace") if values else None
        event = Event(tuple(self._lines), self._start, self._offset, terminated, data)
        self._lines.clear()
        self._start = self._offset
        return event


def read(body: bytes) -> tuple[Reader, tuple[Event, ...]]:
    """Read a whole body at once: the reader, for what it saw of BOM and line ends, and every block of lines."""
    reader = Reader()
    if (plain := _plain(body)) is not None:
        reader.line_ends.add(b"\n")
        return reader, plain
    events = reader.feed(body)
    events += reader.close()
    return reader, tuple(events)


def _plain(body: bytes) -> tuple[Event, ...] | None:
    """What the Reader would make of a body in the form of nearly all streams, in a fraction of the time: lines end in LF, each
    event is one line of data. None for every other body."""
    blocks = body.split(b"\n\n")
    if b"\r" in body or blocks.pop() != b"" or not blocks:
        return None
    events, at, unicode = [], 0, _is_utf8(body)
    for raw in blocks:
        if not raw.startswith(b"data:") or b"\n" in raw:
            return None
        data = raw[5:].removeprefix(b" ").decode("utf-8", "replace")
        plain = unicode and (raw.startswith(b"data: {") or raw == b"data: [DONE]")
        events.append(Event((Line(raw, b"\n"),), at, at := at + len(raw) + 2, True, data, plain))
    return tuple(events)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
