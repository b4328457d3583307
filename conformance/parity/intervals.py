"""How far the times of two sides are apart, and how sure that is. Pure: the same answers give the same numbers.

By the bootstrap over prompts: answers to one prompt are no independent draws, so prompts are drawn, each with all its answers of
both sides. That holds for a tail as for a median, which the interval of Hodges and Lehmann does not, and needs no library.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import chain

from conformance.parity.answers import Answer
from conformance.parity.timing import LEAST, percentile
from conformance.record.run_lines import Record

SHARE = 0.95
"""Of the intervals that hold the true value, where answers are as independent as prompts are."""
RESAMPLES, WORK = 2000, 400_000
"""Draws of all prompts, fewer where there are so many prompts that they would come to more than `WORK` prompts."""
TIMES = ("first", "total", "tokens_per_second")
SHARES = {"p50": 0.5, "p95": 0.95}

Pair = tuple[list[float], list[float]]
"""The times of one prompt: of the target, of the baseline."""
ByPrompt = Mapping[str, Sequence[Answer]]


def beside(target: ByPrompt, baseline: ByPrompt) -> Record:
    """Of each kind of time, how far the target is from the baseline on the prompts that both answered; None of too few."""
    both = [id for id in target if id in baseline]
    return {name: _apart([(_values(target[id], name), _values(baseline[id], name)) for id in both]) for name in TIMES}


def _values(answers: Sequence[Answer], name: str) -> list[float]:
    return [value for a in answers if (value := a.latency[name]) is not None]


def _apart(pairs: Sequence[Pair]) -> Record:
    """`prompts` and values of both, and of each percentile the difference and the ratio, each (seen, low, high)."""
    there = [pair for pair in pairs if pair[0] and pair[1]]
    numbers = [sum(len(pair[side]) for pair in there) for side in (0, 1)]
    record: Record = {"prompts": len(there), "target": numbers[0], "baseline": numbers[1]}
    if min(len(there), *numbers) < LEAST["p95"]:
        return record | dict.fromkeys(SHARES)
    drawn = random.Random(len(there))
    draws = max(200, min(RESAMPLES, WORK // len(there)))
    seen = _quantiles(there)
    found = [_quantiles(drawn.choices(there, k=len(there))) for _ in range(draws)]
    return record | {name: _told(seen[name], [each[name] for each in found]) for name in SHARES}


def _quantiles(pairs: Sequence[Pair]) -> dict[str, tuple[float, float]]:
    mine, theirs = (sorted(chain.from_iterable(pair[side] for pair in pairs)) for side in (0, 1))
    return {name: (percentile(mine, share) or 0.0, percentile(theirs, share) or 0.0) for name, share in SHARES.items()}


def _told(seen: tuple[float, float], drawn: Sequence[tuple[float, float]]) -> Record:
    return {
        "difference": _interval(seen[0] - seen[1], [mine - theirs for mine, theirs in drawn]),
        "ratio": _interval(seen[0] / seen[1], [mine / theirs for mine, theirs in drawn])
        if seen[1] > 0 and all(theirs > 0 for _, theirs in drawn)
        else None,
    }


def _interval(seen: float, drawn: Sequence[float]) -> list[float]:
    """[what was seen, the low end, the high end]."""
    ordered = sorted(drawn)
    rest = (1 - SHARE) / 2
    ends = (percentile(ordered, rest), percentile(ordered, 1 - rest))
    return [round(seen, 6), *(round(end or 0.0, 6) for end in ends)]
