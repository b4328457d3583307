"""The smallest change that a test would have seen: the baseline's answers split in two halves, one of them changed. Needs numpy.

Only half of the answers stand on either side, so what is said is a little worse than the truth.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conformance.parity.same_model import samples
from conformance.parity.same_model.permutation import SEED, Stratum, permute
from conformance.record.run_lines import Record

SPLITS = 20
PERMUTATIONS = 500
WANTED = 0.9
"""The share of splits in which a change must be seen."""
SHIFTS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Nats by which every logprob is moved up or down."""
SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
"""Shares of answers that are exchanged for answers to another prompt."""

Own = Sequence[tuple[str, Sequence[samples.Logprobs] | Sequence[str]]]
"""(kind of question, the baseline's answers) of each stratum."""


def smallest(method: str, own: Own, alpha: float) -> Record:
    """The `power` of a same-model line."""
    sizes, unit = (SHIFTS, "nats") if method == "logprobs" else (SHARES, "of the answers")
    own = [(kind, answers) for kind, answers in own if len(answers) >= 2]
    seen = 0.0
    for size in sizes if own else ():
        generator = np.random.default_rng(SEED)
        seen = float(np.mean([_detected(method, own, size, alpha, generator) for _ in range(SPLITS)]))
        if seen >= WANTED:
            return {"smallest": size, "unit": unit, "detected": seen, "splits": SPLITS}
    return {"smallest": None, "unit": unit, "detected": seen, "splits": SPLITS}


def _detected(method: str, own: Own, size: float, alpha: float, generator: np.random.Generator) -> bool:
    make = _moved if method == "logprobs" else _mixed
    return permute(make(own, size, generator), PERMUTATIONS).p_value < alpha


def _moved(own: Own, shift: float, generator: np.random.Generator) -> list[Stratum]:
    """Each token's logprob moved by `shift`, up or down, the same for all answers of one side."""
    strata = []
    for _, answers in own:
        table = generator.permutation(samples.logprobs_table(answers))
        first = len(table) // 2
        table[:first] += shift * generator.choice([-1.0, 1.0], size=table.shape[1])
        strata.append(samples.logprobs_apart(table, first))
    return strata


def _mixed(own: Own, share: float, generator: np.random.Generator) -> list[Stratum]:
    """So many answers of one side exchanged for answers to other prompts."""
    others = [answer for _, answers in own for answer in answers]
    strata = []
    for kind, answers in own:
        order = generator.permutation(len(answers))
        mine, theirs = ([answers[n] for n in half] for half in np.array_split(order, 2)[::-1])
        foreign = generator.random(len(mine)) < share
        mine = [
            others[generator.integers(len(others))] if out else text for out, text in zip(foreign, mine, strict=True)
        ]
        strata.append(samples.stratum(kind, mine, theirs))
    return strata
