"""Whether the legacy route is there."""

from __future__ import annotations

from conformance.areas.whole_routes import UNFIT, answered_with, plain
from conformance.exchange import Exchange
from conformance.judge.conditions import asked, route
from conformance.judge.features import Finding, feature


@feature(
    "completions",
    words="the legacy route /completions",
    when=route("completions") & plain & asked("prompt"),
    names=UNFIT,
    probes="http.completions",
    route=True,
)
def _(x: Exchange) -> Finding | None:
    """A prompt is continued (the legacy route)."""
    return None if x.streaming else answered_with(x, "choices.0.text", str)
