"""What the honest reference answers about its one model."""

from __future__ import annotations

from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route


@route("GET", r"/models")
def listed(server: Server, call: Call) -> Reply:
    return Reply(200, (), {"object": "list", "data": [_model(server)]})


@route("GET", r"/models/([^/]+)")
def one(server: Server, call: Call, name: str) -> Reply:
    if name != server.model:
        raise Refusal(404, f"The model '{name}' does not exist", param="model", code="model_not_found")
    return Reply(200, (), _model(server))


def _model(server: Server) -> Json:
    return {"id": server.model, "object": "model", "created": 1_760_000_000, "owned_by": "openai-conformance"}
