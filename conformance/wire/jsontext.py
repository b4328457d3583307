"""JSON text from strangers: strict where clients are strict (NaN, a byte order mark), bounded in depth, raising nothing else.

It must not judge: it says in words why a text is not JSON, and the checks decide what that means.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 100
"""Deeper nesting than any answer of this API needs; parsers of other clients give up at 64 to 1000."""

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_LOOSE = re.compile(r'"[ \t\r\n]+:')
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"


class NotJSON(ValueError):
    """The text is not one JSON value; `str()` says why, in words."""


def _refuse_constant(name: str) -> Any:
    raise NotJSON(f"the literal {name}, which JSON does not have")


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)  # made once: making one costs as much as a chunk


def parse(text: bytes) -> Any:
    """The JSON value of a UTF-8 text. Raises NotJSON with the reason."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJSON(f"not UTF-8: {error.reason} at byte {error.start}") from None
    return parse_text(decoded)


def parse_text(text: str) -> Any:
    """The JSON value of a text, a byte order mark left aside. Raises NotJSON with the reason."""
    decoded = text.removeprefix("\ufeff")
    if not decoded or decoded.isspace():
        raise NotJSON("empty")
    try:
        value = _value(decoded.rstrip(" \t\r\n"))
    except json.JSONDecodeError as error:
        raise NotJSON(f"{error.msg} at character {error.pos}: {show(decoded[error.pos : error.pos + 40])}") from None
    except NotJSON:
        raise
    except RecursionError:
        raise NotJSON(TOO_DEEP) from None
    except ValueError as error:  # an integer of more than 4300 digits
        raise NotJSON(str(error)) from None
    if decoded.count("[") + decoded.count("{") > MAX_DEPTH and _is_deep(value):
        raise NotJSON(TOO_DEEP)
    return _mended(value) if "\\u" in decoded and _SURROGATE.search(decoded) else value


def doubled(text: bytes | str) -> str | None:
    """The first key that one object of a JSON text has twice; None where each has it once, or the text is none."""
    found: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            found.extend(name for n, name in enumerate(names) if name in names[:n])

    try:
        json.loads(text, object_pairs_hook=look)
    except (ValueError, RecursionError):
        return None
    return found[0] if found else None


def all_named(text: str, value: Any) -> bool:
    """Whether the value of a JSON text, or the values of several one after another, surely has each name that stands there: none was lost
    because one object has it twice. Where it cannot be told so, it is not.

    A quote that is not escaped stands before a colon only where a name ends. Of texts with blanks between, or with a
    backslash at the end of a string, that is not counted.
    """
    if '\\\\"' in text or _LOOSE.search(text):
        return False
    return text.count('":') - text.count('\\":') == _names(value)


def _names(value: Any) -> int:
    """How many names the objects of a JSON value have together."""
    count, left = 0, [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            count += len(each)
            left += each.values()
        elif isinstance(each, list):
            left += each
    return count


def _value(text: str) -> Any:
    """What the decoder makes of it; it looks for blanks around the value in a slower way, which most texts have no need of."""
    try:
        value, end = _DECODER.scan_once(text, 0)
    except StopIteration:
        end = None
    return value if end == len(text) else _DECODER.decode(text)


def _mended(value: Any) -> Any:
    """The value with U+FFFD for each half of a surrogate pair that lacks the other: clients show no more of it."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


def _is_deep(value: Any) -> bool:
    """Whether arrays and objects nest deeper than MAX_DEPTH."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        inner = (item for each in level for item in (each.values() if isinstance(each, dict) else each))
        level = [item for item in inner if isinstance(item, (dict, list))]
        if not level:
            return False
    return True


def show(value: Any, limit: int = 80) -> str:
    """A value as one safe, short line: JSON, cut at `limit` characters, no control or direction-changing characters."""
    text = printable(_beginning(value, limit + 1))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _beginning(value: Any, length: int) -> str:
    """At least so many characters of a value's JSON, all where it has fewer; what is long is not written out to be cut."""
    if isinstance(value, str):
        return json.dumps(value[:length], ensure_ascii=False)[: -1 if len(value) > length else None]
    text = ""
    try:
        for portion in _ENCODER.iterencode(value):
            text += portion[:length]
            if len(text) >= length:
                break
    except (ValueError, RecursionError):
        return text or repr(value)[:length]
    return text


def printable(text: str) -> str:
    """A text from a stranger, safe to show anywhere: control, direction-changing and lone surrogate characters escaped."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
