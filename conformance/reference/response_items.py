"""Reads the input of a Responses request: its items as the messages of the same conversation in chat, and its tools, choice and form
as chat has them, so that one script answers both. It must not refuse (response_rules.py) nor answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Json = dict[str, Any]

CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
"""Items that call a tool of the client, and the member that holds what it is called with."""
OUTPUTS = {"function_call_output": "function_call", "custom_tool_call_output": "custom_tool_call"}
"""Items that answer one, and the item that they answer."""


def items(given: str | Sequence[Json]) -> list[Json]:
    """The input as items: a text is one message of the user, an item without a type is a message."""
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    return [item if item.get("type") else {**item, "type": "message"} for item in given]


def chat_form(asked: Json, context: Sequence[Json]) -> Json:
    """The same request to chat: `context` are all items of the conversation, the input's last."""
    opening = [{"role": "developer", "content": asked["instructions"]}] if asked.get("instructions") else []
    form = (asked.get("text") or {}).get("format") or {"type": "text"}
    request: Json = {
        "messages": [*opening, *_messages(context)],
        "tools": [chat_tool(tool) for tool in offered(asked)],
        "tool_choice": _choice(asked.get("tool_choice")),
        "parallel_tool_calls": asked.get("parallel_tool_calls"),
        "response_format": {"type": form["type"], "json_schema": form},
        "max_completion_tokens": asked.get("max_output_tokens"),
        "logprobs": "message.output_text.logprobs" in (asked.get("include") or ()),
        "top_logprobs": asked.get("top_logprobs"),
    }
    return request


def offered(asked: Json) -> list[Json]:
    """The tools that the client runs, those in namespaces too."""
    return [tool for tool in flat(asked.get("tools") or ()) if tool["type"] in ("function", "custom")]


def flat(tools: Sequence[Json]) -> Iterator[Json]:
    for tool in tools:
        yield from flat(tool["tools"]) if tool["type"] == "namespace" else (tool,)


def chat_tool(tool: Json) -> Json:
    """A tool, or a choice of one, with its members under its type, as chat has them."""
    return {"type": tool["type"], tool["type"]: {key: value for key, value in tool.items() if key != "type"}}


def _choice(choice: Any) -> Any:
    if not isinstance(choice, dict):
        return choice
    match choice["type"]:
        case "function" | "custom":
            return chat_tool(choice)
        case "allowed_tools":
            own = [chat_tool(tool) for tool in choice["tools"] if tool["type"] in ("function", "custom")]
            return {"type": "allowed_tools", "allowed_tools": {"mode": choice["mode"], "tools": own}}
        case _:
            return "none"  # a tool of the server's own


def _messages(context: Sequence[Json]) -> list[Json]:
    """Calls that follow each other are made by one message, as they are in chat."""
    found: list[Json] = []
    for item in context:
        kind = item["type"]
        if kind == "message":
            found.append({"role": item["role"], "content": _content(item["content"])})
        elif kind in CALLS:
            if not (found and found[-1].get("tool_calls")):
                found.append({"role": "assistant", "content": None, "tool_calls": []})
            found[-1]["tool_calls"].append(_call(item))
        elif kind in OUTPUTS:
            found.append({"role": "tool", "tool_call_id": item["call_id"], "content": _content(item["output"])})
    return found


def _call(item: Json) -> Json:
    kind = "function" if item["type"] == "function_call" else "custom"
    field = CALLS[item["type"]]
    return {"id": item["call_id"], "type": kind, kind: {"name": item["name"], field: item[field]}}


def _content(content: str | Sequence[Json]) -> str | list[Json]:
    return content if isinstance(content, str) else [_part(part) for part in content]


def _part(part: Json) -> Json:
    match part["type"]:
        case "input_text" | "output_text":
            return {"type": "text", "text": part["text"]}
        case "input_image":
            return {"type": "image_url", "image_url": {"url": part.get("image_url") or ""}}
        case _:
            return {"type": part["type"]}
