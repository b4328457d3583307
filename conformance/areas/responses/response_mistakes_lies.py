"""Lies about requests that should be refused: served all the same, or refused in other words."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import error
from conformance.reference.rewriting_responses import letting
from conformance.reference.script import MODEL


def _about(call: Call, reply: Reply) -> bool:
    """The refusal of a model that does not exist."""
    return call.path.endswith("/responses") and reply.status == 400 and reply.body["error"]["code"] == "model_not_found"


letting("response-any-model", "Every model is served by the one there is.", lambda asked: {"model": MODEL})


@says("response-unknown-model-422")
def _(call: Call, reply: Reply) -> Reply:
    """A model that does not exist is a validation error."""
    return replace(reply, status=422) if _about(call, reply) else reply


@says("response-unknown-model-uncoded")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of an unknown model has no code."""
    return error(reply, code=None) if _about(call, reply) else reply


@says("response-unknown-model-param")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of an unknown model names no param."""
    return error(reply, param=None) if _about(call, reply) else reply


letting("response-no-input-served", "Without input the model answers to nothing.",
        lambda asked: {} if "input" in asked else {"input": "Hello."})  # fmt: skip
letting("response-input-number-served", "Input that is a number is read as text.",
        lambda asked: {"input": str(asked["input"])} if asked.get("input") == 5 else {})  # fmt: skip
letting("response-temperature-clamped", "A temperature above 2 is bent to 2.",
        lambda asked: {"temperature": 2} if asked.get("temperature") == 3 else {})  # fmt: skip


def _flat(asked: Json) -> Json:
    tools = asked.get("tools") or []
    return (
        {
            "tools": [
                {"type": tool["type"], **tool[tool["type"]]} if tool.get("type") in tool else tool for tool in tools
            ]
        }
        if tools
        else {}
    )


letting("response-nested-tool-served", "Tools of chat are taken.", _flat)


def _kinds(asked: Json) -> list[str]:
    given = asked["input"] if isinstance(asked.get("input"), list) else []
    return [item.get("type", "message") for item in given]


letting("response-lost-result-served", "A result of no call is passed over.",
        lambda asked: {"input": asked["input"][:1]} if _kinds(asked) == ["message", "function_call_output"] else {})  # fmt: skip
letting("response-open-call-served", "A call without its result is passed over.",
        lambda asked: {"input": asked["input"][-1:]} if _kinds(asked) == ["message", "function_call", "message"] else {})  # fmt: skip


@says(
    "response-error-legacy", link="https://github.com/sgl-project/sglang/pull/9624", bugs="responses-error-legacy-shape"
)
def _(call: Call, reply: Reply) -> Reply:
    """The error of a result without a call has its members at the top level of the body."""
    known = (
        call.path.endswith("/responses")
        and reply.status == 400
        and "No tool call found" in reply.body["error"]["message"]
    )
    return replace(reply, body={"object": "error", **reply.body["error"]}) if known else reply
