"""EMB: the vector of a text is the same whenever and among whatever it is asked for."""

from __future__ import annotations

from conformance.areas.citations import EMBEDDING
from conformance.areas.embeddings.conditions import likeness, numbers, same_text, texts, vectors
from conformance.exchange import Exchange
from conformance.judge import SHOULD, Problems, check, differs

LEAST = 0.999
"""The cosine of two vectors of one text: OpenAI's own are above 0.9999, and half precision on another batch size is nearly so."""


@check("embedding.same-text", SHOULD, together=same_text, when=vectors, source=EMBEDDING, covers="EMB-013",
       breaks=("embeddings-batch-mixed-up", "embeddings-by-chance", "embeddings-list-wider"))  # fmt: skip
def a_text_has_one_vector(first: Exchange, other: Exchange) -> Problems:
    """A text has the same vector alone, among others, and the next time.

    Padding, a mask that is left out or vectors in another order show here: what was indexed in batches is never found by a query.
    """
    before = dict(zip(texts(first), (vector for _, vector in numbers(first)), strict=False))
    for text, (path, vector) in zip(texts(other), numbers(other), strict=False):
        if (known := before.get(text)) is None:
            continue
        if len(known) != len(vector):
            yield differs(f"the width of {path} of {other.name}", len(vector), f"{len(known)}, as in {first.name}")
        elif (near := likeness(known, vector)) < LEAST:
            yield differs(
                f"the cosine of {path} to that of the same text in {first.name}", round(near, 4), f"at least {LEAST}"
            )
