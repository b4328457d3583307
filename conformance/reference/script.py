"""What the reference "model" says: a script, the same answer for the same conversation every time.

It reads a conversation and its tools as a model would and decides on a text or on calls. It knows nothing of HTTP, tokens,
limits or streams.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from conformance.reference import values
from conformance.reference.making import making

Json = dict[str, Any]

MODEL = "reference/scripted"
"""The name of the one model."""
GREETING = "Hello! How can I help you today?"
FOREVER = 4000
"""Tokens of a text that a bias keeps from ending."""
CITIES = ("Paris", "Tokyo", "London", "Berlin", "Oslo", "Rome", "Cairo", "Lima")
CAPITALS = {"France": "Paris", "Japan": "Tokyo", "Germany": "Berlin", "Norway": "Oslo", "Italy": "Rome"}

_COUNT = re.compile(r"count from (\d+) to (\d+), separated by (commas|spaces)", re.IGNORECASE)
_REPEAT = re.compile(r"repeat exactly this line and nothing else: (.*)", re.IGNORECASE | re.DOTALL)
_CAPITAL = re.compile(r"capital of (\w+)")
_BEGIN = re.compile(r"begins with the word (\w+)")
_SKY = re.compile(r"what is the sky like in (\w+)", re.IGNORECASE)
_NUMBER = re.compile(r"random number of twelve digits", re.IGNORECASE)
_REMEMBER = re.compile(r"remember the word (\w+)", re.IGNORECASE)
_REMEMBERED = re.compile(r"which word did I ask you to remember", re.IGNORECASE)
_KEY = re.compile(r'with "(\w+)" as the only key')


@dataclass(frozen=True)
class Said:
    """What the model produced: a text, or calls of (tool, name, input); input is JSON text, free text for custom tools."""

    content: str | None
    calls: tuple[tuple[str, str, str], ...] = ()


def say(asked: Json) -> Said:
    """The model's turn for the body of a chat request."""
    messages = asked["messages"]
    text = text_of(messages[-1])
    if messages[-1]["role"] in ("tool", "function"):
        return Said(f"The tool says: {_plain(text)}.")
    chosen = _tools_to_call(asked, text)
    if chosen:
        return Said(None, tuple(chosen))
    schema = _schema(asked.get("response_format") or {}, text)
    if schema is None and 100 in (asked.get("logit_bias") or {}).values():
        return Said("!" * FOREVER)
    if schema is None and _NUMBER.search(text):
        return Said(f"{(asked.get('seed') or 1) * 7_919_191_919 % 10**12:012d}")
    return Said(_begun(_answer(text, messages), messages) if schema is None else json_text(schema, text))


def _schema(form: Json, text: str) -> Json | None:
    """The schema that the answer is to fit: the one asked for, or in JSON mode an object with the key that the text names."""
    match form.get("type"):
        case "json_schema":
            return form["json_schema"].get("schema") or {"type": "object"}
        case "json_object":
            key = _KEY.search(text)
            return {"type": "object", "properties": {key[1] if key else "answer": {"type": "string"}}}
        case _:
            return None


def json_text(schema: Json, text: str) -> str:
    """A JSON text that fits the schema; its strings are the word that the question is after."""
    return json.dumps(values.example(schema, _word(text)), ensure_ascii=False, separators=(",", ":"))


def text_of(message: Json) -> str:
    """The text of a message, whether a string, parts or nothing."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def _answer(text: str, messages: list[Json]) -> str:
    if found := _COUNT.search(text):
        first, last = int(found[1][:9]), int(found[2][:9])
        numbers = (str(n) for n in range(first, min(last, first + FOREVER) + 1))
        return (", " if found[3].lower() == "commas" else " ").join(numbers)
    if found := _REPEAT.search(text):
        return found[1]
    if (found := _CAPITAL.search(text)) and found[1] in CAPITALS:
        return f"The capital of {found[1]} is {CAPITALS[found[1]]}."
    if text.startswith("Say it again"):
        earlier = [text_of(m) for m in messages if m["role"] == "assistant"]
        return earlier[-1] if earlier else "There is nothing to repeat."
    if _REMEMBERED.search(text):
        words = [found[1] for m in messages if m["role"] == "user" and (found := _REMEMBER.search(text_of(m)))]
        return f"The word is {words[-1]}." if words else "You asked me to remember no word."
    if found := _SKY.search(text):
        return _result_about(found[1], messages)
    if "weather" in text.lower():
        return "I cannot look up the weather without a tool."
    return GREETING if "hello" in text.lower() else f"You said: {text}"


def _begun(answer: str, messages: list[Json]) -> str:
    """The answer, beginning with the word that the developer wants."""
    wanted = [
        found[1] for m in messages if m["role"] in ("developer", "system") and (found := _BEGIN.search(text_of(m)))
    ]
    return f"{wanted[-1]}, {answer[:1].lower()}{answer[1:]}" if wanted else answer


def _result_about(city: str, messages: list[Json]) -> str:
    """What the tool said to the call about a city, found by the id of the call."""
    calls = [call for message in messages for call in message.get("tool_calls") or ()]
    ids = {call["id"] for call in calls if city in call["function"]["arguments"]}
    results = [text_of(message) for message in messages if message.get("tool_call_id") in ids]
    return f"The sky in {city}: {_plain(results[-1])}." if results else f"I do not know the sky of {city}."


def _plain(result: str) -> str:
    try:
        value = json.loads(result)
    except ValueError:
        return result
    return ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)


# ---------------------------------------------------------------------- tools


def _tools_to_call(asked: Json, text: str) -> list[tuple[str, str, str]]:
    """The calls of this turn. A tool is wanted when a word of its name is in the question, or when the choice forces it."""
    functions = ({"type": "function", "function": f} for f in asked.get("functions") or ())
    tools = [*(asked.get("tools") or ()), *functions]
    choice = asked.get("tool_choice") or "auto"
    if isinstance(forced := asked.get("function_call"), dict):
        choice = {"type": "function", "function": forced}
    if isinstance(choice, dict) and choice["type"] == "allowed_tools":
        allowed = {named(tool) for tool in choice["allowed_tools"]["tools"]}
        tools = [tool for tool in tools if named(tool) in allowed]
        choice = choice["allowed_tools"]["mode"]
    if choice == "none" or not tools:
        return []
    if isinstance(choice, dict):
        return [_call(next(tool for tool in tools if named(tool) == named(choice)), text)]
    if made := making(tools, text):
        return [made]
    wanted = [tool for tool in tools if _wanted(named(tool), text)]
    if choice == "required":
        wanted = wanted or tools[:1]
    calls = []
    for tool in wanted:
        cities = [city for city in CITIES if city in text] if "city" in _properties(tool) else []
        calls += [_call(tool, city) for city in cities] or [_call(tool, text)]
    return calls[:1] if asked.get("parallel_tool_calls") is False else calls


def named(tool: Json) -> str:
    """The name of a tool, or of the tool that a choice names."""
    return tool[tool["type"]]["name"]


def _wanted(name: str, text: str) -> bool:
    return any(word in text.lower() for word in re.split(r"[_-]", name.lower()) if len(word) > 3)


def _properties(tool: Json) -> Json:
    return tool[tool["type"]].get("parameters", {}).get("properties", {})


def _call(tool: Json, text: str) -> tuple[str, str, str]:
    if tool["type"] == "custom":
        return "custom", named(tool), GREETING
    parameters = tool["function"].get("parameters") or {}
    return (
        "function",
        named(tool),
        json_text(parameters if parameters.get("type") == "object" else {"type": "object"}, text),
    )


def _word(text: str) -> str:
    """A city of the text, or the capital of its country, where there is one."""
    capital = _CAPITAL.search(text)
    return next((city for city in CITIES if city in text), CAPITALS.get(capital[1] if capital else "", "Paris"))
