"""EMB: the vector of a text is the same whenever and among whatever it is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.areas.citations import EMBEDDING
from conformance.areas.embeddings.conditions import (
    likeness,
    numbers,
    same_again,
    same_among,
    same_text,
    texts,
    vectors,
)
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs

LEAST = 0.999
"""The cosine of two vectors of one text: OpenAI's own are above 0.9999, and half precision on another batch size is nearly so."""


@check("embedding.same-text", SHOULD, together=same_again, when=vectors, source=EMBEDDING, covers="EMB-013",
       breaks="embeddings-by-chance")  # fmt: skip
def a_text_has_one_vector(first: Exchange, other: Exchange) -> Problems:
    """A text that is asked for again, alike, has the same vector.

    What is embedded anew is then another than what was indexed, and searches drift.
    """
    yield from _apart(first, other)


@check("embedding.same-in-batch", SHOULD, together=same_among, when=vectors, source=EMBEDDING, covers="EMB-013",
       breaks=("embeddings-batch-mixed-up", "embeddings-by-chance"))  # fmt: skip
def a_text_has_one_vector_among_others(first: Exchange, other: Exchange) -> Problems:
    """A text has the same vector among others as alone.

    Padding, a mask that is left out or vectors in another order show here: what was indexed in batches is never found by a query.
    """
    yield from _apart(first, other)


@check("embedding.same-width", MUST, together=same_text, when=vectors, source=EMBEDDING, covers="EMB-013",
       breaks="embeddings-list-wider")  # fmt: skip
def all_vectors_are_of_one_width(first: Exchange, other: Exchange) -> Problems:
    """The vector of a text is of one width, whenever and among whatever it is asked for.

    An index is made for one width: it refuses any other.
    """
    for path, known, vector in _both(first, other):
        if len(known) != len(vector):
            yield differs(f"the width of {path} of {other.name}", len(vector), f"{len(known)}, as in {first.name}")


def _apart(first: Exchange, other: Exchange) -> Problems:
    for path, known, vector in _both(first, other):
        if len(known) == len(vector) and (near := likeness(known, vector)) < LEAST:
            yield differs(
                f"the cosine of {path} to that of the same text in {first.name}", round(near, 4), f"at least {LEAST}"
            )


def _both(first: Exchange, other: Exchange) -> Iterator[tuple[str, list[float], list[float]]]:
    """Each text of both answers: where its vector is in the other, and its vector in each."""
    before = dict(zip(texts(first), (vector for _, vector in numbers(first)), strict=False))
    for text, (path, vector) in zip(texts(other), numbers(other), strict=False):
        if (known := before.get(text)) is not None:
            yield path, known, vector
