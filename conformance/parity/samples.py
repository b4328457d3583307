"""Answers as numbers for the permutation test: top logprobs of one token, or texts. Pure; needs numpy.

A text is compared in three ways, each blind to what another sees. The Hamming distance of characters sees answers that begin
otherwise; the words and pairs of words that an answer is made of, wherever they stand, see another choice of them; and how
surprising an answer is, by the words of all answers together, sees with its one number what a change of temperature or of
top_p does to all prompts alike. At temperature 0 a steady server has one answer to a prompt, and any change of the weights
flips some of them: there, only whether two are equal counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

import numpy as np

from conformance.parity.permuting import Stratum

FLOOR = 0.001
"""Nats: logprobs closer than this are the same. In float32, other neighbours in the batch move them by 0.0001 at most (tests/power.py
prints what it sees); coarser arithmetic moves them further, which the baseline's own repeats then show."""
CHARACTERS = 200
"""Of a text that the Hamming distance looks at; words are taken of all of it."""
PIECES = 2000
"""Of a text."""

_PIECE = re.compile(r"[^\W\d_]+|\d|[^\w\s]|_")
Logprobs = dict[str, float]


def logprobs_stratum(first: Sequence[Logprobs], second: Sequence[Logprobs]) -> Stratum:
    """The answers of both sides to a prompt, each the top logprobs of its first token."""
    return logprobs_apart(logprobs_table([*first, *second]), len(first))


def logprobs_table(answers: Sequence[Logprobs]) -> np.ndarray:
    """A row an answer, a column a token; a token that an answer does not name is as likely as the last that it names."""
    tokens = list(dict.fromkeys(chain.from_iterable(answers)))
    return np.array([[answer.get(token, min(answer.values())) for token in tokens] for answer in answers])


def logprobs_apart(table: np.ndarray, first: int) -> Stratum:
    """Rows are apart by the mean difference of their logprobs, in nats."""
    apart = np.abs(table[:, None, :] - table[None, :, :])
    return Stratum(first, {"logprobs": np.where(apart > FLOOR, apart, 0.0).mean(axis=2)}, {})


def warm_stratum(first: Sequence[str], second: Sequence[str]) -> Stratum:
    """The answers of both sides to a prompt at temperature 1."""
    texts = [*first, *second]
    pieces = [_PIECE.findall(text)[:PIECES] for text in texts]
    words = _counts(pieces)
    pairs = _counts([list(pairwise(["", *each, ""])) for each in pieces])
    lengths = words.sum(axis=1)
    share = words.sum(axis=0) / max(words.sum(), 1)
    surprise = -np.log(share, where=share > 0, out=np.zeros_like(share))
    surprise = words @ (surprise - share @ surprise)
    apart = {"hamming": _hamming(texts), "words": _cosine(words), "pairs": _cosine(pairs)}
    return Stratum(len(first), apart, {"surprise": surprise, "length": lengths / max(lengths.mean(), 1)})


def cold_stratum(first: Sequence[str], second: Sequence[str]) -> Stratum:
    """The answers of both sides to a prompt at temperature 0."""
    codes = np.unique([*first, *second], return_inverse=True)[1]
    return Stratum(len(first), {"equal": (codes[:, None] != codes[None, :]).astype(float)}, {})


def stratum(
    kind: str, first: Sequence[Logprobs] | Sequence[str], second: Sequence[Logprobs] | Sequence[str]
) -> Stratum:
    """The answers of both sides to a prompt asked in this way (same.py)."""
    make = {"logprobs": logprobs_stratum, "cold": cold_stratum}
    return make.get(kind, warm_stratum)(first, second)


def excess(stratum: Stratum) -> float:
    """How much further apart the answers of different sides are than those of one, by the statistic that says most to people:
    in nats, or as the share of words (or, at temperature 0, of answers)."""
    apart = next(stratum.apart[name] for name in ("logprobs", "words", "equal") if name in stratum.apart)
    n, first = stratum.size, stratum.first
    across = apart[:first, first:].mean()
    inside = [part.sum() / (len(part) * (len(part) - 1)) for part in (apart[:first, :first], apart[first:, first:])]
    return float(across - sum(inside) / 2) if min(first, n - first) > 1 else float(across)


UNITS = {"logprobs": "nats", "text": "of the words"}

ABOUT = {
    "logprobs": "mean difference of the top logprobs of one token, in nats",
    "hamming": "characters that differ, by their place, at temperature 1",
    "words": "words, wherever they stand, at temperature 1",
    "pairs": "pairs of words in a row, at temperature 1",
    "surprise": "how unlikely the words are among all answers, at temperature 1",
    "length": "how long the answers are, at temperature 1",
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


def _hamming(texts: Sequence[str]) -> np.ndarray:
    """The share of characters that differ at the same place; what is missing differs."""
    longest = max(1, min(CHARACTERS, max(map(len, texts))))
    codes = np.array([list(_codes(text, longest)) for text in texts])
    return (codes[:, None, :] != codes[None, :, :]).mean(axis=2)


def _codes(text: str, length: int) -> Iterator[int]:
    yield from (ord(letter) for letter in text[:length].ljust(length, "\0"))
