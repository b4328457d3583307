"""Situations that no client can bring about at will: only the reference server stages them, on request.

Sent to no other server. They exercise the laws about rate limits, outages, broken streams and rare finish reasons, which
then also judge recordings and any endpoint where such a situation comes about by itself.
"""

from __future__ import annotations

from conformance.probes import Body, Probe, user
from conformance.probes.chat import COUNT, HELLO
from conformance.probes.structured import TEXT, closed, strict

HEADER = "X-Conformance-Stage"


_GREETING = strict("greeting", closed(greeting=TEXT))


def _staged(stage: str, text: str = HELLO, **body: object) -> Probe:
    full: Body = {"messages": user(text), "temperature": 0, **body}
    return Probe(f"staged.{stage}", full, headers=((HEADER, stage),), intent=frozenset({"staged"}), stage=stage)


PROBES = (
    _staged("rate-limited"),
    _staged("rate-limited-stream", stream=True),
    _staged("quota-exhausted"),
    _staged("overloaded"),
    _staged("internal-error"),
    _staged("no-max-tokens", max_tokens=16),  # a model that takes only max_completion_tokens
    _staged("stream-error", COUNT, stream=True),
    _staged("filtered"),
    _staged("refused", response_format=_GREETING),
    _staged("refused-stream", COUNT, response_format=_GREETING, stream=True),
    _staged("rich"),  # annotations and audio
    _staged("busy-stream", COUNT, stream=True),  # keep-alive comments, reasoning deltas
)
