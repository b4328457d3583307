"""A small OpenAPI document of our own: two routes that are judged, one that is not, and an alternative of each kind."""

from __future__ import annotations

TEXT = {"type": "string"}
DOCUMENT = {
    "paths": {
        "/models": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/schemas/Models"}}}}}}},
        "/chat/completions": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"allOf": [
                    {"properties": {"messages": {"type": "array"}}}, {"properties": {"colour": TEXT}}]}}}},
                "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/schemas/Completion"}}}},
                              "429": {"content": {"application/json": {"schema": {"properties": {"error": TEXT}}}}}},
            }
        },
        "/assistants": {"get": {"responses": {}}},
    },
    "schemas": {
        "Models": {"type": "object", "properties": {"data": {"type": "array", "items": {"$ref": "#/schemas/Model"}}}},
        "Model": {"type": "object", "required": ["id"], "properties": {"id": TEXT, "colour": TEXT}},
        "Completion": {"type": "object", "properties": {"id": TEXT, "choices": {"type": "array", "items": {"anyOf": [
            {"type": "object", "properties": {"message": {"$ref": "#/schemas/Message"}}}, {"type": "null"}]}}}},
        "Message": {"type": "object", "properties": {"content": {"anyOf": [TEXT, {"type": "null"}]}, "colour": TEXT}},
    },
}  # fmt: skip
_EVENTS = [
    {"properties": {"type": {"enum": ["response.created"]}}},
    {"properties": {"type": {"const": "response.completed"}}},
]
DELTA = {
    "/responses": {"post": {"responses": {"200": {"content": {"text/event-stream": {"schema": {"oneOf": _EVENTS}}}}}}}
}
