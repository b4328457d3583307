"""EMBED: the vectors of texts: one for each, in their order, and none empty."""

from __future__ import annotations

from typing import Any

from conformance.areas.citations import EMBEDDING_REQUEST, EMBEDDINGS
from conformance.exchange import Exchange, find, is_a, need
from conformance.judge import MUST, Problems, check, differs
from conformance.judge.conditions import ok, post, route

vectors = route("embeddings") & post & ok


def inputs(x: Exchange) -> int:
    """How many inputs the request has: a text or a list of tokens is one, any other list as many as it holds."""
    asked = x.asked.get("input")
    several = isinstance(asked, list) and not all(is_a(each, int) for each in asked)
    return len(asked) if several else 1


def _fault(vector: Any, encoding: Any) -> str | None:
    """What a vector must be where it is not: numbers, or their bytes as text where they were asked for so."""
    if isinstance(vector, str):
        return None if vector and encoding == "base64" else "an array of numbers"
    if isinstance(vector, list) and vector and all(is_a(value, float) for value in vector):
        return None
    return "an array of numbers, not empty"


@check("embedding.vector", MUST, when=vectors, source=(EMBEDDINGS, EMBEDDING_REQUEST), covers="EMBED-001",
       breaks=("embeddings-of-lists-empty", "embeddings-of-texts"))  # fmt: skip
def each_has_its_numbers(x: Exchange) -> Problems:
    """Each embedding is an array of numbers that is not empty, or its bytes in base64 where the request wants them so.

    Empty vectors are stored without a word, and no search finds what they stand for.
    """
    for n, each in enumerate(need(x.answer, "data", list)):
        vector = find(each, "embedding")
        if wanted := _fault(vector, x.asked.get("encoding_format")):
            yield differs(f"data.{n}.embedding", vector, wanted)


@check("embedding.each", MUST, when=vectors, source=(EMBEDDINGS, EMBEDDING_REQUEST), covers="EMBED-002",
       breaks=("embeddings-first-only", "embeddings-index-zero"))  # fmt: skip
def each_input_has_one(x: Exchange) -> Problems:
    """There is one embedding for each input, and `index` says for which.

    Clients put vectors and texts together by their place: they are mixed up, or the last texts have none.
    """
    places = [find(each, "index") for each in need(x.answer, "data", list)]
    if sorted(map(str, places)) != sorted(map(str, range(inputs(x)))):
        yield differs("the indexes of data", places, f"0 to {inputs(x) - 1}, each once" if inputs(x) > 1 else "[0]")
