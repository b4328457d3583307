"""A covering array: few sets of features in which every pair that may stand together does so at least once.

Our own thirty lines and no library: those for pairwise tests take rows of fixed columns, and neither a feature that needs another
nor a bound on how many stand in one row, which is what tells the guilty pair of a refused one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import combinations

Pair = frozenset[str]
Row = frozenset[str]


def pairs(names: Collection[str]) -> set[Pair]:
    return {frozenset(pair) for pair in combinations(names, 2)}


def whole(names: Collection[str], needs: Mapping[str, Collection[str]]) -> Row:
    """The names with all that they need, and what that needs."""
    found, left = set(), list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += needs.get(name, ())
    return frozenset(found)


def rows(
    names: Collection[str], needs: Mapping[str, Collection[str]], fits: Callable[[Row], bool], width: int
) -> list[Row]:
    """Rows of at most `width` names, but for what a pair needs, that cover every pair which fits; the same for the same names.

    Greedy: each row begins with a pair that is still missing, and takes on whatever brings in the most of those.
    """
    order = sorted(names)
    missing = {pair: row for pair in sorted(pairs(order), key=sorted) if fits(row := whole(pair, needs))}
    found = []
    while missing:
        row = next(iter(missing.values()))
        while True:
            wider = [more for name in order if (more := whole(row | {name}, needs)) != row and len(more) <= width]
            gains = {more: len(pairs(more) & missing.keys()) for more in wider if fits(more)}
            best = max(gains, key=gains.__getitem__, default=row)
            if gains.get(best, 0) <= len(pairs(row) & missing.keys()):
                break
            row = best
        found.append(row)
        missing = {pair: base for pair, base in missing.items() if not pair <= row}
    return found
