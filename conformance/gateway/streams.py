"""What a stream says, taken apart, so that each part of it can be compared with the same part of another. It must not judge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from conformance.exchange import ABSENT, Exchange, find
from conformance.gateway.owners import UNKNOWN

_OF_CHUNK = ("object", "created", "system_fingerprint", "service_tier")
_TEXTS = ("content", "refusal", "reasoning_content", "reasoning")


class Stream:
    """One end's stream. What cannot be read raises Unreadable, as the views of the exchange do."""

    def __init__(self, x: Exchange) -> None:
        self.exchange = x

    @cached_property
    def values(self) -> list[Any]:
        """The JSON value of each event that has one, in order."""
        return [value for _, value in self.exchange.messages]

    @cached_property
    def names(self) -> list[str]:
        """The name of each event, "" where it has none."""
        return [event.field("event") or "" for event in self.exchange.events if event.data != "[DONE]"]

    @cached_property
    def comments(self) -> int:
        return sum(bool(event.comments) for event in self.exchange.sse[1])

    @property
    def done(self) -> bool:
        return self.exchange.done_at is not None

    @property
    def dones(self) -> int:
        return sum(event.data == "[DONE]" for event in self.exchange.events)

    @property
    def of_chat(self) -> bool:
        return any(isinstance(value, dict) and "choices" in value for value in self.values)

    def _deltas(self) -> list[tuple[int, dict[str, Any]]]:
        """(index, element of `choices`) in order, as far as they can be read."""
        found = []
        for value in self.values:
            parts = value.get("choices") if isinstance(value, dict) else None
            for part in parts if isinstance(parts, list) else ():
                if isinstance(part, dict):
                    found.append((part.get("index"), part))
        return found

    @cached_property
    def texts(self) -> dict[str, str]:
        """All text, by choice and kind: how it was cut is no part of it."""
        joined: dict[str, str] = {}
        for index, part in self._deltas():
            delta = part.get("delta") if isinstance(part.get("delta"), dict) else part
            for kind in (*_TEXTS, "text"):
                if isinstance(piece := delta.get(kind), str) and piece:
                    joined[f"{kind} of choice {index}"] = joined.get(f"{kind} of choice {index}", "") + piece
        for value in self.values:
            if isinstance(value, dict) and isinstance(piece := value.get("delta"), str):
                joined[str(value.get("type"))] = joined.get(str(value.get("type")), "") + piece
        return joined

    @cached_property
    def calls(self) -> dict[str, str]:
        """What the deltas of calls say, by choice, call and member; a `type` that is said again says nothing new, and SDKs take it so."""
        joined: dict[str, str] = {}
        for index, part in self._deltas():
            delta = part.get("delta")
            calls = delta.get("tool_calls") if isinstance(delta, dict) else None
            for call in calls if isinstance(calls, list) else ():
                for path in ("id", "type", "function.name", "function.arguments", "custom.name", "custom.input"):
                    if isinstance(piece := find(call, path), str):
                        place = f"choices.{index}.tool_calls.{find(call, 'index')}.{path}"
                        again = path == "type" and joined.get(place) == piece
                        joined[place] = joined.get(place, "") + ("" if again else piece)
        return joined

    def of_choices(self, member: str) -> dict[str, list[Any]]:
        """The values of a member of the elements of `choices`, by choice, null left out; of their deltas with `delta.` before it."""
        found: dict[str, list[Any]] = {}
        for index, part in self._deltas():
            value = find(part, member)
            if value is not ABSENT and value is not None:
                found.setdefault(f"{member} of choice {index}", []).append(value)
        return found

    @cached_property
    def logprobs(self) -> str:
        """All that is said of tokens, whichever chunk says it."""
        tokens = [item for kind in ("logprobs.content", "logprobs.refusal") for found in self.of_choices(kind).values()
                  for each in found if isinstance(each, list) for item in each]  # fmt: skip
        return json.dumps(tokens, sort_keys=True)

    @cached_property
    def indexes(self) -> list[Any]:
        """The choices that there are."""
        return sorted({json.dumps(index): index for index, _ in self._deltas()}.values(), key=str)

    def of_chunks(self, *members: str) -> dict[str, list[str]]:
        """The different values of members of the chunks."""
        return {name: sorted({json.dumps(value.get(name)) for value in self.values if isinstance(value, dict) and name in value})
                for name in members}  # fmt: skip

    @cached_property
    def always(self) -> set[str]:
        """The members that every element of `choices` has, null or not."""
        return set.intersection(*(set(part) for _, part in self._deltas())) if self._deltas() else set()

    @cached_property
    def members(self) -> dict[str, list[str]]:
        return self.of_chunks(*_OF_CHUNK)

    @cached_property
    def usage(self) -> list[Any]:
        """Every usage that is no null."""
        return [value["usage"] for value in self.values if isinstance(value, dict) and value.get("usage") is not None]

    @cached_property
    def unknown(self) -> list[str]:
        """Members that no document has, wherever they stand."""
        return sorted({name for value in self.values for name in _names(value) if name.startswith(UNKNOWN)})

    @cached_property
    def errors(self) -> list[str]:
        """The errors among the events."""
        found = [value for value in self.values if isinstance(value, dict)]
        return [json.dumps(value["error"]) for value in found if value.get("error")]

    @cached_property
    def pieces(self) -> list[str]:
        """Each event that says something new, in order: what it says, without what all chunks have."""
        return [json.dumps(_content(value)) for value in self.values]

    @property
    def ends(self) -> bool:
        """It ends as a whole one does: [DONE], or a reason for its end."""
        last = any(isinstance(value, dict) and str(value.get("type")).startswith(("response.completed", "response.incomplete"))
                   for value in self.values)  # fmt: skip
        return self.done or last or bool(self.of_choices("finish_reason"))


def _names(value: Any, before: str = "") -> Iterator[str]:
    """The names of all members, and after each of those within another that one's."""
    for each in value if isinstance(value, list) else ():
        yield from _names(each, before)
    for name, each in value.items() if isinstance(value, dict) else ():
        yield f"{name}{before}"
        yield from _names(each, f" of {name}")


def asks_usage(x: Exchange) -> bool:
    """A request for the usage of a stream."""
    return find(x.asked, "stream_options.include_usage") is True


def _content(value: Any) -> Any:
    """What an event says: the deltas of a chunk, or the event itself without its number."""
    if not isinstance(value, dict):
        return value
    if "choices" in value and isinstance(value["choices"], list):
        return [
            [part.get("index"), part.get("delta", part.get("text"))]
            for part in value["choices"]
            if isinstance(part, dict)
        ]
    return [value.get("type"), value.get("delta", value.get("audio"))]
