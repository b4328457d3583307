"""How much work and memory the reading of a body makes, told from its bytes before it is read."""

from __future__ import annotations

OBJECT = 5
"""An object counts as so many values: it costs some 400 bytes, a value in a list some 80."""


def values(body: bytes) -> int:
    """About how many values a JSON text, or all events of a stream, hold; never much less, for separators inside texts count, too."""
    return body.count(b",") + body.count(b"[") + OBJECT * body.count(b"{")


def lines(body: bytes) -> int:
    """Line ends, each CR, LF or both, as server-sent events have them."""
    return body.count(b"\n") + body.count(b"\r") - body.count(b"\r\n")
