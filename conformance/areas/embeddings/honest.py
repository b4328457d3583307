"""What the honest reference answers to texts to embed."""

from __future__ import annotations

import base64
import math
import struct

from conformance.areas.parameter_table import schemas
from conformance.reference import tokens
from conformance.reference.bounds import check_bounds
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route

DIMENSIONS = 8
MOST = 2048
"""Inputs of one request: https://platform.openai.com/docs/api-reference/embeddings/create"""


@route("POST", r"/embeddings")
def embeddings(server: Server, call: Call) -> Reply:
    """A unit vector for each input, as numbers or as base64 of little-endian float32."""
    asked = server.read(call, "embedding")
    if asked.get("input") is None:
        raise Refusal(400, "Missing required parameter: 'input'.", param="input", code="missing_required_parameter")
    check_bounds(asked, schemas("embeddings"))
    inputs = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    if len(inputs) > MOST:
        raise Refusal(
            400,
            f"Invalid 'input': array too long. Expected at most {MOST} elements.",
            param="input",
            code="array_above_max_length",
        )
    used = sum(tokens.count(str(text)) for text in inputs)
    body = {
        "object": "list",
        "data": [
            {"object": "embedding", "index": n, "embedding": _vector(str(text), asked.get("encoding_format"))}
            for n, text in enumerate(inputs)
        ],
        "model": asked["model"],
        "usage": {"prompt_tokens": used, "total_tokens": used},
    }
    return Reply(200, (), body)


def _vector(text: str, encoding: str | None) -> list[float] | str:
    raw = [math.sin(1 + n + len(text)) for n in range(DIMENSIONS)]
    norm = math.sqrt(sum(x * x for x in raw))
    vector = [x / norm for x in raw]
    return base64.b64encode(struct.pack(f"<{DIMENSIONS}f", *vector)).decode() if encoding == "base64" else vector
