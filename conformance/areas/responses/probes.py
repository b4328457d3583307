"""What new agents ask: texts, calls, forms and reasoning by the route of Responses, items handed back, and mistakes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from conformance.areas.questions import (
    COUNT,
    GENERATED,
    HELLO,
    LIMIT,
    LONG_NAME,
    MOST_TOOLS,
    STAGE_HEADER,
    TEXT,
    bare_functions,
    closed,
)
from conformance.areas.questions import NOTE as CHAT_NOTE
from conformance.areas.questions import TIME as CHAT_TIME
from conformance.areas.questions import WEATHER as CHAT_WEATHER
from conformance.areas.responses.response_reading import items
from conformance.exchange import Exchange, Unreadable
from conformance.exchange.probe import UNKNOWN_MODEL, Body, Probe
from conformance.exchange.shipped import encoded

DOOR = "http.responses"
TWO_CITIES = "What is the weather in Paris and in Tokyo right now? Use the tool once for each city."
ONE_CITY = "What is the weather in Paris right now? Use the tool."
RESULT = '{"city": "Paris", "temperature_celsius": 17, "sky": "violet fog"}'
RESULT_WORD = "violet"
CAPITAL = "What is the capital of France?"
SEALED = "reasoning.encrypted_content"


def flat(tool: Body, **more: Any) -> Body:
    """A tool of chat as Responses has it: its members beside its type."""
    return {"type": tool["type"], **tool[tool["type"]], **more}


WEATHER, NOTE = flat(CHAT_WEATHER), flat(CHAT_NOTE)
TIME = flat(CHAT_TIME, strict=True, parameters=closed(city=TEXT))
EVERY_TOOL = [
    {"type": "function", **each, "strict": False}
    for each in (*bare_functions(MOST_TOOLS - 1), GENERATED | {"name": LONG_NAME})
]
SHELL = {
    "type": "function",
    "name": "shell",
    "description": "Run a command and return its output.",
    "strict": False,
    "parameters": {
        "type": "object",
        "properties": {"command": {"type": "array", "items": TEXT}},
        "required": ["command"],
    },
}
PATCH = {
    "type": "custom",
    "name": "apply_patch",
    "description": "Change files by a patch.",
    "format": {
        "type": "grammar",
        "syntax": "lark",
        "definition": 'start: "*** Begin Patch" /(.|\\n)+/ "*** End Patch"',
    },
}
LONG = "You are a coding agent that runs in a terminal. " + "Be precise, safe and brief, and say what you do. " * 60
ANSWER = {"type": "json_schema", "name": "capital", "strict": True, "schema": closed(country=TEXT, capital=TEXT)}
SETTINGS: Body = {
    "instructions": "You answer in one word.",
    "metadata": {"suite": "conformance", "run": "1"},
    "temperature": 0.5,
    "top_p": 0.9,
    "truncation": "disabled",
    "store": False,
    "parallel_tool_calls": False,
    "max_output_tokens": 64,
    "text": {"format": {"type": "text"}},
    "user": "conformance",
}


def message(content: Any, **more: Any) -> Body:
    return {"type": "message", "role": "user", "content": content, **more}


def _body(given: Any, **more: Any) -> Body:
    return {"input": given, "temperature": 0, "max_output_tokens": LIMIT, **more}


def _probe(name: str, body: Body, *intent: str, twin: bool = True, **more: Any) -> Probe:
    """One request, and the same streamed where it has a `twin`."""
    more.setdefault("streamed", {} if twin else None)
    return Probe(
        f"responses.{name}", body, path="/responses", task="responses", door=DOOR, intent=frozenset(intent), **more
    )


def _given_out(earlier: Exchange | None) -> list[Body]:
    with suppress(Unreadable):
        return [item for _, item in items(earlier)] if earlier is not None and earlier.ok else []
    return []


def results(output: list[Body]) -> list[Body]:
    """A result for each call."""
    kinds = {"function_call": "function_call_output", "custom_tool_call": "custom_tool_call_output"}
    return [
        {"type": kinds[item["type"]], "call_id": item.get("call_id"), "output": RESULT}
        for item in output
        if item.get("type") in kinds
    ]


MADE_UP: list[Body] = [
    {
        "type": "function_call",
        "call_id": "call_conformance0001",
        "name": "get_weather",
        "arguments": '{"city": "Paris"}',
    }
]
"""A call without what is optional on the way in: no id, no status."""


PICTURE: Body = {
    "type": "input_image",
    "detail": "low",
    "image_url": f"data:image/png;base64,{encoded('yellow.png')}",
}
BLUE: Body = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Blue."}]}


def in_parts(given: list[Body]) -> list[Body]:
    """The same results, each as a list of one part."""
    return [{**item, "output": [{"type": "input_text", "text": item["output"]}]} for item in given]


def _second(earlier: Exchange | None) -> Body:
    """The second turn: all items of the first as they came, and a result for each call."""
    output = _given_out(earlier)
    output = output if results(output) else MADE_UP
    return _body([message(ONE_CITY), *output, *results(output)], tools=[WEATHER], stream=True)


def _third(earlier: Exchange | None) -> Body | None:
    """The third: what was sent and what came back, and a new question."""
    output = _given_out(earlier)
    sent = earlier.asked["input"] if output else []
    return _body([*sent, *output, message(HELLO)], tools=[WEATHER], stream=True) if output else None


THINKING: Body = {
    "reasoning": {"effort": "low", "summary": "auto"},
    "include": [SEALED],
    "store": False,
    "tools": [WEATHER],
    "max_output_tokens": 2000,
}


def _thought_back(earlier: Exchange | None) -> Body | None:
    """Reasoning handed back as it came, sealed, with the call that followed it and its result."""
    output = _given_out(earlier)
    whole = any(item.get("type") == "reasoning" for item in output) and results(output)
    return {"input": [message(ONE_CITY), *output, *results(output)], **THINKING} if whole else None


def _staged(stage: str, *, twin: bool = True, **more: Any) -> Probe:
    return Probe(f"staged.{stage}", {"input": HELLO, **more}, path="/responses", task="responses", door=DOOR,
                 headers=((STAGE_HEADER, stage),), intent=frozenset({"staged"}), stage=stage, streamed={} if twin else None)  # fmt: skip


def _mistake(name: str, body: Body, **more: Any) -> Probe:
    return _probe(name, body, "mistake", name, twin=False, depth="normal", **more)


PROBES = (
    Probe(DOOR, {"input": HELLO, "max_output_tokens": 64}, path="/responses", task="responses", intent=frozenset({"optional"})),
    _probe("hello", _body(HELLO), "natural-end"),
    _probe("item", _body([{"role": "user", "content": HELLO}]), twin=False),
    _probe("typed-item", _body([message(HELLO)]), twin=False),
    _probe("parts", _body([message([{"type": "input_text", "text": HELLO}])]), twin=False),
    _probe("cut", {"input": COUNT, "temperature": 0, "max_output_tokens": 16}, "cut-text"),
    _probe("settings", {"input": HELLO, **SETTINGS}),
    _probe("required", _body(HELLO, tools=[WEATHER], tool_choice="required"), "forced"),
    _probe("named", _body(ONE_CITY, tools=[WEATHER, TIME], tool_choice={"type": "function", "name": "get_local_time"}), "forced"),
    _probe("many-tools", _body("Find a city.", tools=EVERY_TOOL, tool_choice={"type": "function", "name": LONG_NAME}), "forced",
           twin=False, depth="normal"),
    _probe("none", _body(ONE_CITY, tools=[WEATHER], tool_choice="none"), twin=False),
    _probe("parallel", _body(TWO_CITIES, tools=[WEATHER]), "two-calls"),
    _probe("single", _body(TWO_CITIES, tools=[WEATHER], parallel_tool_calls=False), twin=False, depth="deep"),
    _probe("allowed", _body(ONE_CITY, tools=[WEATHER, TIME], tool_choice={
        "type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "get_local_time"}]}),
        "optional", twin=False, depth="normal"),
    _probe("custom", _body("Write a note that says hello.", tools=[NOTE], tool_choice={"type": "custom", "name": "write_note"}),
           "optional", depth="normal"),
    _probe("schema", _body(CAPITAL, text={"format": ANSWER}), "optional"),
    _probe("json", _body(f"{CAPITAL} Answer as a JSON object.", text={"format": {"type": "json_object"}}), "optional", twin=False,
           depth="normal"),
    _probe("logprobs", _body(HELLO, include=["message.output_text.logprobs"], top_logprobs=2), "optional", depth="normal",
           streamed={"stream_options": {"include_obfuscation": False}}),
    _probe("image", _body([message([{"type": "input_text", "text": HELLO}, PICTURE])]), "optional", twin=False, depth="normal"),
    # An agent's loop, streamed: a call, its result, and a third question; all items go back as they came.
    _probe("turn-1", _body([message(ONE_CITY)], tools=[WEATHER], stream=True), "must-call", twin=False),
    _probe("turn-2", {}, "tool-result", twin=False, after="responses.turn-1", build=_second),
    _probe("turn-3", {}, twin=False, after="responses.turn-2", build=_third),
    _probe("developer", _body([message([{"type": "input_text", "text": "You answer in few words."}], role="developer"), message(HELLO)]),
           twin=False),
    # As Codex and its kind remember what was said: without the id and the status that it came with.
    _probe("bare-answer", _body([message("Name a colour."), BLUE, message(HELLO)]), twin=False),
    _probe("result-parts", _body([message(ONE_CITY), *MADE_UP, *in_parts(results(MADE_UP))], tools=[WEATHER]), "tool-result",
           twin=False, depth="normal"),
    # As a tool gives back a picture that it took, and as a program changes its mind between two questions.
    _probe("result-image", _body([message(ONE_CITY), *MADE_UP, {**results(MADE_UP)[0], "output": [PICTURE]}, message(HELLO)],
           tools=[WEATHER]), "optional", twin=False, depth="normal"),
    _probe("developer-late", _body([message("Name a colour."), BLUE, message("Be brief.", role="developer"), message(HELLO)]),
           twin=False, depth="normal"),
    *(_probe(f"odd-{name}", _body([message(ONE_CITY), {**MADE_UP[0], "arguments": arguments}, *results(MADE_UP)], tools=[WEATHER]),
             "edge", "odd-value", twin=False, depth="deep")
      for name, arguments in {"empty": "", "cut": '{"city": "Par', "list": "[1]", "object": {"city": "Paris"}}.items()),
    _probe("bare-items", _body([{"role": "user", "content": ONE_CITY}, *MADE_UP, *results(MADE_UP)], tools=[WEATHER]), "tool-result",
           twin=False),
    _probe("thinking", {"input": [message(ONE_CITY)], **THINKING}, "optional"),
    _probe("thought-back", {}, "optional", twin=False, after="responses.thinking", build=_thought_back),
    _probe("brief-thought", {"input": COUNT, "reasoning": {"effort": "low"}, "max_output_tokens": 16}, "optional", twin=False,
           depth="deep"),
    _probe("codex", {"instructions": LONG, "client_metadata": {"x-codex-installation-id": "conformance"}, "input": [
                     message([{"type": "input_text", "text": "Ask before you delete anything."}], role="developer"),
                     message([{"type": "input_text", "text": "Run the command ls with the shell."}])],
                     "tools": [SHELL, PATCH, {"type": "web_search"}], "tool_choice": "auto", "parallel_tool_calls": True,
                     "reasoning": {"effort": "low", "summary": "auto"}, "store": False, "stream": True, "include": [SEALED],
                     "prompt_cache_key": "conformance-0001"}, "optional", twin=False),
    _mistake("unknown-model", {"input": HELLO, "model": UNKNOWN_MODEL}, streamed={}),
    _mistake("no-input", {"max_output_tokens": 16}),
    _mistake("input-number", {"input": 5, "max_output_tokens": 16}),
    _mistake("temperature-above", {"input": HELLO, "temperature": 3, "max_output_tokens": 16}),
    _mistake("nested-tool", _body(ONE_CITY, tools=[CHAT_WEATHER])),
    _mistake("lost-result", _body([message(ONE_CITY), *results(MADE_UP)], tools=[WEATHER])),
    _mistake("open-call", _body([message(ONE_CITY), *MADE_UP, message(HELLO)], tools=[WEATHER])),
    _staged("response-refused"),
    _staged("response-filtered", twin=False),
    _staged("response-failed"),
    _staged("response-thought"),
    _staged("response-search"),
)  # fmt: skip
