"""What became of a JSON text on its way: every member that is not as it was, numbers as they were written. It must not judge."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from conformance.exchange import ABSENT, Unreadable
from conformance.wire.jsontext import show

Path = tuple[str | int, ...]
EXACT = 2**53
"""Whole numbers beyond this are not exact in a float."""


class Number(str):
    """A number as it was written."""

    @property
    def value(self) -> Decimal:
        try:
            return Decimal(self)
        except InvalidOperation:  # an exponent beyond all use
            return Decimal("NaN")


@dataclass(frozen=True)
class Change:
    """One member that is not as it was; ABSENT where there is none, before or after. `order`: the "members" of this object, or the
    "elements" of this list, are the same in another order."""

    path: Path
    was: Any
    now: Any
    order: str = ""

    @property
    def head(self) -> str:
        return str(self.path[0]) if self.path else ""

    @property
    def last(self) -> str:
        return str(self.path[-1]) if self.path else ""

    @property
    def place(self) -> str:
        return ".".join(map(str, self.path)) or "the body"

    @property
    def dropped(self) -> bool:
        return self.now is ABSENT

    @property
    def added(self) -> bool:
        return self.was is ABSENT


def read(text: bytes) -> Any:
    """A JSON text whose numbers are as written. Raises Unreadable."""
    try:
        return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=Number)
    except (ValueError, RecursionError):
        raise Unreadable(f"the body is {show(text[:60].decode('utf-8', 'replace'))}, expected a JSON text") from None


def changes(was: Any, now: Any, path: Path = ()) -> list[Change]:
    """The least members that are not the same, in the order of what was; a member under another name is one of them, not two."""
    if isinstance(was, dict) and isinstance(now, dict):
        found = [
            change
            for name in (*was, *(name for name in now if name not in was))
            for change in _member(was.get(name, ABSENT), now.get(name, ABSENT), (*path, name))
        ]
        kept = [name for name in was if name in now]
        if kept != [name for name in now if name in was]:
            found.append(Change(path, kept, [name for name in now if name in was], "members"))
        return found
    if isinstance(was, list) and isinstance(now, list):
        if len(was) != len(now):
            return [Change(path, was, now)]
        if was != now and Counter(map(_text, was)) == Counter(map(_text, now)):
            return [Change(path, was, now, "elements")]
        return [c for n, (one, other) in enumerate(zip(was, now, strict=True)) for c in changes(one, other, (*path, n))]
    return [] if type(was) is type(now) and was == now else [Change(path, was, now)]


def _member(was: Any, now: Any, path: Path) -> list[Change]:
    if was is ABSENT or now is ABSENT:
        return [Change(path, was, now)]
    return changes(was, now, path)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def said(value: Any, limit: int = 60) -> str:
    """A value of such a text, in a message."""
    if value is ABSENT:
        return "absent"
    return str(value)[:limit] if isinstance(value, Number) else show(plain(value), limit)


BEFORE = 15
"""Characters shown of two texts before the place where they part."""


def apart(was: Any, now: Any) -> tuple[str, str]:
    """Two values that are not the same, each so that the reader sees where they part."""
    if isinstance(was, list) and isinstance(now, list) and len(was) != len(now):
        return f"{len(was)} elements", f"{len(now)} elements"
    if isinstance(was, str) and isinstance(now, str) and not isinstance(was, Number):
        n = next(
            (n for n, (one, other) in enumerate(zip(was, now, strict=False)) if one != other), min(len(was), len(now))
        )
        return tuple(f"{'…' * (n > BEFORE)}{escaped(text[max(0, n - BEFORE) :])}" for text in (was, now))
    return said(was), said(now)


def escaped(text: str) -> str:
    """A text as JSON in ASCII, so that letters that look alike do not."""
    return json.dumps(text[:60])


def plain(value: Any) -> Any:
    """The value with numbers for what was written."""
    if isinstance(value, Number):
        try:
            return json.loads(value)
        except ValueError:
            return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value
