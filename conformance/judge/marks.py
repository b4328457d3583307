"""Marks that requests ask to be repeated, so that an answer tells whose it is: made up by the thousand, and no model says one by itself.

A mark ends in a seal of what is before it. So a mark that a model garbles is none, and one that is whole and stands in no request of its
answer's was said to somebody else.
"""

from __future__ import annotations

import hashlib
import re

_FIRST = (
    "amber", "birch", "cobalt", "damson", "ember", "fennel", "garnet", "hazel", "indigo", "jasper", "kelp", "larch", "maple", "nutmeg",
    "ochre", "poplar", "quartz", "rowan", "sorrel", "teak", "umber", "violet", "willow", "yarrow",
)  # fmt: skip
_LAST = (
    "oriole", "heron", "linnet", "osprey", "plover", "wagtail", "siskin", "dunlin", "curlew", "fulmar", "gannet", "hoopoe", "jackdaw",
    "kestrel", "lapwing", "merlin", "nuthatch", "ouzel", "petrel", "quail", "redstart", "shrike", "tern", "warbler",
)  # fmt: skip
MARKS = 360_000
"""How many there are."""
_LETTERS = "bcdfghjkmnpqrstvwxz"
_MARK = re.compile(r"([a-z]{3,8}-[0-9]{4}-[a-z]{3,8})-([a-z]{4})(?![a-z])")


def mark(number: int) -> str:
    """The mark of this number; numbers below MARKS have different ones, and of eight in a row no two share a word."""
    first, last = _FIRST[number % len(_FIRST)], _LAST[(number + number // len(_FIRST)) % len(_LAST)]
    said = f"{first}-{(number * 7919 + 4471) % 10_000:04d}-{last}"
    return f"{said}-{_seal(said)}"


def marks(text: str) -> list[str]:
    """The marks in a text, in their order; those that are not whole left out."""
    return list(dict.fromkeys(f"{said}-{seal}" for said, seal in _MARK.findall(text) if seal == _seal(said)))


def _seal(said: str) -> str:
    number = int.from_bytes(hashlib.sha256(said.encode()).digest()[:6])
    return "".join(_LETTERS[number // len(_LETTERS) ** n % len(_LETTERS)] for n in range(4))
