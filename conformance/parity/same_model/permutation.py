"""Permutation tests of whether two groups of answers are alike, within strata (one prompt asked one way). Needs numpy.

What is tested: that within each stratum it makes no difference which side an answer is from. Under that hypothesis the labels
may be exchanged, so whatever statistic is taken, the share of exchanges that give at least as much is a p-value that is right
at any sample size: at most alpha of the tests of equal sides give p <= alpha. Sides that always give one and the same answer
give p = 1. Nothing here knows of prompts or servers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PERMUTATIONS = 2000
"""Exchanges drawn: p-values as small as 0.0005, and at alpha = 0.01 an error of a fifth of it."""
NOTHING = 1e-9
"""Sums of distances, shares and logprobs below this are rounding."""
SEED = 20261128
"""A replay gives the same p-value."""


@dataclass(frozen=True)
class Stratum:
    """The answers to one prompt asked one way, those of the first side first. `apart` holds for each statistic the distance of
    every two answers, a square with zeros on its diagonal; `numbers` for each statistic one number an answer."""

    first: int
    apart: dict[str, np.ndarray]
    numbers: dict[str, np.ndarray]

    @property
    def size(self) -> int:
        return next(iter((*self.apart.values(), *self.numbers.values()))).shape[0]


@dataclass(frozen=True)
class Result:
    """The p-value of all statistics together, and of each its value (for the labels as they are) and own p-value."""

    p_value: float
    values: dict[str, float]
    p_values: dict[str, float]


def permute(strata: Sequence[Stratum], permutations: int = PERMUTATIONS, seed: int = SEED) -> Result:
    """Test all strata together. The energy distance is taken of distances (how much further apart answers of different sides
    are than those of one), the difference of means of numbers. Several statistics are joined by the smallest of their
    p-values, which is held against its own distribution under the same exchanges (Westfall and Young)."""
    generator = np.random.default_rng(seed)
    sums: dict[str, np.ndarray] = {}
    for stratum in strata:
        signs = _signs(stratum, permutations, generator)
        for name, apart in stratum.apart.items():
            energy = -((signs @ apart) * signs).sum(axis=1)
            sums[name] = sums.get(name, 0.0) + energy
        for name, numbers in stratum.numbers.items():
            sums[name] = sums.get(name, 0.0) + signs @ numbers
    for name in {name for stratum in strata for name in stratum.numbers}:
        sums[name] = np.abs(sums[name])
    shares = {name: _shares(_rounded(values)) for name, values in sums.items()}
    smallest = np.min(np.stack(list(shares.values())), axis=0)
    p_value = float(np.mean(smallest <= smallest[0]))
    values = {name: float(of[0]) / len(strata) for name, of in sums.items()}
    return Result(p_value, values, {name: float(share[0]) for name, share in shares.items()})


def _signs(stratum: Stratum, permutations: int, generator: np.random.Generator) -> np.ndarray:
    """For each exchange (the first: none) the weight of each answer: one by the number of the first side's, minus one by that
    of the other's."""
    n, first = stratum.size, stratum.first
    order = np.argsort(generator.random((permutations, n)), axis=1)
    order[0] = np.arange(n)
    return np.where(order < first, 1.0 / first, -1.0 / (n - first))


def _rounded(values: np.ndarray) -> np.ndarray:
    """Sums of the same numbers in another order are the same, and what only rounding makes of equal answers is nothing."""
    scale = np.max(np.abs(values))
    return np.round(values / scale, 9) if scale > NOTHING else np.zeros_like(values)


def _shares(values: np.ndarray) -> np.ndarray:
    """For each exchange the share of all exchanges that give at least as much."""
    ordered = np.sort(values)
    return (len(values) - np.searchsorted(ordered, values, side="left")) / len(values)
