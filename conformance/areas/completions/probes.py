"""A prompt to continue, by the legacy route."""

from __future__ import annotations

from conformance.exchange.probe import Probe

PROBES = (
    Probe(
        "http.completions",
        {"prompt": "One, two, three,", "max_tokens": 5},
        path="/completions",
        intent=frozenset({"optional"}),
    ),
)
