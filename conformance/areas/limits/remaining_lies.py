"""Lies about what the headers of every answer say of the limits."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.limits.recovery_lies import counted_down
from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.respond import LIMIT_TOKENS


@says(
    "limits-other-names", link="https://github.com/agentgateway/agentgateway/issues/3329", bugs="ratelimit-header-names"
)
def _(call: Call, reply: Reply) -> Reply:
    """The limits are in headers without the names of what they limit."""
    if not counted_down(reply):
        return reply
    kept = tuple((name, value) for name, value in reply.headers if not name.startswith("x-ratelimit-"))
    return replace(reply, headers=kept).with_headers(
        x_ratelimit_limit="60", x_ratelimit_remaining="56", x_ratelimit_reset="12"
    )


@says("limit-with-unit")
def _(call: Call, reply: Reply) -> Reply:
    """A limit says by which time it counts."""
    return reply.with_headers(x_ratelimit_limit_tokens=f"{LIMIT_TOKENS}/min") if counted_down(reply) else reply


@says("remaining-fraction")
def _(call: Call, reply: Reply) -> Reply:
    """What remains is a fraction, as a bucket that refills computes it."""
    return reply.with_headers(x_ratelimit_remaining_tokens="199960.5") if counted_down(reply) else reply


@says("remaining-above-limit")
def _(call: Call, reply: Reply) -> Reply:
    """More tokens remain than the limit allows."""
    return reply.with_headers(x_ratelimit_remaining_tokens=str(LIMIT_TOKENS + 1)) if counted_down(reply) else reply


@says("reset-epoch", link="https://github.com/CortexLM/cortex-code/pull/407", bugs="ratelimit-reset-format")
def _(call: Call, reply: Reply) -> Reply:
    """A limit is reset at a Unix time."""
    return reply.with_headers(x_ratelimit_reset_requests="1790000012") if counted_down(reply) else reply


@says("limits-plain-only")
def _(call: Call, reply: Reply) -> Reply:
    """Streams, which pass another way through the gateway, have no word of the limits."""
    if reply.chunks is None:
        return reply
    return replace(reply, headers=tuple((k, v) for k, v in reply.headers if not k.startswith("x-ratelimit-")))
