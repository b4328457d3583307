"""Puts messages together that say the same of several values or places: one line with two of the values, not a line for each.

It must not judge, and drops nothing but values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from conformance.report.locate import parts_of

VALUES = 2
"""Values that one line names."""
_PLACE = re.compile(r"\b\d+\b")


class Problem(NamedTuple):
    """What is wrong, and in which exchanges: the first of them, and how many they are."""

    ids: tuple[str, ...]
    message: str
    count: int


def grouped(problems: Sequence[Problem], order: Sequence[str] = ()) -> list[Problem]:
    """The problems, those of one path and expectation put together, in the place of the first; their exchanges in this order, for that
    of values may be chance."""
    places = {id: n for n, id in enumerate(order)}
    found: dict[tuple[str, str], list[Problem]] = {}
    for each in problems:
        what, seen, wanted = parts_of(each.message)
        found.setdefault((_PLACE.sub("*", what) if seen else each.message, wanted), []).append(each)
    return [_one(group, places) for group in found.values()]


def reason(text: str) -> str:
    """The reasons of an untestable check, which are told one after another, put together in the same way."""
    return "; ".join(each.message for each in grouped([Problem((), part, 0) for part in text.split("; ")]))


def _one(group: list[Problem], places: Mapping[str, int]) -> Problem:
    if len(group) == 1:
        return group[0]
    named = dict.fromkeys(id for each in group for id in each.ids)
    ids = tuple(sorted(named, key=lambda joined: places.get(joined.partition(" + ")[0], len(places))))
    parts = [parts_of(each.message) for each in group]
    what, _, wanted = parts[0]
    values = _several(seen for _, seen, _ in parts)
    more = len({what for what, _, _ in parts}) - 1
    where = f" (and at {more} more place{'s' * (more > 1)})" if more else ""
    message = f"{what} is {values}, expected {wanted}{where}" if wanted else group[0].message
    return Problem(ids, message, max(len(ids), *(each.count for each in group)))


def _several(values: Iterable[str]) -> str:
    """The first of these values; how many there are of a time is chance, and no number."""
    found = list(dict.fromkeys(values))
    return " or ".join([*found[:VALUES], *(["others"] if len(found) > VALUES else [])])
