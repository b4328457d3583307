"""Where the lists of what a response was made of stand, counts, and compacted conversations; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, body, described


@described("response-input-list")
def listed(x: Exchange) -> Placed:
    return body(x)


@described("response-input-item")
def item(x: Exchange) -> Placed:
    return below(body(x), "data")


@described("token-count")
def count(x: Exchange) -> Placed:
    return body(x)


@described("compaction")
def compaction(x: Exchange) -> Placed:
    return body(x)
