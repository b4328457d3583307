"""What the client ends up with: choices and tool calls, from a plain answer or put together from the deltas of a stream.

It must not judge: it joins deltas as the SDKs do, and leaves to the checks whether they were right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance.exchange.reading import Kept, NotRecorded, need, text_at


@dataclass(frozen=True)
class ToolCall:
    """A tool call as the client ends up with it; a field never sent is None. The input of a custom tool is `arguments`."""

    id: str | None
    type: str | None
    name: str | None
    arguments: str | None


@dataclass(frozen=True)
class Choice:
    """One choice, from a plain answer or put together from the deltas of a stream."""

    index: int
    finish_reason: str | None
    content: str | None
    refusal: str | None
    tool_calls: tuple[ToolCall, ...]


@dataclass(frozen=True)
class Unfinished(Choice):
    """A choice of a log that does not say how it ended. Who asks is told: raises NotRecorded."""

    def __getattribute__(self, name: str) -> Any:
        if name == "finish_reason":
            raise NotRecorded("the recording holds no finish_reason")
        return super().__getattribute__(name)


def choice_of(part: Any) -> Choice:
    """A choice of a plain answer. Raises Unreadable."""
    message = need(part, "message", dict)
    calls = message.get("tool_calls") or []
    kind = Unfinished if isinstance(part, Kept) and "finish_reason" not in part else Choice
    return kind(
        index=need(part, "index", int),
        finish_reason=text_at(part, "finish_reason"),
        content=text_at(message, "content"),
        refusal=text_at(message, "refusal"),
        tool_calls=tuple(_tool_call(call) for call in need({"tool_calls": calls}, "tool_calls", list)),
    )


def _tool_call(call: Any) -> ToolCall:
    custom = isinstance(call, dict) and "custom" in call and "function" not in call
    return ToolCall(
        id=text_at(call, "id"),
        type=text_at(call, "type"),
        name=text_at(call, "custom.name" if custom else "function.name"),
        arguments=text_at(call, "custom.input" if custom else "function.arguments"),
    )


def assemble(deltas: Iterable[tuple[int, int, dict[str, Any]]]) -> tuple[Choice, ...]:
    """Put the deltas together as clients do: texts are joined, tool calls by their index, the last finish_reason counts."""
    choices: dict[int, dict[str, Any]] = {}
    for _, index, part in deltas:
        choice = choices.setdefault(index, {"finish": None, "content": None, "refusal": None, "calls": {}})
        choice["finish"] = text_at(part, "finish_reason") or choice["finish"]
        delta = need(part, "delta", dict)
        for key in ("content", "refusal"):
            if (piece := text_at(delta, key)) is not None:
                choice[key] = (choice[key] or "") + piece
        calls = delta.get("tool_calls") or []
        for call in need({"tool_calls": calls}, "tool_calls", list):
            seen = choice["calls"].setdefault(need(call, "index", int), {})
            new = _tool_call(call)
            for key in ("id", "type", "name"):
                seen[key] = seen.get(key) or getattr(new, key)
            if new.arguments is not None:
                seen["arguments"] = (seen.get("arguments") or "") + new.arguments
    return tuple(
        Choice(
            index=index,
            finish_reason=choice["finish"],
            content=choice["content"],
            refusal=choice["refusal"],
            tool_calls=tuple(
                ToolCall(call.get("id"), call.get("type"), call.get("name"), call.get("arguments"))
                for _, call in sorted(choice["calls"].items())
            ),
        )
        for index, choice in sorted(choices.items())
    )
