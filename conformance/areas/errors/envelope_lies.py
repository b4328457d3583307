"""Lies about the body of an error, told about one mistake: a tool message that answers no call."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import error, is_error, is_orphan, unknown_url

VLLM_FLAT = "https://github.com/vllm-project/vllm/issues/12886"


def _members(reply: Reply, **changes: object) -> Reply:
    return error(reply, **changes) if is_orphan(reply) else reply


def _body(reply: Reply, body: Json | bytes) -> Reply:
    return replace(reply, body=body)


@says("error-hangs")
def _(call: Call, reply: Reply) -> Reply:
    """An error is a status line and headers, behind which the connection stays open."""
    return replace(reply, body=b"", ending="hang") if is_orphan(reply) else reply


@says(
    "error-empty",
    link=("https://github.com/earendil-works/pi/pull/1578", "https://github.com/vllm-project/vllm/issues/23837"),
    bugs=("error-422-empty", "error-empty-500-body"),
)
def _(call: Call, reply: Reply) -> Reply:
    """An error has no body."""
    return _body(reply, b"") if is_orphan(reply) else reply


@says("error-html")
def _(call: Call, reply: Reply) -> Reply:
    """An error is a page of HTML."""
    page = _body(reply.with_headers(content_type="text/html"), b"<html><body>Bad Request</body></html>")
    return page if is_orphan(reply) else reply


@says("error-array", link="https://github.com/FuzzAnything/PromptFuzz/issues/42", bugs="error-array-body")
def _(call: Call, reply: Reply) -> Reply:
    """An error is an array that holds the object."""
    return _body(reply, json.dumps([reply.body]).encode()) if is_orphan(reply) else reply


@says("error-octets")
def _(call: Call, reply: Reply) -> Reply:
    """An error is JSON, and called application/octet-stream."""
    return reply.with_headers(content_type="application/octet-stream") if is_orphan(reply) else reply


@says("error-bare")
def _(call: Call, reply: Reply) -> Reply:
    """An error says its message beside nothing else."""
    return _body(reply, {"message": reply.body["error"]["message"]}) if is_orphan(reply) else reply


@says("error-as-detail", link="https://github.com/GenAI-Security-Project/GenAI-Red-Team-Lab/pull/86")
def _(call: Call, reply: Reply) -> Reply:
    """An error is a validation error of FastAPI, passed on as it is."""
    detail = [{"type": "value_error", "loc": ["body", "messages", 0], "msg": "Value error", "input": {}}]
    return _body(reply, {"detail": detail}) if is_orphan(reply) else reply


@says("error-at-top-level", link=VLLM_FLAT, bugs="error-flat-not-nested")
def _(call: Call, reply: Reply) -> Reply:
    """An error has its members at the top level of the body."""
    return _body(reply, {"object": "error", **reply.body["error"]}) if is_orphan(reply) else reply


@says(
    "error-as-string",
    link=("https://github.com/ollama/ollama/issues/14496", "https://github.com/vllm-project/vllm/issues/749"),
    bugs="error-body-is-string",
)
def _(call: Call, reply: Reply) -> Reply:
    """An error is a text."""
    return _body(reply, {"error": reply.body["error"]["message"]}) if is_orphan(reply) else reply


@says("error-without-message")
def _(call: Call, reply: Reply) -> Reply:
    """An error has no message."""
    return _members(reply, message=...)


@says(
    "error-message-list", link="https://github.com/avante-corp/avante.nvim/issues/2347", bugs="error-message-not-string"
)
def _(call: Call, reply: Reply) -> Reply:
    """The message of an error is a list of what a validator found."""
    return _members(reply, message=[{"loc": ["body", "messages"], "msg": "Field required"}])


@says("error-message-blank")
def _(call: Call, reply: Reply) -> Reply:
    """The message of an error is a blank."""
    return _members(reply, message=" ")


@says("error-without-type")
def _(call: Call, reply: Reply) -> Reply:
    """An error has no type."""
    return _members(reply, type=...)


@says("error-without-param")
def _(call: Call, reply: Reply) -> Reply:
    """An error has no param."""
    return _members(reply, param=...)


@says("error-param-list")
def _(call: Call, reply: Reply) -> Reply:
    """The param of an error is a list of steps."""
    return _members(reply, param=["messages", 0, "role"])


@says("error-without-code")
def _(call: Call, reply: Reply) -> Reply:
    """An error has no code."""
    return _members(reply, code=...)


@says("error-code-number", link=VLLM_FLAT)
def _(call: Call, reply: Reply) -> Reply:
    """The code of an error is the status, as a number."""
    return _members(reply, code=reply.status)


@says(
    "error-code-digits", link="https://github.com/AgnesAI-Labs/AgnesAI-Models/issues/69", bugs="error-type-string-none"
)
def _(call: Call, reply: Reply) -> Reply:
    """The code of an error is the status, as a text."""
    return _members(reply, code=str(reply.status))


@says("error-says-none", link="https://github.com/AgnesAI-Labs/AgnesAI-Models/issues/69", bugs="error-type-string-none")
def _(call: Call, reply: Reply) -> Reply:
    """The code of an error is Python's None, as a text."""
    return _members(reply, code="None")


@says("error-type-of-python", link="https://github.com/Kurama622/llm.nvim/issues/117", bugs="error-type-api-error-400")
def _(call: Call, reply: Reply) -> Reply:
    """The type of a refusal is the name of an exception."""
    return _members(reply, type="BadRequestError")


@says("error-param-of-framework")
def _(call: Call, reply: Reply) -> Reply:
    """The param of a refusal is a path that begins in the framework's own terms."""
    made_up = is_error(reply) and reply.body["error"]["message"].endswith("conformance_unknown")
    return error(reply, param="body.conformance_unknown") if made_up else reply


@says("error-plain-text", link="https://github.com/vllm-project/vllm/issues/749", bugs="error-body-is-string")
def _(call: Call, reply: Reply) -> Reply:
    """An error is a line of text."""
    plain = replace(reply, body=b"Internal Server Error").with_headers(content_type="text/plain; charset=utf-8")
    return plain if is_orphan(reply) else reply


@says("unknown-model-text", link="https://github.com/ollama/ollama/issues/10139", bugs="models-404-plain-text")
def _(call: Call, reply: Reply) -> Reply:
    """A model that is not there is a page that is not there, in plain text."""
    unknown = is_error(reply) and "/models/" in call.path
    plain = reply.with_headers(content_type="text/plain")
    return replace(plain, body=b"404 page not found") if unknown else reply


@says("unknown-url-detail", link="https://github.com/ollama/ollama/issues/10139", bugs="models-404-plain-text")
def _(call: Call, reply: Reply) -> Reply:
    """An unknown URL is answered in the framework's own form."""
    return replace(reply, body={"detail": "Not Found"}) if unknown_url(reply) else reply
