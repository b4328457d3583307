"""Lies to browsers: a preflight that needs a key or has no route, and answers that the page may not read (CORS)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import is_error


def _preflight(call: Call, change: Callable[[Reply], Reply], reply: Reply) -> Reply:
    return change(reply) if call.method == "OPTIONS" else reply


@says("cors-preflight-401", link="https://github.com/ggml-org/llama.cpp/issues/6544", bugs="http-options-401")
def _(call: Call, reply: Reply) -> Reply:
    """A preflight needs the key."""
    error = {"message": "Invalid API key.", "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}
    return _preflight(call, lambda reply: _refused(reply, 401, error), reply)


@says("cors-preflight-405", link="https://github.com/bricks-cloud/BricksLLM/issues/45", bugs="http-options-404")
def _(call: Call, reply: Reply) -> Reply:
    """OPTIONS is no method of any route."""
    error = {"message": "Method not allowed.", "type": "invalid_request_error", "param": None, "code": None}
    return _preflight(call, lambda reply: _refused(reply, 405, error).with_headers(allow="POST"), reply)


def _refused(reply: Reply, status: int, error: Json) -> Reply:
    changed = replace(reply, status=status, body={"error": error})
    return changed.with_headers(content_type="application/json", www_authenticate="Bearer")


@says("cors-origin-absent")
def _(call: Call, reply: Reply) -> Reply:
    """A preflight is answered without a word about origins."""
    return _preflight(call, lambda reply: reply.with_headers(access_control_allow_origin=None), reply)


@says("cors-headers-absent")
def _(call: Call, reply: Reply) -> Reply:
    """A preflight allows no header but those that need no leave."""
    return _preflight(call, lambda reply: reply.with_headers(access_control_allow_headers="content-type"), reply)


@says(
    "cors-stainless-absent",
    link=(
        "https://github.com/lidge-jun/opencodex/issues/1773",
        "https://github.com/pollinations/pollinations/pull/10165",
        "https://github.com/Arthur-Ficial/apfel/issues/40",
        "https://github.com/LeenHawk/gproxy/issues/238",
        "https://github.com/jeromeleong/poe2openai/issues/15",
    ),
    bugs="cors-stainless-not-allowed",
)
def _(call: Call, reply: Reply) -> Reply:
    """A preflight allows a fixed list of headers."""
    listed = "Authorization, Content-Type, X-API-Key"
    return _preflight(call, lambda reply: reply.with_headers(access_control_allow_headers=listed), reply)


@says(
    "cors-errors-without", link="https://github.com/NousResearch/hermes-agent/pull/104104", bugs="http-401-without-cors"
)
def _(call: Call, reply: Reply) -> Reply:
    """Errors do not allow the origin to read them."""
    return reply.with_headers(access_control_allow_origin=None) if is_error(reply) else reply
