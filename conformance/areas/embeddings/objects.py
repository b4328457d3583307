"""Where the objects of an answer with embeddings stand; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, body, described


@described("embedding-list")
def answer(x: Exchange) -> Placed:
    return body(x)


@described("embedding")
def embedding(x: Exchange) -> Placed:
    return below(body(x), "data")
