"""Lies about an answer of 429 or 503: how it is told, and how long to wait."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply


def limited(reply: Reply) -> bool:
    """A limit by the minute, which waiting cures."""
    return reply.status == 429 and bool(reply.header("retry-after"))


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


@says(
    "loading-without-wait",
    link=(
        "https://github.com/mostlygeek/llama-swap/issues/146",
        "https://github.com/canonical/inference-snaps/issues/234",
        "https://github.com/earendil-works/pi/issues/1887",
    ),
    bugs="loading-503-no-retry-after",
)
def _(call: Call, reply: Reply) -> Reply:
    """A server that loads its model says so with the status for its code, and not how long to wait."""
    if reply.status != 503:
        return reply
    error = {"message": "Loading model", "type": "unavailable_error", "param": None, "code": 503}
    return replace(reply, body={"error": error}).with_headers(retry_after=None, x_should_retry=None)
