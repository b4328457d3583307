"""The messages of a WebSocket as the bytes that are kept of them: events of a stream, which they are but for their frames. No I/O.

A message in a binary frame is an event named "binary"; that the server closed the connection is a comment.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON

BINARY = "binary"
"""The name of an event that came in a binary frame."""

ENDS = ("response.completed", "response.incomplete", "response.failed")
"""The last events of a turn; so is an error, but one within a response may be followed by another of these."""
CLOSED = b": closed "
"""Begins the comment that says that the server closed the connection."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_DATA = re.compile(r"^data: ?(.*)", re.MULTILINE)
_UNSAFE = re.compile("[\x00-\x1f\x7f]")
_CLOSED = re.compile(rb"^: closed (\d+)", re.MULTILINE)


def message(data: str | bytes) -> bytes:
    """One message as an event; what is in a binary frame and no text is in base64."""
    name = ""
    if isinstance(data, bytes):
        name, data = f"event: {BINARY}\n", _text(data)
    lines = "".join(f"data: {line}\n" for line in _LINE_END.split(data))
    return f"{name}{lines}\n".encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(data).decode("ascii")


def closed(code: int | None, reason: str = "") -> bytes:
    """That the server closed the connection: by which code (1006: without a word, RFC 6455 section 7.4.1), and why."""
    return f": closed {code or 1006} {_UNSAFE.sub('?', reason)}".rstrip().encode("utf-8", "replace") + b"\n\n"


def closing(body: bytes) -> int | None:
    """The code by which the server closed the connection within these bytes, None where it did not."""
    found = _CLOSED.search(body)
    return int(found[1]) if found else None


def sent(body: bytes) -> list[str]:
    """The messages of a request, a line each."""
    return body.decode("utf-8", "replace").split("\n")


class Turn:
    """A turn as it passes, for who sees both sides of it: what was sent since the end of the last, and what came until the next."""

    def __init__(self) -> None:
        self._reading = Reading(0)
        self._sent: list[str] = []

    @property
    def over(self) -> bool:
        return self._reading.over or self._reading.failing

    @property
    def asked(self) -> bytes:
        """The messages that were sent, a line each."""
        return "\n".join(self._sent).encode("utf-8", "surrogatepass")

    def send(self, data: str | bytes) -> None:
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        self._sent.append(_LINE_END.sub(" ", text))
        self._reading.ask()

    def receive(self, data: str | bytes) -> bytes:
        """One message more, as it is kept."""
        self._reading.take(data)
        return message(data)


class Reading:
    """How far the answer to so many messages has been read: `over` at its end, `failing` where an error came within a response, so
    that the end may be there or not."""

    def __init__(self, asked: int) -> None:
        self._asked = self._left = asked
        self._begun = self.failing = False

    def ask(self) -> None:
        """One message more was sent before the end."""
        self._asked += 1
        self._left += 1

    def take(self, data: str | bytes) -> None:
        """One message more."""
        kind = type_of(data)
        self._begun |= kind == "response.created"
        if kind == "error" and self._begun and self._asked == 1:
            self.failing = True
        elif kind in ENDS or kind == "error":
            self._left -= 1

    @property
    def over(self) -> bool:
        return self._left <= 0


def type_of(data: str | bytes) -> str | None:
    """The `type` of a message, also of one in the lines of a stream; None where it has none."""
    text = _text(data) if isinstance(data, bytes) else data
    value = _object(text) or _object("\n".join(_DATA.findall(text)))
    kind = value.get("type") if value else None
    return kind if isinstance(kind, str) else None


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = jsontext.parse_text(text)
    except NotJSON:
        return None
    return value if isinstance(value, dict) else None


def declined(body: bytes) -> bool:
    """Whether the first message that is an object is an error."""
    for event in body.split(b"\n\n"):
        if value := _object("\n".join(_DATA.findall(event.decode("utf-8", "replace")))):
            return value.get("type") == "error"
    return False
