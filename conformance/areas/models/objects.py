"""Where the models of a list, or one alone, stand; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, body, described


@described("model-list")
def listed(x: Exchange) -> Placed:
    return body(x)


@described("model")
def model(x: Exchange) -> Placed:
    return below(body(x), "data") if x.route == "models" else body(x)
