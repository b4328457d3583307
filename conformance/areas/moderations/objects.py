"""Where the objects of a moderation stand; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, body, described


@described("moderation")
def moderation(x: Exchange) -> Placed:
    return body(x)


@described("moderation-result")
def result(x: Exchange) -> Placed:
    return below(body(x), "results")
