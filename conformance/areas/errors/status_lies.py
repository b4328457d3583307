"""Lies about the status of an error, and about what goes with it."""

from __future__ import annotations

from dataclasses import replace

from conformance.areas.errors.envelope_lies import is_orphan
from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import error, is_error


def _code(reply: Reply, code: str) -> bool:
    return is_error(reply) and reply.body["error"]["code"] == code


@says("too-long-500", link="https://github.com/kserve/kserve/pull/3886", bugs="error-context-overflow-500")
def _(call: Call, reply: Reply) -> Reply:
    """A prompt beyond the context window makes the server fail."""
    return replace(error(reply, type="server_error"), status=500) if _code(reply, "context_length_exceeded") else reply


@says("orphan-501", link="https://github.com/vllm-project/vllm/issues/53626")
def _(call: Call, reply: Reply) -> Reply:
    """What the server does not want to do, it says it does not implement."""
    return replace(reply, status=501) if is_orphan(reply) else reply


@says("optional-501")
def _(call: Call, reply: Reply) -> Reply:
    """A parameter that the model does not support is not implemented."""
    effort = is_error(reply) and (call.json or {}).get("reasoning_effort") == "low"
    return replace(reply, status=501) if effort else reply


@says("type-error-422")
def _(call: Call, reply: Reply) -> Reply:
    """A parameter of the wrong type is refused with the 422 of web frameworks."""
    return replace(reply, status=422) if _code(reply, "invalid_type") else reply


@says("type-error-422-streamed")
def _(call: Call, reply: Reply) -> Reply:
    """A parameter of the wrong type is refused with 422 where a stream was asked for."""
    return replace(reply, status=422) if _code(reply, "invalid_type") and call.streaming else reply


def unknown_url(reply: Reply) -> bool:
    return is_error(reply) and reply.body["error"]["message"].startswith("Invalid URL")


@says("unknown-url-400")
def _(call: Call, reply: Reply) -> Reply:
    """An unknown URL is a bad request."""
    return replace(reply, status=400) if unknown_url(reply) else reply


@says("unknown-url-served")
def _(call: Call, reply: Reply) -> Reply:
    """An unknown URL is answered with the start page of the web interface."""
    page = Reply(200, reply.headers, b"<html></html>").with_headers(content_type="text/html")
    return page if unknown_url(reply) else reply


@says("unknown-url-detail", link="https://github.com/ollama/ollama/issues/10139", bugs="models-404-plain-text")
def _(call: Call, reply: Reply) -> Reply:
    """An unknown URL is answered in the framework's own form."""
    return replace(reply, body={"detail": "Not Found"}) if unknown_url(reply) else reply


@says("wrong-method-served")
def _(call: Call, reply: Reply) -> Reply:
    """GET on a route of POST gives an empty list."""
    nothing = {"object": "list", "data": [], "model": None, "usage": None}
    return Reply(200, reply.headers, nothing) if reply.status == 405 else reply


@says("wrong-method-400")
def _(call: Call, reply: Reply) -> Reply:
    """GET on a route of POST is a bad request."""
    return replace(reply, status=400) if reply.status == 405 else reply


@says("overload-500")
def _(call: Call, reply: Reply) -> Reply:
    """An overload is answered with 500."""
    return replace(error(reply, type="server_error"), status=500) if reply.status == 503 else reply


@says("overload-type")
def _(call: Call, reply: Reply) -> Reply:
    """An overload has the type of a failure."""
    return error(reply, type="server_error") if reply.status == 503 else reply


@says("overload-code")
def _(call: Call, reply: Reply) -> Reply:
    """An overload has no code."""
    return error(reply, code=None) if reply.status == 503 else reply


@says("internal-type")
def _(call: Call, reply: Reply) -> Reply:
    """A failure of the server has the name of an exception for its type."""
    return error(reply, type="InternalServerError") if reply.status == 500 else reply


def _quota(reply: Reply) -> bool:
    return is_error(reply) and reply.body["error"]["type"] == "insufficient_quota"


@says("quota-403")
def _(call: Call, reply: Reply) -> Reply:
    """An exhausted quota is forbidden."""
    return replace(reply, status=403) if _quota(reply) else reply


@says("quota-code")
def _(call: Call, reply: Reply) -> Reply:
    """An exhausted quota does not say which."""
    return error(reply, code=None) if _quota(reply) else reply


@says("quota-retried")
def _(call: Call, reply: Reply) -> Reply:
    """An exhausted quota does not say that trying again is of no use."""
    return reply.with_headers(x_should_retry=None) if _quota(reply) else reply


@says("streamed-error-type")
def _(call: Call, reply: Reply) -> Reply:
    """The type of a refusal is another one where a stream was asked for."""
    return error(reply, type="BadRequestError") if is_orphan(reply) and call.streaming else reply


@says("streamed-error-code")
def _(call: Call, reply: Reply) -> Reply:
    """A refusal has a code where a stream was asked for, and else none."""
    return error(reply, code="invalid_value") if is_orphan(reply) and call.streaming else reply


@says("streamed-error-param")
def _(call: Call, reply: Reply) -> Reply:
    """A refusal names the parameter where a stream was asked for, and else not."""
    made_up = is_error(reply) and reply.body["error"]["message"].endswith("conformance_unknown")
    return error(reply, param="conformance_unknown") if made_up and call.streaming else reply
