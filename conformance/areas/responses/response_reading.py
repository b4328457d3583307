"""What the laws of Responses read of an answer: the finished response with its items, and the events of a stream. It judges none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from conformance.exchange import Exchange, Unreadable, find, need
from conformance.wire.jsontext import NotJSON, parse_text

ENDS = ("response.completed", "response.incomplete", "response.failed")
"""The events that end a stream, each with the finished response in it."""
LIFECYCLE = ("response.created", "response.queued", "response.in_progress", *ENDS)
Json = dict[str, Any]
T = TypeVar("T")


class Event(NamedTuple):
    """One event of a stream: its position among all, its type ("" where it has none) and its data."""

    at: int
    type: str
    data: Json


def once(x: Exchange, key: str, read: Callable[[], T]) -> T:
    """What is read of an answer, read once."""
    if ("responses", key) not in x.memo:
        x.memo["responses", key] = read()
    return x.memo["responses", key]


def events(x: Exchange) -> tuple[Event, ...]:
    """The events whose data is an object. Raises Unreadable where there is none."""
    return once(x, "events", lambda: tuple(_events(x)))


def _events(x: Exchange) -> Iterator[Event]:
    for at, data in x.messages:
        if isinstance(data, dict):
            kind = data.get("type")
            yield Event(at, kind if isinstance(kind, str) else "", data)


def ending(x: Exchange) -> Event | None:
    """The last event that ends the stream, None where there is none."""
    return next((event for event in reversed(events(x)) if event.type in ENDS), None)


def final(x: Exchange) -> tuple[str, Json]:
    """(path, response) as it is in the end, plain or streamed; the path ends in a dot, or is empty. Raises Unreadable."""
    if not x.streaming:
        return "", x.answer
    if (last := ending(x)) is None:
        raise Unreadable("the stream is without an event that ends it, expected response.completed")
    return f"event {last.at} response.", need(last.data, "response", dict)


def items(x: Exchange, *kinds: str) -> list[tuple[str, Json]]:
    """(path, item) of the output, of these types or of all. Raises Unreadable."""
    path, response = final(x)
    found = []
    for n in range(len(need(response, "output", list))):
        item = need(response, f"output.{n}", dict)
        if not kinds or item.get("type") in kinds:
            found.append((f"{path}output.{n}", item))
    return found


def parts(x: Exchange, kind: str = "output_text") -> list[tuple[str, Json]]:
    """(path, part) of the messages' parts of one type. Raises Unreadable."""
    found = []
    for path, item in items(x, "message"):
        for n, part in enumerate(need(item, "content", list)):
            if find(part, "type") == kind:
                found.append((f"{path}.content.{n}", part))
    return found


def said(x: Exchange) -> str:
    """All text of the answer. Raises Unreadable."""
    return "".join(need(part, "text", str) for _, part in parts(x))


def calls(x: Exchange) -> list[tuple[str, Json]]:
    """(path, call) of the client's own tools. Raises Unreadable."""
    return items(x, "function_call", "custom_tool_call")


def parsed(text: str) -> Any:
    """Raises NotJSON."""
    return parse_text(text)


def read_json(text: Any) -> Any:
    """The value of a JSON text, None where it is none."""
    try:
        return parse_text(text) if isinstance(text, str) else None
    except NotJSON:
        return None


def sent_items(x: Exchange) -> list[Json]:
    """The items of the request; none where the input is a text."""
    given = x.asked.get("input")
    return [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []


def sent_tools(x: Exchange) -> list[Json]:
    tools = x.asked.get("tools")
    return [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []


def as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
