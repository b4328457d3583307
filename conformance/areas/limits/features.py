"""Whether answers tell of the limits."""

from __future__ import annotations

from conformance.areas.limits.remaining import limit_headers
from conformance.exchange import Exchange
from conformance.judge.conditions import chat_request, headers_known, ok
from conformance.judge.features import HONOURED, Finding, absent, feature


@feature(
    "rate_limit_headers",
    words="rate limits in headers",
    when=chat_request & headers_known & ok,
    probes="chat.hello",
    profile="full",
)
def _(x: Exchange) -> Finding:
    """Answers say in x-ratelimit headers what the limits are and what remains."""
    sent = limit_headers(x, "limit") or limit_headers(x, "remaining")
    return HONOURED if sent else absent("no answer has x-ratelimit headers")
