"""Lies about a limit that was run into: it is told too late, in the middle of a stream, or does not go away."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.limits.too_many_lies import limited
from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import error


def counted_down(reply: Reply) -> bool:
    """A reply that says what its limits are."""
    return bool(reply.header("x-ratelimit-limit-requests"))


@says("remaining-never-counts")
def _(call: Call, reply: Reply) -> Reply:
    """The requests that remain are always as many as the limit."""
    if not counted_down(reply) or reply.status != 200:
        return reply
    return reply.with_headers(x_ratelimit_remaining_requests=reply.header("x-ratelimit-limit-requests"))


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


@says(
    "burst-as-500",
    link=("https://github.com/dtzp555-max/ocp/pull/481", "https://github.com/pollinations/pollinations/pull/8378"),
    bugs="upstream-429-as-500",
)
def _(call: Call, reply: Reply) -> Reply:
    """The limit of an upstream is a failure of the proxy."""
    if not limited(reply) or call.header("x-conformance-stage") != "limit":
        return reply
    failed = replace(error(reply, message="Upstream failed.", type="server_error", code=None), status=500)
    return failed.with_headers(retry_after=None, retry_after_ms=None)
