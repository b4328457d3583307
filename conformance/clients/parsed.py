"""What a caller reads from the official client's objects, attribute by attribute as callers do: texts, calls, usage, ids.

It must not repair: an attribute that is None where callers go on reading fails here as it fails there.
"""

from __future__ import annotations

from typing import Any

from conformance.exchange.assembly import Choice, ToolCall, assemble
from conformance.exchange.reading import Unreadable

Seen = dict[str, Any]
"""Fields of an Outcome."""


def completion(answer: Any) -> Seen:
    """A chat completion, as create(), parse() and the stream helper give it."""
    choices = [(choice, choice.message) for choice in answer.choices]
    calls = [call for _, message in choices for call in message.tool_calls or ()]
    return {
        "choices": tuple(_choice(choice, message) for choice, message in choices),
        "roles": tuple(message.role for _, message in choices),
        "usage": _plain(answer.usage),
        "parsed": tuple(getattr(call.function, "parsed_arguments", None) is not None
                        for call in calls if call.type != "custom"),
    }  # fmt: skip


def _choice(choice: Any, message: Any) -> Choice:
    calls = tuple(_call(call) for call in message.tool_calls or ())
    return Choice(choice.index, choice.finish_reason, _text(message.content), _text(message.refusal), calls)


def _call(call: Any) -> ToolCall:
    if call.type == "custom":
        return ToolCall(call.id, call.type, call.custom.name, _text(call.custom.input))
    return ToolCall(call.id, call.type, call.function.name, _text(call.function.arguments))


def _text(value: Any) -> Any:
    """A text that is shown or sent on. Raises UnicodeEncodeError where that cannot be done."""
    if isinstance(value, str):
        value.encode("utf-8")
    return value


def _plain(usage: Any) -> Any:
    return usage.to_dict() if hasattr(usage, "to_dict") else usage


class Loop:
    """A loop over the chunks of a stream, joining what they bring."""

    def __init__(self) -> None:
        self._chunks = 0
        self._usage: Any = None
        self._parts: list[tuple[int, int, Seen]] = []

    def take(self, chunk: Any) -> None:
        if getattr(chunk, "usage", None) is not None:
            self._usage = _plain(chunk.usage)
        for choice in chunk.choices:
            delta = choice.delta
            fragments = [_fragment(fragment) for fragment in delta.tool_calls or ()]
            joined = {"content": delta.content, "refusal": delta.refusal, "tool_calls": fragments}
            self._parts.append((self._chunks, choice.index, {"finish_reason": choice.finish_reason, "delta": joined}))
        self._chunks += 1

    def seen(self) -> Seen:
        try:
            choices = assemble(self._parts)
        except Unreadable:
            choices = None
        for choice in choices or ():
            for text in (choice.content, choice.refusal, *(call.arguments for call in choice.tool_calls)):
                _text(text)
        return {"choices": choices, "usage": self._usage, "chunks": self._chunks}


def _fragment(fragment: Any) -> Seen:
    seen = {"index": fragment.index, "id": fragment.id, "type": fragment.type}
    if fragment.function is not None:
        seen["function"] = {"name": fragment.function.name, "arguments": fragment.function.arguments}
    elif (custom := getattr(fragment, "custom", None)) is not None:
        seen["custom"] = custom
    return seen


def models(page: Any) -> Seen:
    """The models of a list."""
    return {"ids": tuple(model.id for model in page)}


def model(one: Any) -> Seen:
    return {"ids": (one.id,)}
