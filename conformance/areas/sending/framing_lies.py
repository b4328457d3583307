"""Lies about the body of a request: lost or refused where it does not come in one piece."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import turn_down


def _with_body(call: Call, body: bytes) -> Call:
    return replace(call, body=body, json=_parsed(body))


def _parsed(body: bytes) -> Json | None:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _chunked(call: Call) -> bool:
    return call.header("transfer-encoding") == "chunked"


@lets(
    "chunked-body-lost",
    link=(
        "https://github.com/antirez/ds4/pull/423",
        "https://github.com/Sophomoresty/gemini-web2api/pull/70",
        "https://github.com/ardeyouxipianyi/workbuddy2api-intl/pull/30",
    ),
)
def _(call: Call) -> Call:
    """A body without Content-Length is taken for none."""
    return _with_body(call, b"") if _chunked(call) else call


@says("chunked-411", link="https://github.com/dotnet/runtime/issues/94124")
def _(call: Call, reply: Reply) -> Reply:
    """A body without Content-Length is refused with 411."""
    return replace(turn_down(reply, "Length required."), status=411) if _chunked(call) else reply


@lets("body-first-portion-alone")
def _(call: Call) -> Call:
    """What of a body comes after its first portion is not read."""
    first = call.line.portions[:1]
    return _with_body(call, first[0]) if first and first[0] != call.body and not _chunked(call) else call


@says(
    "large-body-413",
    link=(
        "https://github.com/mnfst/llm-gateway/issues/2126",
        "https://github.com/ChronoAIProject/NyxID/issues/957",
        "https://github.com/lbjlaq/Antigravity-Manager/pull/1167",
        "https://github.com/sveneisenschmidt/n8n-openai-bridge/pull/47",
    ),
)
def _(call: Call, reply: Reply) -> Reply:
    """A proxy lets through what it does by itself: a megabyte."""
    return replace(turn_down(reply, "Request entity too large."), status=413) if len(call.body) > 1_048_576 else reply


@says("expect-417", link="https://github.com/yhirose/cpp-httplib/issues/349")
def _(call: Call, reply: Reply) -> Reply:
    """A request with an Expect is refused with 417."""
    return replace(turn_down(reply, "Expectation failed."), status=417) if call.header("expect") else reply
