"""Whether models are listed, and described one by one."""

from __future__ import annotations

from conformance.areas.whole_routes import UNFIT, answered_with, fetched
from conformance.exchange import Exchange
from conformance.judge.conditions import intent, route
from conformance.judge.features import Finding, feature


@feature(
    "models",
    words="the list of models",
    when=route("models") & fetched & ~intent("no-key"),
    names=UNFIT,
    probes="models.list",
    route=True,
    profile="chat",
)
def _(x: Exchange) -> Finding:
    """The models are listed."""
    return answered_with(x, "data", list)


@feature("model_lookup", words="looking up one model",
         when=route("model") & fetched & ~intent("unknown-model"), probes="models.one", route=True, profile="chat",
         names=UNFIT)  # fmt: skip
def _(x: Exchange) -> Finding:
    """One model of the list is described alone."""
    return answered_with(x, "id", str)
