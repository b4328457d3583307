"""Lies about limits: how reaching one is told, how long to wait, and what the headers of every answer say of them."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.respond import LIMIT_TOKENS
from conformance.reference.rewriting import error


def limited(reply: Reply) -> bool:
    """A limit by the minute, which waiting cures."""
    return reply.status == 429 and bool(reply.header("retry-after"))


def counted_down(reply: Reply) -> bool:
    """A reply that says what its limits are."""
    return bool(reply.header("x-ratelimit-limit-requests"))


# ---------------------------------------------------------------------- a limit is reached


@says("limit-with-403")
def _(call: Call, reply: Reply) -> Reply:
    """A rate limit is answered 403."""
    return replace(reply, status=403) if limited(reply) else reply


@says("limit-inside-stream")
def _(call: Call, reply: Reply) -> Reply:
    """A rate limit is told in a stream that has begun with 200."""
    if not limited(reply) or not call.streaming:
        return reply
    streamed = replace(reply, status=200, chunks=(reply.body,), body=None, done=False)
    return streamed.with_headers(content_type="text/event-stream; charset=utf-8", cache_control="no-cache")


@says("retry-after-duration")
def _(call: Call, reply: Reply) -> Reply:
    """Retry-After is a duration."""
    return reply.with_headers(retry_after="2s") if limited(reply) else reply


@says("retry-after-local-date")
def _(call: Call, reply: Reply) -> Reply:
    """The date in Retry-After is in a local time."""
    return reply.with_headers(retry_after="Fri, 01 Jan 2100 01:00:00 +0100") if reply.status == 503 else reply


@says(
    "retry-after-date-for-429",
    link="https://github.com/promptfoo/promptfoo/pull/8341",
    bugs="ratelimit-retry-after-grammar",
)
def _(call: Call, reply: Reply) -> Reply:
    """Retry-After of a rate limit is a date."""
    return reply.with_headers(retry_after="Fri, 01 Jan 2100 00:00:00 GMT") if limited(reply) else reply


@says("retry-after-zero")
def _(call: Call, reply: Reply) -> Reply:
    """Retry-After is 0."""
    return reply.with_headers(retry_after="0") if limited(reply) else reply


@says("retry-after-day")
def _(call: Call, reply: Reply) -> Reply:
    """Retry-After is a day."""
    return reply.with_headers(retry_after="86400") if limited(reply) else reply


@says("retry-after-absent", link="https://github.com/LostRuins/koboldcpp/issues/2481", bugs="overload-503-instead-429")
def _(call: Call, reply: Reply) -> Reply:
    """429 and 503 do not say how long to wait."""
    return reply.with_headers(retry_after=None, retry_after_ms=None)


@says("retry-after-ms-zero")
def _(call: Call, reply: Reply) -> Reply:
    """retry-after-ms is 0."""
    return reply.with_headers(retry_after_ms="0") if limited(reply) else reply


@says("should-retry-capital")
def _(call: Call, reply: Reply) -> Reply:
    """x-should-retry is True, as Python writes it."""
    return reply.with_headers(x_should_retry="True") if reply.header("x-should-retry") == "true" else reply


# ---------------------------------------------------------------------- every answer


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


@says("remaining-never-counts")
def _(call: Call, reply: Reply) -> Reply:
    """The requests that remain are always as many as the limit."""
    if not counted_down(reply) or reply.status != 200:
        return reply
    return reply.with_headers(x_ratelimit_remaining_requests=reply.header("x-ratelimit-limit-requests"))


@says("reset-epoch", link="https://github.com/CortexLM/cortex-code/pull/407", bugs="ratelimit-reset-format")
def _(call: Call, reply: Reply) -> Reply:
    """A limit is reset at a Unix time."""
    return reply.with_headers(x_ratelimit_reset_requests="1790000012") if counted_down(reply) else reply


# ---------------------------------------------------------------------- a burst


@says("burst-forbidden")
def _(call: Call, reply: Reply) -> Reply:
    """Requests that come too fast are forbidden, by a gateway that names no limit."""
    if not limited(reply):
        return reply
    return replace(error(reply, message="Request blocked.", type="forbidden", code=None), status=403)


@says("limit-inside-stream-nameless")
def _(call: Call, reply: Reply) -> Reply:
    """A rate limit is told in a stream that has begun with 200, as an error without a code."""
    if not limited(reply) or not call.streaming:
        return reply
    told = {"error": {"message": "Too many requests.", "type": "server_error", "param": None, "code": None}}
    streamed = replace(reply, status=200, chunks=(told,), body=None, done=False)
    return streamed.with_headers(content_type="text/event-stream; charset=utf-8", cache_control="no-cache")


@says("remaining-always-one-less")
def _(call: Call, reply: Reply) -> Reply:
    """The requests that remain are always one less than the limit."""
    if not counted_down(reply) or reply.status != 200:
        return reply
    return reply.with_headers(x_ratelimit_remaining_requests=str(int(reply.header("x-ratelimit-limit-requests")) - 1))


@says(
    "denied-with-room",
    link="https://github.com/agentgateway/agentgateway/issues/3329",
    bugs="ratelimit-remaining-on-denial",
)
def _(call: Call, reply: Reply) -> Reply:
    """A refusal tells what remains of another limit than the one that refused."""
    return reply.with_headers(x_ratelimit_remaining_requests="3") if limited(reply) else reply


@says("retry-after-ms-in-seconds")
def _(call: Call, reply: Reply) -> Reply:
    """retry-after-ms holds seconds."""
    return reply.with_headers(retry_after_ms=reply.header("retry-after")) if limited(reply) else reply
