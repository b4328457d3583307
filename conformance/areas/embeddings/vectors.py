"""EMB: the vectors of texts: one for each, in their order, none empty, all of one width and of length 1."""

from __future__ import annotations

import math
from typing import Any

from conformance.areas.citations import EMBEDDING, EMBEDDING_REQUEST, EMBEDDINGS
from conformance.areas.embeddings.conditions import for_base64, inputs, length, numbered, numbers, texts, vectors
from conformance.exchange import Exchange, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.objects import misfits

NORMALISED = "https://platform.openai.com/docs/guides/embeddings"
NEAR = 0.01
"""How far from 1 a vector's length may be: half precision is nearer."""


def _fault(vector: Any, encoding: Any) -> str | None:
    """What a vector must be where it is not: numbers, or their bytes as text where they were asked for so."""
    if isinstance(vector, str):
        return None if vector and encoding == "base64" else "an array of numbers"
    if isinstance(vector, list) and vector and all(is_a(value, float) for value in vector):
        return None
    return "an array of numbers, not empty"


@check("embedding.vector", MUST, when=numbered & ~for_base64, source=(EMBEDDINGS, EMBEDDING_REQUEST), covers="EMB-003",
       breaks=("embeddings-of-lists-empty", "embeddings-of-texts", "embeddings-base64-unasked"))  # fmt: skip
def each_has_its_numbers(x: Exchange) -> Problems:
    """Each embedding is an array of numbers that is not empty, unless the request wants base64.

    Empty vectors are stored without a word, and no search finds what they stand for; base64 that nobody asked for is handed on as it is.
    """
    for n, each in enumerate(need(x.answer, "data", list)):
        vector = find(each, "embedding")
        if wanted := _fault(vector, None):
            yield differs(f"data.{n}.embedding", vector, wanted)


@check("embedding.each", MUST, when=vectors, source=(EMBEDDINGS, EMBEDDING_REQUEST), covers=("EMB-001", "EMB-006"),
       breaks=("embeddings-first-only", "embeddings-index-zero", "embeddings-data-null"))  # fmt: skip
def each_input_has_one(x: Exchange) -> Problems:
    """There is one embedding for each input, and `index` says for which.

    Clients put vectors and texts together by their place: they are mixed up, or the last texts have none. Without any,
    openai-python raises "No embedding data received".
    """
    if problems := [*misfits(x, "embedding-list", "data")]:
        yield from problems
        return
    places, count = [find(each, "index") for each in need(x.answer, "data", list)], len(inputs(x))
    if sorted(map(str, places)) != sorted(map(str, range(count))):
        yield differs("the indexes of data", places, f"0 to {count - 1}, each once" if count > 1 else "[0]")


@request("with several inputs")
def several(x: Exchange) -> bool:
    return len(inputs(x)) > 1


@check("embedding.order", MUST, when=vectors & several, source=(EMBEDDING, EMBEDDING_REQUEST), covers="EMB-006",
       breaks=("embeddings-index-zero", "embeddings-out-of-order"))  # fmt: skip
def they_come_in_order(x: Exchange) -> Problems:
    """The embeddings stand in the order of the inputs: `index` counts up from 0.

    LangChain, LlamaIndex and most scripts zip them with their texts and never look at `index`.
    """
    places = [find(each, "index") for each in need(x.answer, "data", list)]
    if places != list(range(len(places))):
        yield differs("the indexes of data", places, "0, 1, 2 and so on")


@check("embedding.width", MUST, when=numbered & several, source=(EMBEDDING, NORMALISED), covers="EMB-008",
       breaks="embeddings-last-longer")  # fmt: skip
def all_have_one_width(x: Exchange) -> Problems:
    """All vectors of an answer have the same number of numbers.

    A vector store has one width; the first other vector fails the whole batch.
    """
    found = [len(vector) for _, vector in numbers(x)]
    if len(set(found)) > 1:
        yield differs("the widths of the vectors", found, "one width")


@check("embedding.distinct", MUST, when=numbered & several, source=(EMBEDDING, EMBEDDING_REQUEST), covers="EMB-006",
       breaks="embeddings-all-alike")  # fmt: skip
def other_texts_have_other_vectors(x: Exchange) -> Problems:
    """Different texts of one request have different vectors.

    Where all get that of the first, or of a whole batch, every search finds everything.
    """
    said, seen = texts(x), {}
    for (path, vector), text in zip(numbers(x), said, strict=False):
        before = seen.setdefault(tuple(vector), (path, text))
        if before[1] != text:
            yield f"{path} is the same as {before[0]}, expected another vector for another text"


# SHOULD: other models than OpenAI's need not be so, and say so.
@check("embedding.norm", SHOULD, when=numbered & ~for_base64, source=NORMALISED, covers="EMB-010",
       breaks=("embeddings-not-normalised", "embeddings-cut-only"))  # fmt: skip
def vectors_have_length_one(x: Exchange) -> Problems:
    """Every vector has the length 1, also where `dimensions` cut it.

    The dot product is taken for the cosine: longer vectors come first whatever they say.
    """
    for path, vector in numbers(x):
        if not abs((norm := length(vector)) - 1) <= NEAR:
            seen = round(norm, 4) if math.isfinite(norm) else str(norm)
            yield differs(f"the length of {path}", seen, "1")
            return
