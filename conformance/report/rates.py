"""Rates and whether one is higher than another: Wilson's interval, Fisher's exact test, Holm's correction. Pure numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

Z = 1.959964
"""Of the normal distribution, for an interval of 95 %."""
NEGLIGIBLE = 1e-15
"""The part of a sum below which a further term, each smaller than the last, adds nothing."""


def interval(part: int, whole: int) -> tuple[float, float]:
    """Wilson's interval of 95 % for a rate; all of it where nothing was counted."""
    if whole <= 0:
        return 0.0, 1.0
    rate, spread = part / whole, Z * Z / whole
    middle = (rate + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(rate * (1 - rate) / whole + spread / (4 * whole))
    return max(0.0, middle - half) if part else 0.0, min(1.0, middle + half) if part < whole else 1.0


def higher(part: int, whole: int, before: int, whole_before: int) -> float:
    """How likely chance alone would make so many or more of the failures of both fall to the later: Fisher's exact test, one-sided.
    1 where the later rate is not higher."""
    if not whole or not whole_before or part * whole_before <= before * whole:
        return 1.0
    failures = part + before
    term = _log_choose(whole, part) + _log_choose(whole_before, before) - _log_choose(whole + whole_before, failures)
    total = value = math.exp(term)
    for k in range(part, min(failures, whole)):
        value *= (whole - k) * (failures - k) / ((k + 1) * (whole_before - failures + k + 1))
        total += value
        if value < NEGLIGIBLE * total:
            break
    return min(1.0, total)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def corrected(likelihoods: Sequence[float]) -> list[float]:
    """Each made so much larger that, of however many, the chance that any at all is below a bound by chance is that bound: Holm's."""
    ordered = sorted(range(len(likelihoods)), key=likelihoods.__getitem__)
    found, least = [1.0] * len(likelihoods), 0.0
    for n, place in enumerate(ordered):
        least = max(least, min(1.0, likelihoods[place] * (len(likelihoods) - n)))
        found[place] = least
    return found
