"""Features beside the chat: other routes, and headers that every answer may have."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.conditions import chat_request, headers_known, ok
from conformance.judge.features import HONOURED, Finding, absent, feature


@feature(
    "request_ids", words="request ids", when=chat_request & headers_known & ok, probes="chat.hello", profile="full"
)
def _(x: Exchange) -> Finding:
    """Every answer has an x-request-id, by which the operator finds it in his logs."""
    return HONOURED if x.header("x-request-id") else absent("no answer has an x-request-id")
