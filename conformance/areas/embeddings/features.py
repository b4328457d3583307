"""Whether texts are embedded."""

from __future__ import annotations

from conformance.areas.whole_routes import UNFIT, answered_with, plain
from conformance.exchange import Exchange
from conformance.judge.conditions import asked, route
from conformance.judge.features import Finding, feature


@feature(
    "embeddings",
    when=route("embeddings") & plain & asked("input"),
    names=(*UNFIT, "embedding"),
    probes="http.embeddings",
    route=True,
)
def _(x: Exchange) -> Finding:
    """A text is answered by a vector."""
    return answered_with(x, "data.0.embedding", list, str)
