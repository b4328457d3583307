"""A text to answer, by the route that new agents speak."""

from __future__ import annotations

from conformance.areas.questions import HELLO
from conformance.exchange.probe import Probe

PROBES = (
    Probe(
        "http.responses",
        {"input": HELLO, "max_output_tokens": 64},
        path="/responses",
        task="responses",
        intent=frozenset({"optional"}),
    ),
)
