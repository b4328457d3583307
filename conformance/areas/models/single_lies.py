"""Lies about one model, and about one that is not there."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote

from conformance.areas.models.lists_lies import single
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import body


@lets("model-not-found")
def _(call: Call) -> Call:
    """One model cannot be asked for: the route is not there."""
    return replace(call, path="/v1/nowhere") if call.method == "GET" and "/models/" in call.path else call


@lets("model-slash-decoded")
def _(call: Call) -> Call:
    """The path is decoded before it is routed, so that an id with a slash is two segments."""
    return replace(call, path=unquote(call.path))


@lets("model-plus-is-space")
def _(call: Call) -> Call:
    """A plus in a path is read as a space, as in a form."""
    return replace(call, path=call.path.replace("+", "%20")) if "/models/" in call.path else call


@lets("model-colon-is-verb")
def _(call: Call) -> Call:
    """A colon in a path begins a verb, of which this server has none."""
    return replace(call, path="/v1/nowhere") if "/models/" in call.path and ":" in call.path else call


@says("model-wrapped")
def _(call: Call, reply: Reply) -> Reply:
    """One model comes wrapped in `data`."""
    return replace(reply, body={"object": "model", "data": reply.body}) if single(call, reply) else reply


@says("model-other-id")
def _(call: Call, reply: Reply) -> Reply:
    """One model comes with an id without its organization."""
    return body(reply, id=reply.body["id"].rpartition("/")[2]) if single(call, reply) else reply


@says("model-differs-alone")
def _(call: Call, reply: Reply) -> Reply:
    """One model has another owner than in the list."""
    return body(reply, owned_by="somebody-else") if single(call, reply) else reply


@says("unknown-model-found")
def _(call: Call, reply: Reply) -> Reply:
    """Any model that is asked for is there."""
    if call.method != "GET" or "/models/" not in call.path or reply.status != 404:
        return reply
    model = {"id": unquote(call.path.rpartition("/")[2]), "object": "model", "created": 0, "owned_by": "anybody"}
    return replace(reply, status=200, body=model)


@says("error-200-for-unknown-model")
def _(call: Call, reply: Reply) -> Reply:
    """That there is no such model is told with status 200."""
    unknown = reply.status == 404 and call.path.endswith("/models/conformance-no-such-model")
    return replace(reply, status=200) if unknown else reply
