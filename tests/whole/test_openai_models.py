"""OpenAI's models take different parameters: what one of them refuses, in OpenAI's own words, is never held against it.

No recording shows most probes of ours sent to a reasoning model, so these are models of the reference that refuse what recorded
models of OpenAI refuse.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.areas.catalogue import judge
from conformance.reference.lies import Lie
from conformance.reference.replies import Call, Json, Reply
from conformance.send.inprocess import exchanges

FREE = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0, "n": None, "logprobs": False}
"""Values that also models take which know no others."""


def refused(reply: Reply, message: str, param: str | None, code: str | None) -> Reply:
    """The same headers, request id included, and this error."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return replace(reply, status=400, body={"error": error}, chunks=None).with_headers(content_type="application/json")


def set_to(body: Json, name: str) -> Any:
    """What the request sets this parameter to, None where that is what every model does."""
    value = body.get(name)
    return None if value == FREE.get(name) else value


def reasoning(call: Call, reply: Reply) -> Reply:
    """gpt-5 and its kind: no sampling parameters, no stop, no max_tokens, no log probabilities."""
    body = call.json or {}
    if reply.status != 200 or "messages" not in body:
        return reply
    if (temperature := set_to(body, "temperature")) is not None:
        words = f"Unsupported value: 'temperature' does not support {temperature} with this model."
        return refused(reply, words, "temperature", "unsupported_value")
    for name in ("max_tokens", "stop", "top_p", "presence_penalty", "frequency_penalty", "logit_bias", "prediction"):
        if set_to(body, name):
            words = f"Unsupported parameter: '{name}' is not supported with this model."
            return refused(reply, words, name, "unsupported_parameter")
    if set_to(body, "logprobs") or set_to(body, "top_logprobs"):
        return refused(reply, "You are not allowed to request logprobs from this model.", None, None)
    return reply


def old(call: Call, reply: Reply) -> Reply:
    """gpt-3.5-turbo and its kind: no images, no sound, no JSON Schema, no custom tools, no effort."""
    body = call.json or {}
    if reply.status != 200 or "messages" not in body:
        return reply
    kinds = [part.get("type") for message in body["messages"] if isinstance(message.get("content"), list)
             for part in message["content"]]  # fmt: skip
    if {"image_url", "input_audio"} & {*kinds}:
        words = "Invalid content type. image_url is only supported by certain models."
        return refused(reply, words, "messages.[0].content.[1].type", None)
    if (body.get("response_format") or {}).get("type") == "json_schema":
        words = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
        return refused(reply, words, "response_format", None)
    if any(tool.get("type") == "custom" for tool in body.get("tools") or ()):
        return refused(
            reply, "Invalid value: 'custom'. Supported values are: 'function'.", "tools[0].type", "invalid_value"
        )
    if body.get("reasoning_effort"):
        return refused(reply, "Unrecognized request argument supplied: reasoning_effort", None, None)
    return reply


@pytest.mark.parametrize("model", [reasoning, old], ids=lambda model: model.__name__)
def test_what_a_model_of_openai_lacks_is_never_held_against_it(model):
    verdicts = judge(exchanges(Lie(model.__name__, "", reply=model)))
    red = {v.check.id: v.reason or v.problems[0][1] for v in verdicts if v.red(strict=True)}
    assert red == {}
