"""Lies about structured output: formats ignored, texts around the JSON, values that do not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import (
    each_choice,
    each_delta,
    each_message,
    each_part,
    form,
    is_chat,
    schema,
    sent,
)

_FAILS_OPEN = "https://github.com/ggml-org/llama.cpp/issues/19051"


def nested(call: Call) -> bool:
    """A schema with definitions, and no tools."""
    return "$defs" in schema(call)


def retold(reply: Reply, change: Callable[[str], str]) -> Reply:
    """The reply with the text of its one choice changed, plain or streamed."""
    if is_chat(reply):
        return each_message(reply, lambda message: {**message, "content": change(message["content"])})
    if reply.chunks is None:
        return reply
    spoken = [n for n, c in enumerate(reply.chunks) if c["choices"] and c["choices"][0]["delta"].get("content")]
    text = "".join(reply.chunks[n]["choices"][0]["delta"]["content"] for n in spoken)
    new, first = change(text), spoken[0]
    part = {**reply.chunks[first]["choices"][0]}
    halves = (new[: len(new) // 2], new[len(new) // 2 :])
    chunks = [{**reply.chunks[first], "choices": [{**part, "delta": {"content": half}}]} for half in halves]
    return replace(reply, chunks=(*reply.chunks[:first], *chunks, *reply.chunks[spoken[-1] + 1 :]))


def revalued(reply: Reply, change: Callable[[Any], Any]) -> Reply:
    """The reply with the JSON value of its text changed."""
    return retold(reply, lambda text: json.dumps(change(json.loads(text)), separators=(",", ":")))


def _whole(call: Call, reply: Reply) -> bool:
    """An answer that is not cut by its limit."""
    return reply.status == 200 and (call.json or {}).get("max_completion_tokens", 99) > 5


@lets(
    "structured-format-dropped",
    link="https://github.com/BerriAI/litellm/pull/38269",
    bugs="structured-response-format-dropped",
)
def _(call: Call) -> Call:
    """A response_format with definitions is dropped, and the answer is prose."""
    return call.asking(response_format=None) if nested(call) else call


@lets("structured-dropped-streamed")
def _(call: Call) -> Call:
    """A response_format with definitions is dropped in streams."""
    return call.asking(response_format=None) if nested(call) and call.streaming else call


@lets("structured-dropped-beside-tools")
def _(call: Call) -> Call:
    """The response_format is dropped where there are tools."""
    return call.asking(response_format=None) if (call.json or {}).get("tools") else call


@lets("structured-responses-ignored")
def _(call: Call) -> Call:
    """Responses ignores text.format."""
    text = sent(call, "text") if call.path.endswith("/responses") else None
    named = isinstance(text, dict) and isinstance(text.get("format"), dict)
    return call.asking(text={**text, "format": {"type": "text"}}) if named else call


def _only_json(call: Call) -> bool:
    """JSON mode, and nothing beside it that shows the text once more, or takes its place."""
    return form(call).get("type") == "json_object" and not any(sent(call, name) for name in ("tools", "logprobs", "n"))


@says(
    "structured-fence",
    link="https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/2403",
    bugs="structured-markdown-fence",
)
def _(call: Call, reply: Reply) -> Reply:
    """In JSON mode the JSON stands in a Markdown fence."""
    fenced = _only_json(call) and reply.status == 200
    return retold(reply, lambda text: f"```json\n{text}\n```") if fenced else reply


@says("structured-prose")
def _(call: Call, reply: Reply) -> Reply:
    """A sentence stands before the JSON."""
    return retold(reply, lambda text: f"Here is the order:\n{text}") if nested(call) and _whole(call, reply) else reply


@says("structured-array")
def _(call: Call, reply: Reply) -> Reply:
    """JSON mode gives an array."""
    listed = _only_json(call) and reply.status == 200
    return revalued(reply, lambda value: [value]) if listed else reply


def _misfit(change: Callable[[Any], Any], text: str, keyword: str = "$defs") -> Callable[[Call, Reply], Reply]:
    """A lie about the value under the schema that has this keyword (at its root, or in one of its properties)."""

    def lie(call: Call, reply: Reply) -> Reply:
        parts = schema(call).get("properties", {}).values()
        meant = keyword in schema(call) or any(keyword in part for part in parts)
        return revalued(reply, change) if meant and _whole(call, reply) else reply

    lie.__doc__ = text
    return lie


for _name, _keyword, _change, _text, _link in (
    ("schema-as-mode", "$defs", lambda _: {"order": "two teas"}, "A schema gives any JSON object, as JSON mode does.", None),
    ("null-left-out", "$defs", lambda v: {k: e for k, e in v.items() if e is not None}, "Keys that are null are left out.",
     None),
    ("extra-key", "$defs", lambda v: {**v, "note": "none"}, "The object has a key of its own.", None),
    ("enum-open", "$defs", lambda v: {**v, "zone": "zone"}, "A value is none of the enum.", _FAILS_OPEN),
    ("numbers-quoted", "$defs", lambda v: {**v, "lines": [{**line, "cups": "1"} for line in v["lines"]]},
     "Numbers deep in the object are strings.", None),
    ("keywords-ignored", "pattern", lambda v: {**v, "code": "abc", "grams": 7}, "Pattern and bounds are ignored.", _FAILS_OPEN),
    ("format-of-text", "pattern", lambda v: {**v, "day": "yesterday"}, "A date is any text.", None),
    ("sorted", "$defs", lambda v: dict(sorted(v.items())), "Keys come in the order of the alphabet.",
     "https://github.com/ollama/ollama/issues/7978"),
):  # fmt: skip
    _bugs = "structured-fail-open" if _link == _FAILS_OPEN else ()
    says(f"structured-{_name}", link=_link, bugs=_bugs)(_misfit(_change, _text, _keyword))


@says("structured-cut-stop")
def _(call: Call, reply: Reply) -> Reply:
    """Where the limit cut the JSON, plain or streamed, finish_reason is "stop"."""
    if not form(call):
        return reply
    told = each_choice(reply, lambda choice: {**choice, "finish_reason": "stop"})
    return each_part(told, lambda part: {**part, "finish_reason": part["finish_reason"] and "stop"})


@says("structured-refusal-as-text")
def _(call: Call, reply: Reply) -> Reply:
    """A refusal comes as the text of the answer."""
    told = each_message(reply, _spoken)
    return each_delta(told, _spoken) if form(call) else told


def _spoken(message: Json) -> Json:
    return {**message, "content": message["refusal"], "refusal": None} if message.get("refusal") else message


@says("structured-refusal-twice")
def _(call: Call, reply: Reply) -> Reply:
    """A streamed refusal comes as the text too."""
    return each_delta(reply, lambda delta: {**delta, "content": delta["refusal"]} if delta.get("refusal") else delta)


def capital(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def reading(test: Callable[[Json], Any], instead: Json, text: str) -> Callable[[Call], Call]:
    """A lie that reads another schema for one that is to be refused."""

    def lie(call: Call) -> Call:
        if not test(schema(call)):
            return call
        return call.asking(
            response_format={**form(call), "json_schema": {**form(call)["json_schema"], "schema": instead}}
        )

    lie.__doc__ = text
    return lie


lets("structured-fail-open", link=_FAILS_OPEN, bugs="structured-fail-open")(
    reading(lambda asked: "allOf" in str(asked), capital(capital={"type": "integer"}),
             "A schema with allOf is taken, and what allOf says is ignored.")
)  # fmt: skip
