"""The routes beside chat, as far as their usage and finish reasons are judged: embeddings, responses, legacy completions."""

from __future__ import annotations

import base64
import math
import struct
from typing import Any

from conformance.reference import logprobs, tokens
from conformance.reference.rules import Refusal, check_schema
from conformance.reference.script import say

Json = dict[str, Any]

DIMENSIONS = 8


def embeddings(head: Json) -> Json:
    """A unit vector for each input, as numbers or as base64 of little-endian float32."""
    asked = head["asked"]
    if asked.get("input") is None:
        raise Refusal(400, "Missing required parameter: 'input'.", param="input", code="missing_required_parameter")
    inputs = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    used = sum(tokens.count(str(text)) for text in inputs)
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": n, "embedding": _vector(str(text), asked.get("encoding_format"))}
            for n, text in enumerate(inputs)
        ],
        "model": head["model"],
        "usage": {"prompt_tokens": used, "total_tokens": used},
    }


def _vector(text: str, encoding: str | None) -> list[float] | str:
    raw = [math.sin(1 + n + len(text)) for n in range(DIMENSIONS)]
    norm = math.sqrt(sum(x * x for x in raw))
    vector = [x / norm for x in raw]
    return base64.b64encode(struct.pack(f"<{DIMENSIONS}f", *vector)).decode() if encoding == "base64" else vector


def completion(head: Json) -> Json:
    """The continuation of a prompt, cut at max_tokens (16 unless asked)."""
    asked = head["asked"]
    produced = tokens.encode(" four, five, six, seven, eight, nine, ten.")
    limit = asked.get("max_tokens") or 16
    text, finish = tokens.decode(produced[:limit]), "length" if len(produced) > limit else "stop"
    used, made = tokens.count(str(asked.get("prompt"))), min(limit, len(produced))
    top = asked.get("logprobs")
    probable = None if top is None else logprobs.legacy(produced[:limit], top, len(str(asked.get("prompt"))))
    return {
        "id": f"cmpl-{head['id']}",
        "object": "text_completion",
        "created": head["created"],
        "model": head["model"],
        "choices": [{"text": text, "index": 0, "logprobs": probable, "finish_reason": finish}],
        "usage": {"prompt_tokens": used, "completion_tokens": made, "total_tokens": used + made},
    }


def response(head: Json) -> Json:
    """The Responses form of one answer."""
    asked = head["asked"]
    form = (asked.get("text") or {}).get("format") or {"type": "text"}
    if form["type"] == "json_schema":
        check_schema(form, "text.format")
    question = {"role": "user", "content": asked["input"]}
    text = say({"messages": [question], "response_format": {**form, "json_schema": form}}).content or ""
    used, made = tokens.count(asked["input"]) + 6, tokens.count(text)
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    message = {
        "id": f"msg_{head['id']}",
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [part],
    }
    return {
        "id": f"resp_{head['id']}",
        "object": "response",
        "created_at": head["created"],
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": asked.get("max_output_tokens"),
        "model": head["model"],
        "output": [message],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": True,
        "temperature": 1.0,
        "text": {"format": form},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": used,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": made,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": used + made,
        },
        "user": None,
        "metadata": {},
    }
