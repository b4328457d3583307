"""What the honest reference answers to texts to embed."""

from __future__ import annotations

import base64
import math
import struct
from typing import Any
from zlib import crc32

from conformance.areas.parameter_table import schemas
from conformance.reference import tokens
from conformance.reference.bounds import check_bounds
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route

DIMENSIONS = 48
MOST = 2048
"""Inputs of one request: https://platform.openai.com/docs/api-reference/embeddings/create"""
CONTEXT = 8192
"""Tokens of one input."""
GRAMS = (2, 3)
"""Letters that are looked at together."""


@route("POST", r"/embeddings")
def embeddings(server: Server, call: Call) -> Reply:
    """A unit vector for each input, as numbers or as base64 of little-endian float32."""
    asked = server.read(call, "embedding")
    if asked.get("input") is None:
        raise Refusal(400, "Missing required parameter: 'input'.", param="input", code="missing_required_parameter")
    check_bounds(asked, schemas("embeddings"))
    texts, used = _read(asked["input"])
    width = asked.get("dimensions") or DIMENSIONS
    if width > DIMENSIONS:
        raise Refusal(
            400, f"Invalid value for 'dimensions' = {width}. Must be at most {DIMENSIONS}.", param="dimensions"
        )
    encode = _packed if asked.get("encoding_format") == "base64" else list
    made = (
        {"object": "embedding", "index": n, "embedding": encode(vector(text, width))} for n, text in enumerate(texts)
    )
    usage = {"prompt_tokens": used, "total_tokens": used}
    return Reply(200, (), {"object": "list", "data": [*made], "model": asked["model"], "usage": usage})


def _read(given: Any) -> tuple[list[str], int]:
    """The texts to embed, and how many tokens they are. Raises Refusal."""
    inputs = given if isinstance(given, list) and not _is_tokens(given) else [given]
    texts, used = [], 0
    for each in inputs:
        if isinstance(each, str) and each:
            text, length = each, tokens.count(each)
        elif _is_tokens(each):
            text, length = tokens.decode(tokens.of_ids(each)), len(each)
        else:
            raise Refusal(400, "'$.input' is invalid. Please check the API reference.")
        if length > CONTEXT:
            raise Refusal(
                400, f"This model's maximum context length is {CONTEXT} tokens, however you requested {length}."
            )
        texts.append(text)
        used += length
    return texts, used


def _is_tokens(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(type(each) is int for each in value)


def vector(text: str, width: int = DIMENSIONS) -> tuple[float, ...]:
    """A unit vector that is near for near texts: pairs and triples of letters, each counted at a place and with a sign that its hash
    tells. The first numbers of it make the shorter ones."""
    sums = [0.0] * DIMENSIONS
    said = f" {text.lower()} "
    for size in GRAMS:
        for start in range(len(said) - size + 1):
            mark = crc32(said[start : start + size].encode("utf-8", "surrogatepass"))
            sums[mark % DIMENSIONS] += 1 if mark & 0x10000 else -1
    sums[0] += 0.5  # so that none has no direction
    norm = math.hypot(*sums[:width])
    return struct.unpack(f"<{width}f", struct.pack(f"<{width}f", *(value / norm for value in sums[:width])))


def _packed(numbers: tuple[float, ...]) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
