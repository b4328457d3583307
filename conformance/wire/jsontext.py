"""JSON text from strangers: strict where clients are strict (NaN, a byte order mark), bounded in depth, raising nothing else.

It must not judge: it says in words why a text is not JSON, and the checks decide what that means.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 100
"""Deeper nesting than any answer of this API needs; parsers of other clients give up at 64 to 1000."""

_BRACKETS = re.compile(rb'(?s)"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]')  # a string without an end reaches to the end
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]")


class NotJSON(ValueError):
    """The text is not one JSON value; `str()` says why, in words."""


def _refuse_constant(name: str) -> Any:
    raise NotJSON(f"the literal {name}, which JSON does not have")


def parse(text: bytes) -> Any:
    """The JSON value of a UTF-8 text. Raises NotJSON with the reason."""
    if not text.strip():
        raise NotJSON("empty")
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJSON(f"not UTF-8: {error.reason} at byte {error.start}") from None
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH and depth(text) > MAX_DEPTH:
        raise NotJSON(f"nested deeper than {MAX_DEPTH} levels")
    try:
        return json.loads(decoded, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise NotJSON(f"{error.msg} at character {error.pos}: {show(decoded[error.pos : error.pos + 40])}") from None
    except NotJSON:
        raise
    except (ValueError, RecursionError) as error:  # an integer of more than 4300 digits
        raise NotJSON(str(error)) from None


def depth(text: bytes) -> int:
    """How deep the brackets of a JSON text nest, strings left out."""
    level = deepest = 0
    for match in _BRACKETS.finditer(text):
        mark = match.group()[0]
        if mark in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif mark in b"]}":
            level -= 1
    return deepest


def show(value: Any, limit: int = 80) -> str:
    """A value as one safe, short line: JSON, cut at `limit` characters, no control or direction-changing characters."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    except (ValueError, RecursionError):
        text = repr(value)
    text = printable(text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def printable(text: str) -> str:
    """A text from a stranger, safe to show anywhere: control, direction-changing and lone surrogate characters escaped."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
