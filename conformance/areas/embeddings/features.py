"""Whether texts are embedded."""

from __future__ import annotations

from conformance.areas.whole_routes import UNFIT, plain
from conformance.exchange import ABSENT, Exchange, find, is_a
from conformance.judge.conditions import asked, route
from conformance.judge.features import HONOURED, Finding, feature, wrong
from conformance.wire.jsontext import show


@feature(
    "embeddings",
    when=route("embeddings") & plain & asked("input"),
    names=(*UNFIT, "embedding"),
    probes="http.embeddings",
    route=True,
)
def _(x: Exchange) -> Finding:
    """A text is answered by a vector: numbers, or their bytes in base64 where that was asked for."""
    vector = find(x.json, "data.0.embedding")
    if isinstance(vector, str) and vector and x.asked.get("encoding_format") == "base64":
        return HONOURED
    if not isinstance(vector, list) or not vector:
        return wrong(f"data.0.embedding is {'absent' if vector is ABSENT else show(vector, 60)}")
    odd = [value for value in vector if not is_a(value, float)]
    return wrong(f"data.0.embedding holds {show(odd[0], 60)}, no number") if odd else HONOURED
