"""Whether texts are embedded, as what, and how wide."""

from __future__ import annotations

from conformance.areas.embeddings.conditions import for_base64, numbers, readable
from conformance.areas.whole_routes import UNFIT, plain
from conformance.exchange import ABSENT, Exchange, find, is_a
from conformance.judge.conditions import asked, route
from conformance.judge.features import HONOURED, Finding, feature, ignored, wrong
from conformance.wire.jsontext import show

_asked = route("embeddings") & plain & asked("input")


@feature("embeddings", when=_asked, names=(*UNFIT, "embedding"), probes="http.embeddings", route=True)
def _(x: Exchange) -> Finding:
    """A text is answered by a vector: numbers, or their bytes in base64 where that was asked for."""
    vector = find(x.json, "data.0.embedding")
    if isinstance(vector, str) and vector and x.asked.get("encoding_format") == "base64":
        return HONOURED
    if not isinstance(vector, list) or not vector:
        return wrong(f"data.0.embedding is {'absent' if vector is ABSENT else show(vector, 60)}")
    odd = [value for value in vector if not is_a(value, float)]
    return wrong(f"data.0.embedding holds {show(odd[0], 60)}, no number") if odd else HONOURED


@feature(
    "embedding_base64",
    words="vectors in base64",
    when=_asked & for_base64,
    names=("encoding_format", "base64"),
    probes="embeddings.base64",
)
def _(x: Exchange) -> Finding:
    """Asked for base64, a vector is a text, not a list of numbers."""
    vector = find(x.json, "data.0.embedding")
    return HONOURED if isinstance(vector, str) else ignored("the vector is no base64")


@feature("embedding_dimensions", words="vectors of a chosen width",
         when=_asked & readable & asked("dimensions"), names=("dimensions", "matryoshka"),
         probes=("embeddings.dimensions", "embeddings.native"))  # fmt: skip
def _(x: Exchange) -> Finding:
    """The vector has as many numbers as `dimensions` says."""
    width = len(numbers(x)[0][1]) if find(x.json, "data.0") is not ABSENT else 0
    return (
        HONOURED
        if width == x.asked["dimensions"]
        else ignored(f"the vector has {width} numbers, not {x.asked['dimensions']}")
    )
