"""What the reference "model" says: a script, the same answer for the same conversation every time.

It reads a conversation and its tools as a model would and decides on a text or on calls. It knows nothing of HTTP, tokens,
limits or streams.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

MODEL = "reference/scripted"
"""The name of the one model."""
GREETING = "Hello! How can I help you today?"
CITIES = ("Paris", "Tokyo", "London", "Berlin", "Oslo", "Rome", "Cairo", "Lima")
CAPITALS = {"France": "Paris", "Japan": "Tokyo", "Germany": "Berlin", "Norway": "Oslo", "Italy": "Rome"}

_COUNT = re.compile(r"count from (\d+) to (\d+), separated by (commas|spaces)", re.IGNORECASE)
_REPEAT = re.compile(r"repeat exactly this line and nothing else: (.*)", re.IGNORECASE | re.DOTALL)
_CAPITAL = re.compile(r"capital of (\w+)")


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
    return Said(_answer(text, messages))


def text_of(message: Json) -> str:
    """The text of a message, whether a string, parts or nothing."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def _answer(text: str, messages: list[Json]) -> str:
    if found := _COUNT.search(text):
        numbers = (str(n) for n in range(int(found[1]), int(found[2]) + 1))
        return (", " if found[3].lower() == "commas" else " ").join(numbers)
    if found := _REPEAT.search(text):
        return found[1]
    if (found := _CAPITAL.search(text)) and found[1] in CAPITALS:
        return f"The capital of {found[1]} is {CAPITALS[found[1]]}."
    if text.startswith("Say it again"):
        earlier = [text_of(m) for m in messages if m["role"] == "assistant"]
        return earlier[-1] if earlier else "There is nothing to repeat."
    if "weather" in text.lower():
        return "I cannot look up the weather without a tool."
    return GREETING if "hello" in text.lower() else f"You said: {text}"


def _plain(result: str) -> str:
    try:
        value = json.loads(result)
    except ValueError:
        return result
    return ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)


# ---------------------------------------------------------------------- tools


def _tools_to_call(asked: Json, text: str) -> list[tuple[str, str, str]]:
    """The calls of this turn. A tool is wanted when a word of its name is in the question, or when the choice forces it."""
    tools = [*asked.get("tools", ()), *({"type": "function", "function": f} for f in asked.get("functions", ()))]
    choice = asked.get("tool_choice", "auto")
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
    schema = tool["function"].get("parameters") or {"type": "object"}
    return "function", named(tool), json.dumps(_example(schema, text), ensure_ascii=False, separators=(",", ":"))


def _example(schema: Json, text: str) -> Any:
    """A value that fits a small JSON Schema; strings are a city of the text where there is one."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {key: _example(part, text) for key, part in schema.get("properties", {}).items()}
        case "array":
            return [_example(schema.get("items", {}), text)]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case _:
            return next((city for city in CITIES if city in text), "Paris")
