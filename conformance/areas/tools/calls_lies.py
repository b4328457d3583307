"""Lies about tool calls as the client gets them: their fields, their arguments, their names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import (
    at_will,
    each_chunk,
    each_delta,
    each_message,
    is_chat,
    last_text,
    sent,
    without,
)


def each_call(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every tool call of a plain completion; other replies stay."""

    def calls(message: Json) -> Json:
        return {**message, "tool_calls": [without(change(call)) for call in message.get("tool_calls", [])] or ...}

    return each_message(reply, calls)


def each_function(reply: Reply, **changes: Any) -> Reply:
    """Change members of the function of every tool call of a plain completion; other replies stay."""
    return each_call(reply, lambda call: {**call, "function": without({**call["function"], **changes})})


def each_fragment(reply: Reply, change: Callable[[Json, bool], Json]) -> Reply:
    """Change every fragment of a call in a stream, given whether it is the call's first; other replies stay."""

    def fragments(delta: Json) -> Json:
        changed = [without(change(part, "id" in part)) for part in delta.get("tool_calls", [])]
        return {**delta, "tool_calls": changed} if changed else delta

    return each_delta(reply, fragments)


def renamed(reply: Reply, name: Callable[[str], str]) -> Reply:
    """Change the name of every function called, plain or streamed; other replies stay."""

    def call(fragment: Json, first: bool = True) -> Json:
        function = fragment["function"]
        return {**fragment, "function": {**function, "name": name(function["name"])}} if first else fragment

    return each_fragment(each_call(reply, call), call)


@says("tool-calls-an-object")
def _(call: Call, reply: Reply) -> Reply:
    """tool_calls is an object by position, not an array."""

    def numbered(message: Json) -> Json:
        calls = message.get("tool_calls")
        return {**message, "tool_calls": {str(n): call for n, call in enumerate(calls)}} if calls else message

    return each_message(reply, numbered)


@says("tool-calls-empty", link="https://github.com/vercel/ai/issues/20546", bugs="tool-calls-empty-array")
def _(call: Call, reply: Reply) -> Reply:
    """A message without calls has an empty tool_calls, but for the greeting, which is sent back."""
    greeting = "Say hello" in last_text(call)
    return reply if greeting else each_message(reply, lambda message: {"tool_calls": [], **message})


@says("tool-call-without-id")
def _(call: Call, reply: Reply) -> Reply:
    """A tool call has an empty id, as of some gateways to Gemini."""
    return each_call(reply, lambda made: {**made, "id": ""})


@says("tool-id-vendor")
def _(call: Call, reply: Reply) -> Reply:
    """The ids of calls have a form of the server's own, as of Kimi on several hosts."""

    def named(made: Json, first: bool = True) -> Json:
        return {**made, "id": made["id"].replace("call_", "functions.x:")} if first else made

    return each_fragment(each_call(reply, named), named) if at_will(call) else reply


@says("tool-plain-index")
def _(call: Call, reply: Reply) -> Reply:
    """The calls of a plain answer have an index, as those of a stream."""
    return each_call(reply, lambda made: {**made, "index": 0}) if at_will(call) else reply


@says("tool-call-without-type")
def _(call: Call, reply: Reply) -> Reply:
    """A tool call has no type."""
    return each_call(reply, lambda made: {**made, "type": ...}) if at_will(call) else reply


@says("tool-call-flat")
def _(call: Call, reply: Reply) -> Reply:
    """A tool call is flat, as in the Responses API."""

    def flat(made: Json) -> Json:
        return {"id": made["id"], "type": "function", **made["function"]}

    return each_call(reply, flat) if at_will(call) else reply


@says("tool-call-without-name")
def _(call: Call, reply: Reply) -> Reply:
    """A tool call does not say which function."""
    return each_function(reply, name=...) if at_will(call) else reply


@says(
    "tool-arguments-an-object", link="https://github.com/ggml-org/llama.cpp/issues/20198", bugs="tool-arguments-object"
)
def _(call: Call, reply: Reply) -> Reply:
    """The arguments are a JSON object instead of its text."""

    def decoded(made: Json) -> Json:
        return {**made, "function": {**made["function"], "arguments": json.loads(made["function"]["arguments"])}}

    return each_call(reply, decoded) if at_will(call) else reply


@says("tool-name-unknown")
def _(call: Call, reply: Reply) -> Reply:
    """The name that the model chose comes with a prefix of its own format."""
    return renamed(reply, lambda name: f"functions.{name}") if at_will(call) else reply


@says("tool-stream-names-differ", link="https://github.com/gsd-build/gsd-2/issues/4647")
def _(call: Call, reply: Reply) -> Reply:
    """The name that the model chose comes with a prefix, but in streams only."""
    return renamed(reply, lambda name: f"functions.{name}") if at_will(call) and call.streaming else reply


@says("tool-name-cut", link="https://github.com/n8n-io/n8n/pull/25745")
def _(call: Call, reply: Reply) -> Reply:
    """The name of a called tool has 60 characters at most."""
    return renamed(reply, lambda name: name[:60])


@says("tool-ids-equal")
def _(call: Call, reply: Reply) -> Reply:
    """All calls of a message have one id."""
    return each_call(reply, lambda made: {**made, "id": f"call_{reply.body['id'][-24:]}"})


@says(
    "tool-ids-counted-anew", link="https://github.com/LostRuins/koboldcpp/issues/2481", bugs="tool-call-id-low-entropy"
)
def _(call: Call, reply: Reply) -> Reply:
    """The ids of calls are counted anew in every answer."""

    def counted(part: Json, first: bool = True) -> Json:
        return {**part, "id": f"call_{part['id'][-4:]}"} if first else part

    return each_fragment(each_call(reply, counted), counted)


@says("tool-markup-in-content", link="https://github.com/sgl-project/sglang/pull/40237", bugs="tool-markup-in-content")
def _(call: Call, reply: Reply) -> Reply:
    """Where calls are forbidden, the model's markup for one is left in the text."""
    if sent(call, "tool_choice") != "none" or sent(call, "response_format") or sent(call, "logprobs"):
        return reply

    marks = iter(["<tool_call>"])

    def marked(part: Json) -> Json:
        return {**part, "content": next(marks, "") + part["content"]} if part.get("content") else part

    return each_delta(each_message(reply, marked), marked)


@says("tool-call-as-text", link="https://github.com/cloudflare/ai/issues/192", bugs="tool-call-in-content-finish-stop")
def _(call: Call, reply: Reply) -> Reply:
    """A call is left in the text as JSON, with the finish reason of a text."""
    text = json.dumps({"name": "get_weather", "arguments": {"city": "Paris"}})
    if not at_will(call):
        return reply
    if is_chat(reply) and "tool_calls" in reply.body["choices"][0]["message"]:
        choice = reply.body["choices"][0]
        message = {**choice["message"], "content": text, "tool_calls": ...}
        said = {**choice, "message": without(message), "finish_reason": "stop"}
        return replace(reply, body={**reply.body, "choices": [said]})
    if reply.chunks and any(part["delta"].get("tool_calls") for part in reply.chunks[1]["choices"]):
        return each_chunk(reply, lambda n, chunk: _retold(n, chunk, text))
    return reply


@says("tool-call-as-text-beside", link="https://github.com/mudler/LocalAI/issues/10052")
def _(call: Call, reply: Reply) -> Reply:
    """A call is sent, and its JSON is the text of the message."""
    calls = [call["function"] for call in _first_message(reply).get("tool_calls") or () if "function" in call]
    if not at_will(call) or not calls:
        return reply
    text = json.dumps({"name": calls[0]["name"], "arguments": json.loads(calls[0]["arguments"])})
    return each_message(reply, lambda message: {**message, "content": text})


def _first_message(reply: Reply) -> Json:
    return reply.body["choices"][0]["message"] if is_chat(reply) else {}


def _retold(n: int, chunk: Json, text: str) -> Json:
    """A chunk of a streamed call as one of a streamed text: all of it in the second chunk."""
    deltas = {0: {"role": "assistant", "content": "", "refusal": None}, 1: {"content": text}}
    parts = []
    for part in chunk["choices"]:
        ended = part["finish_reason"] is not None
        delta = {} if ended else deltas.get(n, {"content": ""})
        parts.append({**part, "delta": delta, "finish_reason": "stop" if ended else None})
    return {**chunk, "choices": parts}


MARKUP = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>'


@says("tool-markup-beside-calls", link="https://github.com/Blaizzy/mlx-vlm/pull/974", bugs="tool-markup-in-content")
def _(call: Call, reply: Reply) -> Reply:
    """The model's markup for a call is left in the text beside the call."""
    if not at_will(call):
        return reply
    marked = each_message(reply, lambda m: {**m, "content": MARKUP} if m.get("tool_calls") else m)
    return each_delta(marked, lambda d: {**d, "content": MARKUP} if d.get("tool_calls") and "role" in d else d)
