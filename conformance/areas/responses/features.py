"""Whether the route of new agents is there."""

from __future__ import annotations

from conformance.areas.whole_routes import UNFIT, answered_with, plain
from conformance.exchange import Exchange, find
from conformance.judge.conditions import route
from conformance.judge.features import Finding, feature, wrong


@feature(
    "responses",
    words="the route /responses",
    when=route("responses") & plain,
    names=UNFIT,
    probes="http.responses",
    route=True,
    profile="full",
)
def _(x: Exchange) -> Finding | None:
    """A text is answered by a response with output."""
    if x.streaming:
        return None
    return (
        answered_with(x, "output", list) if find(x.json, "object") == "response" else wrong("the object is no response")
    )
