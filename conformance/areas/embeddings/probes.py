"""Texts to embed: one, and several in a list, as clients send them that index documents."""

from __future__ import annotations

from conformance.areas.questions import COUNT, HELLO
from conformance.exchange.probe import Probe

_OPTIONAL = frozenset({"optional"})

PROBES = (
    Probe("http.embeddings", {"input": HELLO}, path="/embeddings", intent=_OPTIONAL, task="embedding"),
    Probe(
        "embeddings.several",
        {"input": [HELLO, COUNT]},
        path="/embeddings",
        intent=_OPTIONAL,
        depth="normal",
        task="embedding",
        door="http.embeddings",
    ),
)
