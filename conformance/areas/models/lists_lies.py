"""Lies about the list of models, and about what each in it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply, pretty
from conformance.reference.rewriting import body, without


def _listing(call: Call, reply: Reply) -> bool:
    return call.path.endswith("/models") and reply.status == 200


def single(call: Call, reply: Reply) -> bool:
    return "/models/" in call.path and reply.status == 200


def _each(call: Call, reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every model, listed or alone; other replies stay."""
    if _listing(call, reply):
        return body(reply, data=[without(change(model)) for model in reply.body["data"]])
    return replace(reply, body=without(change(reply.body))) if single(call, reply) else reply


@says("models-bare-array", link="https://github.com/songquanpeng/one-api/issues/128", bugs="models-bare-array")
def _(call: Call, reply: Reply) -> Reply:
    """The list of models is a bare array."""
    return replace(reply, body=pretty(reply.body["data"])) if _listing(call, reply) else reply


@says("models-object-models")
def _(call: Call, reply: Reply) -> Reply:
    """The list of models calls itself models."""
    return body(reply, object="models") if _listing(call, reply) else reply


@says("models-not-in-data")
def _(call: Call, reply: Reply) -> Reply:
    """The models stand in `models`."""
    return body(reply, models=reply.body["data"], data=...) if _listing(call, reply) else reply


@says("models-paged")
def _(call: Call, reply: Reply) -> Reply:
    """The list of models comes in pages."""
    return body(reply, has_more=True) if _listing(call, reply) else reply


@says("models-twice")
def _(call: Call, reply: Reply) -> Reply:
    """A model is listed twice."""
    return body(reply, data=reply.body["data"] * 2) if _listing(call, reply) else reply


@says("model-without-id")
def _(call: Call, reply: Reply) -> Reply:
    """The models of the list have a name instead of an id."""
    return (
        _each(call, reply, lambda model: {**model, "id": ..., "name": model["id"]}) if _listing(call, reply) else reply
    )


@says("model-object-engine")
def _(call: Call, reply: Reply) -> Reply:
    """A model calls itself an engine."""
    return _each(call, reply, lambda model: {**model, "object": "engine"})


@says("model-created-iso")
def _(call: Call, reply: Reply) -> Reply:
    """`created` of a model is a date as text."""
    return _each(call, reply, lambda model: {**model, "created": "2025-10-09T08:53:20Z"})


@says("model-created-milliseconds")
def _(call: Call, reply: Reply) -> Reply:
    """`created` of a model is in milliseconds."""
    return _each(call, reply, lambda model: {**model, "created": model["created"] * 1000})


@says("model-without-owner")
def _(call: Call, reply: Reply) -> Reply:
    """A model has no owned_by."""
    return _each(call, reply, lambda model: {**model, "owned_by": ...})


@lets("models-absent")
def _(call: Call) -> Call:
    """There is no list of models."""
    return replace(call, path="/v1/nowhere") if call.path == "/v1/models" else call


@says("models-names-only")
def _(call: Call, reply: Reply) -> Reply:
    """The list of models is a list of names."""
    listing = call.path.endswith("/models") and reply.status == 200
    return body(reply, data=[model["id"] for model in reply.body["data"]]) if listing else reply


@says("models-empty")
def _(call: Call, reply: Reply) -> Reply:
    """The list of models is empty."""
    return body(reply, data=[]) if call.path.endswith("/models") and reply.status == 200 else reply
