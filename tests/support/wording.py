"""What is wrong with the words of a problem, seen from outside: found in the words alone, and in which answers a lie changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from conformance.report.locate import parts_of

PYTHON = re.compile(
    r"<[\w. ]+ (object )?at 0x|<(class|function|object) |\bb'|\b(frozenset|dict_keys|dict_values)\(|<lambda>"
)
"""How Python writes what has no words."""
OWN_WORDS = ("http.answered",)
"""Checks that say how an answer ended, in the words of whoever read it."""


def faults(check: str, message: str) -> Iterator[str]:
    """What is wrong with a message, whatever was answered."""
    what, seen, wanted = parts_of(message)
    if check not in OWN_WORDS and not wanted and ", expected " not in message:
        yield "it does not say what was expected"
    if PYTHON.search(message):
        yield "it shows an object of Python"
    if seen and re.match(re.escape(seen) + r"(?!\w)", wanted):
        yield "what is seen and what is expected read the same"
    if not what.strip():
        yield "it does not say what it is about"


def blames_the_other(message: str, group: tuple[str, ...], changed: Collection[str]) -> bool:
    """Whether the words hold a difference of two answers against the one that is as it should be.

    `group` are the ids of a plain answer and of the same one streamed, `changed` those of them that are not honest.
    """
    what, _, _ = parts_of(message)
    if len(group) != 2 or group[1] != f"{group[0]}+stream" or len(set(group) & set(changed)) != 1:
        return False
    mode = "streamed" if group[0] in changed else "plain"
    return re.search(rf"\b{mode}\b", what) is not None
