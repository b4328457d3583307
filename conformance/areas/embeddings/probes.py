"""A text to embed."""

from __future__ import annotations

from conformance.areas.questions import HELLO
from conformance.exchange.probe import Probe

PROBES = (Probe("http.embeddings", {"input": HELLO}, path="/embeddings", intent=frozenset({"optional"})),)
