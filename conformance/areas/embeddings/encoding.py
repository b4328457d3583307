"""EMB: vectors as base64, which both SDKs ask for unasked: little-endian float32, and the same numbers."""

from __future__ import annotations

import math

from conformance.areas.citations import EMBEDDING, EMBEDDING_REQUEST, node, python
from conformance.areas.embeddings.conditions import (
    WIDTH,
    base64_asked,
    both_ways,
    for_base64,
    heard,
    length,
    likeness,
    numbers,
    packed,
    vectors,
)
from conformance.exchange import Exchange, Unreadable, find, need
from conformance.judge import MUST, Problems, check, differs
from conformance.judge.refusals import not_taken

PYTHON_BASE64 = python("openai/lib/_parsing/_embeddings.py", 34)
NODE_BASE64 = node("resources/embeddings.ts", 29)
SAME = 0.99
"""The least cosine of two vectors of one text: OpenAI's own differ from one time to the next by less than a thousandth of this."""


@check("embedding.base64", MUST, when=vectors & for_base64, source=(EMBEDDING_REQUEST, PYTHON_BASE64, NODE_BASE64), covers="EMB-002",
       breaks=("embeddings-base64-ignored", "embeddings-base64-in-a-list"))  # fmt: skip
def base64_is_a_text(x: Exchange) -> Problems:
    """Asked for base64, each embedding is a text of base64.

    Both SDKs ask for it by themselves. openai-node decodes whatever comes: of 1536 numbers it makes 384 zeros, without an error.
    """
    for n, each in enumerate(need(x.answer, "data", list)):
        if not isinstance(vector := find(each, "embedding"), str) or not vector:
            yield differs(f"data.{n}.embedding", vector, "a text of base64")


@check("embedding.base64-bytes", MUST, when=vectors & for_base64, source=(PYTHON_BASE64, NODE_BASE64), covers="EMB-005",
       breaks=("embeddings-base64-url-safe", "embeddings-base64-cut"))  # fmt: skip
def base64_holds_whole_numbers(x: Exchange) -> Problems:
    """A vector in base64 is of the standard alphabet, padded, and decodes to four bytes for each number.

    openai-python raises; openai-node makes other numbers of it.
    """
    for n, each in enumerate(need(x.answer, "data", list)):
        path = f"data.{n}.embedding"
        vector = need(each, "embedding", str)
        try:
            raw = packed(vector)
        except ValueError as reason:
            yield f"{path} is {vector[:20]!r}… ({reason}), expected base64"
            continue
        if not raw or len(raw) % WIDTH:
            yield differs(f"the bytes of {path}", len(raw), f"a multiple of {WIDTH}, and some")


@check("embedding.formats-agree", MUST, together=both_ways, when=vectors, source=(EMBEDDING, NODE_BASE64, PYTHON_BASE64),
       breaks=("embeddings-base64-float64", "embeddings-base64-big-endian"), covers=("EMB-004", "EMB-005"))  # fmt: skip
def base64_is_the_same_vector(plain: Exchange, packed_: Exchange) -> Problems:
    """The base64 of a text is the little-endian float32 of the numbers that it has as a list.

    Both SDKs read it so. Of float64 or big-endian bytes they make numbers without any sense, which no client notices.
    """
    pairs = list(zip(numbers(plain), numbers(packed_), strict=False))
    if not pairs:
        raise Unreadable("data is [], expected vectors to compare")
    for (_, one), (path, other) in pairs:
        if len(one) != len(other):
            yield differs(f"the float32 numbers of {path}", len(other), f"{len(one)}, as in the list of numbers")
        elif not (likeness(one, other) >= SAME and math.isclose(length(one), length(other), rel_tol=0.01)):
            seen = [round(value, 6) if math.isfinite(value) else str(value) for value in other[:3]]
            yield differs(
                f"{path} as little-endian float32",
                seen,
                f"{[round(value, 6) for value in one[:3]]}, as in the list of numbers",
            )


@check("embedding.base64-accepted", MUST, together=base64_asked, when=heard, source=(EMBEDDING_REQUEST, PYTHON_BASE64, NODE_BASE64),
       breaks="embeddings-base64-refused", covers="EMB-002")  # fmt: skip
def base64_is_accepted(_: Exchange, x: Exchange) -> Problems:
    """`encoding_format: "base64"` is accepted.

    Both SDKs send it where the caller names no format: nothing at all can be embedded with them.
    """
    yield from not_taken(x, "base64 is what both SDKs ask for")
