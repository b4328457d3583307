"""Two answers side by side: which words differ, and which members of their JSON and tool calls. Bounded, pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from conformance.exchange import ABSENT
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON, show

WORDS = 400
"""Words of a text that are compared and shown; finding what two long texts share takes time by the square of their length."""
LETTERS = 6000
"""Characters of a text that are shown, for a word may be of any length."""
ROWS = 40
"""Members of a JSON value that are shown."""
_WORD = re.compile(r"\s*(?:\w+|[^\w\s])|\s+$")

Parts = list[tuple[str, bool]]
"""Portions of a text, and whether each differs from the other text."""


@dataclass(frozen=True)
class Member:
    """One member of two JSON values by its path: as the target and the baseline have it, "" where one has none."""

    path: str
    target: str
    baseline: str

    @property
    def same(self) -> bool:
        return self.target == self.baseline


def word_diff(target: str, baseline: str) -> tuple[Parts, Parts]:
    """Both texts in portions that are the same in the other, or not."""
    mine, theirs = _words(target), _words(baseline)
    bare = [[word.strip() for word in side] for side in (mine, theirs)]
    left, right = [], []
    for kind, a, b, c, d in SequenceMatcher(None, *bare, autojunk=False).get_opcodes():
        if a < b:
            left.append(("".join(mine[a:b]), kind != "equal"))
        if c < d:
            right.append(("".join(theirs[c:d]), kind != "equal"))
    return left + _rest(target, mine), right + _rest(baseline, theirs)


def _words(text: str) -> list[str]:
    return _WORD.findall(text[:LETTERS])[:WORDS]


def _rest(text: str, words: list[str]) -> Parts:
    left = len(text) - sum(map(len, words))
    return [(f" … ({left:,} more characters)", False)] if left > 0 else []


def json_of(text: str | None) -> Any:
    """The JSON object or array of a text, ABSENT where it is none."""
    try:
        value = jsontext.parse_text(text or "")
    except NotJSON:
        return ABSENT
    return value if isinstance(value, dict | list) else ABSENT


def members(target: Any, baseline: Any) -> list[Member]:
    """The members of two JSON values, those that differ first, then in order."""
    mine, theirs = dict(_flat(target)), dict(_flat(baseline))
    rows = [Member(path, mine.get(path, ""), theirs.get(path, "")) for path in dict.fromkeys((*theirs, *mine))]
    return sorted(rows, key=lambda row: row.same)[:ROWS]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, value as a short text) of every leaf."""
    if value is ABSENT:
        return
    if isinstance(value, dict | list) and value:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _flat(inner, f"{path}.{key}"[:200] if path else str(key)[:200])
    elif isinstance(value, float) and value.is_integer():
        yield path or "(all)", json.dumps(int(value))
    else:
        yield path or "(all)", show(value, 120)
