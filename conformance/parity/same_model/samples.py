"""Answers as numbers for the permutation test: top logprobs of one token, or texts. Pure; needs numpy.

A text is compared in few ways, for each further one costs all of them power. The words that answers are made of, wherever they
stand, show another choice of them. How surprising an answer is, by how often its words come in all answers together, is one
number that a change of temperature or of top_p moves alike in all prompts: it is near to the derivative of the likelihood by
the temperature. Its rank among the answers to the prompt is taken: else one answer of words that no other has would outweigh
the rest, and one prompt the others. At temperature 0 a steady server has one answer to a prompt, and any change of the weights
flips some of them: there, only whether two are equal counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from math import fsum, log

import numpy as np

from conformance.parity.same_model.permutation import Stratum

FLOOR = 0.001
"""Nats: logprobs closer than this are the same. In float32, other neighbours in the batch move them by 0.0001 at most (benchmarks/power.py
prints what it sees); coarser arithmetic moves them further, which the baseline's own repeats then show."""
PIECES = 2000
"""Of a text."""

_PIECE = re.compile(r"[^\W\d_]+|\d|[^\w\s]|_")
Logprobs = dict[str, float]


def logprobs_stratum(first: Sequence[Logprobs], second: Sequence[Logprobs]) -> Stratum:
    """The answers of both sides to a prompt, each the top logprobs of its first token."""
    return logprobs_apart(logprobs_table([*first, *second]), len(first))


def logprobs_table(answers: Sequence[Logprobs]) -> np.ndarray:
    """A row an answer, a column a token. Of every answer as many of the likeliest tokens count as the shortest names, but one:
    some servers put the token that they drew in the place of the last. A token that an answer does not name is as likely as
    the last that counts."""
    count = max(1, min(map(len, answers)) - 1)
    kept = [dict(sorted(answer.items(), key=lambda pair: -pair[1])[:count]) for answer in answers]
    tokens = list(dict.fromkeys(chain.from_iterable(kept)))
    return np.array([[answer.get(token, min(answer.values())) for token in tokens] for answer in kept])


def logprobs_apart(table: np.ndarray, first: int) -> Stratum:
    """Rows are apart by the mean difference of their logprobs, in nats."""
    apart = np.abs(table[:, None, :] - table[None, :, :])
    return Stratum(first, {"logprobs": np.where(apart > FLOOR, apart, 0.0).mean(axis=2)}, {})


def warm_stratum(first: Sequence[str], second: Sequence[str], name: str = "surprise") -> Stratum:
    """The answers of both sides to a prompt at a temperature above 0."""
    pieces = [_PIECE.findall(text)[:PIECES] for text in (*first, *second)]
    return Stratum(len(first), {"words": _cosine(_counts(pieces))}, {name: _ranks(_surprise(pieces))})


def _surprise(answers: Sequence[Sequence[str]]) -> np.ndarray:
    """How much less likely the words of each answer are than as many usual ones, in nats: a word is as likely as it is
    frequent in all answers of both sides."""
    counts = Counter(chain.from_iterable(answers))
    total = max(1, counts.total())
    nats = {word: -log(number / total) for word, number in counts.items()}
    usual = sum(nats[word] * number for word, number in counts.items()) / total
    return np.array([fsum(nats[word] - usual for word in answer) for answer in answers])


def _ranks(values: np.ndarray) -> np.ndarray:
    """The share of values below each, equal ones counted by half."""
    below = (values[:, None] > values[None, :]).sum(axis=1) + (values[:, None] == values[None, :]).sum(axis=1) / 2
    return below / len(values)


def cold_stratum(first: Sequence[str], second: Sequence[str]) -> Stratum:
    """The answers of both sides to a prompt at temperature 0."""
    codes = np.unique([*first, *second], return_inverse=True)[1]
    return Stratum(len(first), {"equal": (codes[:, None] != codes[None, :]).astype(float)}, {})


def stratum(
    kind: str, first: Sequence[Logprobs] | Sequence[str], second: Sequence[Logprobs] | Sequence[str]
) -> Stratum:
    """The answers of both sides to a prompt asked in this way (ruling.py)."""
    if kind in ("warm", "nucleus"):
        return warm_stratum(first, second, "surprise" if kind == "warm" else "nucleus")
    return (logprobs_stratum if kind == "logprobs" else cold_stratum)(first, second)


def excess(stratum: Stratum) -> float:
    """How much further apart the answers of different sides are than those of one, by the statistic that says most to people:
    in nats, or as the share of words (or, at temperature 0, of answers)."""
    apart = next(stratum.apart[name] for name in ("logprobs", "words", "equal") if name in stratum.apart)
    n, first = stratum.size, stratum.first
    across = apart[:first, first:].mean()
    if min(first, n - first) < 2:  # one answer is no distance from itself
        return float(across)
    inside = [part.sum() / (len(part) * (len(part) - 1)) for part in (apart[:first, :first], apart[first:, first:])]
    return float(across - sum(inside) / 2)


UNITS = {"logprobs": "nats", "text": "of the words"}

ABOUT = {
    "logprobs": "mean difference of the top logprobs of one token, in nats",
    "words": "words, wherever they stand, at temperature 1",
    "surprise": "how rare the words are among all answers, at temperature 1",
    "nucleus": "the same, with top_p 0.8",
    "equal": "texts that differ at temperature 0",
}
"""What each statistic looks at."""


def _counts(items: Sequence[Sequence[object]]) -> np.ndarray:
    """How often each answer (a row) holds each thing (a column)."""
    columns = {item: n for n, item in enumerate(dict.fromkeys(chain.from_iterable(items)))}
    counts = np.zeros((len(items), max(1, len(columns))))
    for row, each in enumerate(items):
        np.add.at(counts[row], [columns[item] for item in each], 1.0)
    return counts


def _cosine(counts: np.ndarray) -> np.ndarray:
    """One minus the cosine of every two rows; empty ones are equal to each other and to nothing else."""
    empty = ~counts.any(axis=1)
    counts = np.column_stack([counts, empty])
    unit = counts / np.linalg.norm(counts, axis=1, keepdims=True)
    apart = np.clip(1.0 - unit @ unit.T, 0.0, 1.0)
    np.fill_diagonal(apart, 0.0)
    return apart
