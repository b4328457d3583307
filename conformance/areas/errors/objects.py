"""Where the objects of an error answer stand; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, body, described, held


@described("envelope")
def envelope(x: Exchange) -> Placed:
    return body(x)


@described("error")
def error(x: Exchange) -> Placed:
    return held(body(x), "error")
