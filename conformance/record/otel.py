"""OpenTelemetry's GenAI events and spans (https://opentelemetry.io/docs/specs/semconv/gen-ai/): OTLP as JSON, a request a line, and
what the SDKs print, one event or span each.

It must not guess: see entries.py. Instrumentations write messages in forms of their own; of an answer there are its texts, its tool
calls, why each choice ended and some numbers, and of the request its tools and its model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.record.entries import Entry, LeftOut
from conformance.record.jsonarray import DEPTH
from conformance.record.logged import between, no_answer, parsed, put_together, text_of, time_of

WRAPPED = {"resourceLogs": ("scopeLogs", "logRecords"), "resourceSpans": ("scopeSpans", "spans")}
OUTPUT, INPUT, TOOLS = "gen_ai.output.messages", "gen_ai.input.messages", "gen_ai.tool.definitions"
REASONS = {"tool_call": "tool_calls"}
"""Finish reasons that the conventions call otherwise than OpenAI does."""
USAGE = {"prompt_tokens": "gen_ai.usage.input_tokens", "completion_tokens": "gen_ai.usage.output_tokens"}
SYSTEMS = ("gen_ai.provider.name", "gen_ai.system")
OTHERS = frozenset((
    "anthropic", "aws.bedrock", "cohere", "gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai", "gemini", "ibm.watsonx.ai", "vertex_ai",
))  # fmt: skip
"""Systems that are not asked through OpenAI's API, by the names of the conventions."""
_VALUES = ("stringValue", "boolValue", "doubleValue", "bytesValue")


def records(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The events and spans in one value of a file."""
    wrapped = [(name, ways) for name, ways in WRAPPED.items() if name in value]
    if not wrapped:
        yield value
    for name, (scopes, inner) in wrapped:
        for resource in value[name]:
            for scope in resource.get(scopes) or ():
                yield from scope.get(inner) or ()


def entry(record: dict[str, Any]) -> Entry:
    """The entry of one event or span. Raises LeftOut."""
    if "attributes" not in record and "body" not in record:
        raise LeftOut("not an event or a span")
    told = _attributes(record.get("attributes"))
    if isinstance(body := _any(record.get("body"), 0), dict):
        told = {**body, **told}
    operation = told.get("gen_ai.operation.name", "chat")
    if any(told.get(name) in OTHERS for name in SYSTEMS):
        raise no_answer("not of this API")
    if OUTPUT not in told or operation not in ("chat", "text_completion", "generate_content"):
        raise no_answer("not of this API" if OUTPUT in told else "without a recorded body")
    output = parsed(told[OUTPUT])
    if not isinstance(output, list) or not output:
        raise LeftOut(f"its {OUTPUT} is no list of messages")
    answer: dict[str, Any] = {
        "object": "chat.completion",
        "choices": [_choice(n, each) for n, each in enumerate(output)],
    }
    for name, key in (("id", "gen_ai.response.id"), ("model", "gen_ai.response.model")):
        answer |= {name: told[key]} if isinstance(told.get(key), str) else {}
    if usage := {name: told[key] for name, key in USAGE.items() if isinstance(told.get(key), int)}:
        answer["usage"] = usage
    asked = {"model": told.get("gen_ai.request.model"), "tools": _tools(parsed(told.get(TOOLS)))}
    began = _nanoseconds(record, "startTimeUnixNano", "timeUnixNano", "observedTimeUnixNano", "timestamp", "start_time")
    return put_together(
        {name: each for name, each in asked.items() if each},
        answer,
        started=began,
        took=between(began, _nanoseconds(record, "endTimeUnixNano", "end_time")),
        session=told.get("gen_ai.conversation.id") if isinstance(told.get("gen_ai.conversation.id"), str) else None,
    )


def _choice(index: int, message: dict[str, Any]) -> dict[str, Any]:
    """A choice as OpenAI has it. Raises LeftOut where a part of it was not kept."""
    texts, calls = [], []
    for part in message.get("parts") or ():
        if part.get("type") == "text":
            texts.append(part["content"])
        elif part.get("type") == "tool_call":
            calls.append(_call(part))
    made: dict[str, Any] = {"role": message.get("role", "assistant"), "content": "".join(texts) if texts else None}
    made |= {"tool_calls": calls} if calls else {}
    choice: dict[str, Any] = {"index": index, "message": made}
    reason = message.get("finish_reason")
    return choice | ({"finish_reason": REASONS.get(reason, reason)} if reason else {})


def _call(part: dict[str, Any]) -> dict[str, Any]:
    """Arguments that an instrumentation has parsed are written out again."""
    if part.get("arguments") is None:
        raise no_answer("without the arguments of its tool calls")
    said = part["arguments"] if isinstance(part["arguments"], str) else text_of(part["arguments"])
    return {"id": part.get("id"), "type": "function", "function": {"name": part.get("name"), "arguments": said}}


def _tools(defined: Any) -> list[dict[str, Any]] | None:
    """The functions that were offered, as a request has them; None unless each says what it takes."""
    if not isinstance(defined, list) or not all(isinstance(each, dict) for each in defined):
        return None
    made = [each if "function" in each else {"type": "function", "function": _bare(each)} for each in defined]
    return made if all(each.get("type") == "function" for each in defined) else None


def _bare(tool: dict[str, Any]) -> dict[str, Any]:
    return {name: tool[name] for name in ("name", "description", "parameters", "strict") if name in tool}


def _nanoseconds(record: dict[str, Any], *names: str) -> float | None:
    return next((found for name in names if (found := time_of(record.get(name))) is not None), None)


def _attributes(given: Any) -> dict[str, Any]:
    """Attributes as an object, which is how SDKs print them, or as OTLP's pairs."""
    if isinstance(given, dict):
        return given
    pairs = given if isinstance(given, list) else ()
    return {each["key"]: _any(each.get("value"), 0) for each in pairs if isinstance(each, dict) and "key" in each}


def _any(value: Any, depth: int) -> Any:
    """A value of OTLP's AnyValue. Raises LeftOut where it nests too deep."""
    if depth > DEPTH:
        raise LeftOut(f"nested deeper than {DEPTH} levels")
    if not isinstance(value, dict):
        return value
    if "intValue" in value:
        return int(value["intValue"])
    if "arrayValue" in value:
        return [_any(each, depth + 1) for each in value["arrayValue"].get("values") or ()]
    if "kvlistValue" in value:
        return {each["key"]: _any(each.get("value"), depth + 1) for each in value["kvlistValue"].get("values") or ()}
    return next((value[name] for name in _VALUES if name in value), value)
