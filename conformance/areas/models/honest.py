"""What the honest reference answers about its models."""

from __future__ import annotations

from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route


@route("GET", r"/models")
def listed(server: Server, call: Call) -> Reply:
    return Reply(200, (), {"object": "list", "data": [_model(server, id) for id in _all(server)]})


@route("GET", r"/models/([^/]+)")
def one(server: Server, call: Call, name: str) -> Reply:
    if name not in _all(server):
        raise Refusal(404, f"The model '{name}' does not exist", param="model", code="model_not_found")
    return Reply(200, (), _model(server, name))


def _all(server: Server) -> list[str]:
    return [server.model, *server.models.values(), server.tuned]


def _model(server: Server, id: str) -> Json:
    """Each came out a week after the one before."""
    created = 1_750_000_000 + 7 * 86_400 * _all(server).index(id)
    return {"id": id, "object": "model", "created": created, "owned_by": "openai-conformance"}
