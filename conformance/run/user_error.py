"""What the user got wrong, in one line, and what he may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from conformance.wire.redact import without_keys


class UserError(Exception):
    """The user's mistake, in one line: exit code 2. It repeats nothing that looks like a key."""

    def __init__(self, message: str) -> None:
        super().__init__(without_keys(message))


def typed(text: str, limit: int) -> str:
    """What a user typed, in quotes and cut at `limit` characters, without what looks like a key."""
    return f"{without_keys(text)!r:.{limit}}"


def nearest(word: str, known: Iterable[str]) -> str:
    """` - did you mean ...?`, or "" where nothing is near."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    return f" - did you mean {near[0]}?" if near else ""
