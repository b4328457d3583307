"""What the user got wrong, in one line, and what he may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """The user's mistake, in one line: exit code 2."""


def nearest(word: str, known: Iterable[str]) -> str:
    """` - did you mean ...?`, or "" where nothing is near."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    return f" - did you mean {near[0]}?" if near else ""
