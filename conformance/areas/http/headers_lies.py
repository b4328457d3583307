"""Lies about headers: names, ids and codings that are missing, twice or wrong."""

from __future__ import annotations

import gzip
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply, pretty


@says("request-id-absent")
def _(call: Call, reply: Reply) -> Reply:
    """No answer has an x-request-id."""
    return reply.with_headers(x_request_id=None)


@says("request-id-constant")
def _(call: Call, reply: Reply) -> Reply:
    """Every answer has the same x-request-id."""
    return reply.with_headers(x_request_id="req_0")


@says("processing-ms-fraction")
def _(call: Call, reply: Reply) -> Reply:
    """openai-processing-ms is in fractions."""
    return reply.with_headers(openai_processing_ms="12.5")


@says("version-not-a-date")
def _(call: Call, reply: Reply) -> Reply:
    """openai-version is no date."""
    return reply.with_headers(openai_version="v1")


@lets("long-request-id-accepted")
def _(call: Call) -> Call:
    """X-Client-Request-Id is not looked at."""
    return call.with_headers(x_client_request_id=None)


@says("allow-absent")
def _(call: Call, reply: Reply) -> Reply:
    """405 does not say which methods are allowed."""
    return reply.with_headers(allow=None)


@says("gzip-unasked")
def _(call: Call, reply: Reply) -> Reply:
    """An answer is compressed for a client that takes it as it is only."""
    if call.header("accept-encoding") != "identity":
        return reply
    return replace(reply, body=gzip.compress(pretty(reply.body), mtime=0)).with_headers(content_encoding="gzip")


@says("gzip-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """A proxy keeps an answer compressed and drops its Content-Encoding."""
    if call.header("accept-encoding") != "identity":
        return reply
    return replace(reply, body=gzip.compress(pretty(reply.body), mtime=0))


@says("connection-closed")
def _(call: Call, reply: Reply) -> Reply:
    """The connection is closed after every plain answer."""
    return reply.with_headers(connection="close") if reply.chunks is None else reply
