"""Reads server-sent events from raw bytes and keeps everything it sees, legal or not.

It must not repair, judge or drop anything: line ends, comments, a missing blank line at the end, invalid UTF-8, a byte
order mark and unknown fields all stay visible, because they are what breaks clients that read less forgivingly.
Grammar: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"[\r\n]")


@dataclass(frozen=True)
class Line:
    """One line of the body: its bytes without the line end, and the line end as sent (b"" for a line cut by the end)."""

    raw: bytes
    end: bytes

    @cached_property
    def text(self) -> str:
        return self.raw.decode("utf-8", "replace")

    @cached_property
    def name(self) -> str:
        """The field name; "" for a comment."""
        return self.text.partition(":")[0]

    @property
    def rest(self) -> str:
        """Everything after the first colon, spaces included."""
        return self.text.partition(":")[2]

    @property
    def value(self) -> str:
        """The field value: one leading space, if any, is not part of it."""
        rest = self.rest
        return rest[1:] if rest.startswith(" ") else rest

    @property
    def is_utf8(self) -> bool:
        try:
            self.raw.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True


@dataclass(frozen=True)
class Event:
    """A block of lines up to a blank line, with its byte offsets in the body. `terminated` says the blank line came."""

    lines: tuple[Line, ...]
    start: int
    stop: int
    terminated: bool

    def field(self, name: str) -> str | None:
        """The value of the last field of that name, None where there is none."""
        return next((line.value for line in reversed(self.lines) if line.name == name), None)

    @cached_property
    def data(self) -> str | None:
        """The `data` lines joined by LF, None where there is none."""
        values = [line.value for line in self.lines if line.name == "data"]
        return "\n".join(values) if values else None

    @property
    def comments(self) -> tuple[str, ...]:
        return tuple(line.rest for line in self.lines if line.raw.startswith(b":"))

    @property
    def only_comments(self) -> bool:
        return all(line.raw.startswith(b":") for line in self.lines)


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
            self._take(len(self._buffer), b"")
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
        while (cut := self._line_end(final)) is not None:
            length, end = cut
            if self._take(length, end):
                continue
            if self._lines:
                events.append(self._event(terminated=True))
            else:
                self._start = self._offset
        return events

    def _line_end(self, final: bool) -> tuple[int, bytes] | None:
        """Length of the next line and its end. A CR that ends the buffer waits: an LF may follow it."""
        found = _LINE_END.search(self._buffer)  # not find(), which reads the whole body for the end that is not there
        if found is None:
            return None
        at = found.start()
        if self._buffer[at] == 0x0A:
            return at, b"\n"
        if at + 1 == len(self._buffer):
            return (at, b"\r") if final else None
        return (at, b"\r\n") if self._buffer[at + 1] == 0x0A else (at, b"\r")

    def _take(self, length: int, end: bytes) -> bool:
        """Consume one line; False for a blank one, which closes the event."""
        raw = bytes(self._buffer[:length])
        del self._buffer[: length + len(end)]
        self._offset += length + len(end)
        if end:
            self.line_ends.add(end)
        if raw or not end:
            self._lines.append(Line(raw, end))
            return True
        return False

    def _event(self, *, terminated: bool) -> Event:
        event = Event(tuple(self._lines), self._start, self._offset, terminated)
        self._lines.clear()
        self._start = self._offset
        return event


def read(body: bytes) -> tuple[Reader, tuple[Event, ...]]:
    """Read a whole body at once: the reader, for what it saw of BOM and line ends, and every block of lines."""
    reader = Reader()
    events = reader.feed(body)
    events += reader.close()
    return reader, tuple(events)
