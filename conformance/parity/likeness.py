"""How alike two texts are, and where they part. Pure, and bounded whatever an endpoint says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any

MOST_WORDS = 2000
"""Words of a text that are compared; matching takes time with their square, and golden answers have some hundred."""
CONTEXT = 8
"""Words (or tokens) shown before and after the place where two texts part."""
SHOWN = 120
"""Characters of them."""

_WORD = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True)
class Parting:
    """Where two texts part: the position of the first unit that differs, what comes before it, and how each goes on."""

    at: int
    unit: str
    before: str
    target: str
    baseline: str

    @property
    def record(self) -> dict[str, Any]:
        return asdict(self)


def words(text: str) -> list[str]:
    """The words of a text, each with the blanks before it, so that together they are the text."""
    return _WORD.findall(text)


def similarity(one: str, other: str) -> float:
    """From 0, no word in common, to 1, equal: twice the words in common, in order, by the words of both."""
    if one == other:
        return 1.0
    mine, theirs = words(one)[:MOST_WORDS], words(other)[:MOST_WORDS]
    ratio = SequenceMatcher(None, mine, theirs, autojunk=False).ratio()
    return round(min(ratio, 0.9999), 4)  # 1 is said of equal texts alone


def parting(mine: Sequence[str], theirs: Sequence[str], unit: str) -> Parting | None:
    """Where two texts part, given their words or tokens; None where they are equal."""
    at = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs)))
    if at == len(mine) == len(theirs):
        return None
    after = slice(at, at + CONTEXT)
    before = "".join(mine[max(0, at - CONTEXT) : at])
    return Parting(at, unit, before[-SHOWN:], "".join(mine[after])[:SHOWN], "".join(theirs[after])[:SHOWN])
