"""What the exchanges of one trial say on the wire: texts, calls, usage, values, as a client's user is to see them.

It reads by the views of an Exchange; what these cannot read is None, and a client is not held to it.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.exchange import Exchange, Unreadable

Call = tuple[str, str]
"""A tool's name and its arguments as JSON with sorted keys."""
USAGE = {
    "input": ("prompt_tokens", "input_tokens"),
    "output": ("completion_tokens", "output_tokens"),
    "total": ("total_tokens",),
}
_ENDS = ("response.completed", "response.incomplete", "response.failed")


@dataclass(frozen=True)
class Told:
    """One answer."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    usage: dict[str, int] | None = None
    finish: str | None = None
    value: Any = None


def told(x: Exchange) -> Told | None:
    """What an answer says, None where it is none, is not whole or cannot be read."""
    read = _READ.get(x.route or "")
    if read is None or x.status is None or not 200 <= x.status < 300 or x.ended != "complete":
        return None
    try:
        return read(x)
    except (Unreadable, ValueError, LookupError, TypeError, AttributeError):  # parts that no view has read
        return None


def _chat(x: Exchange) -> Told:
    choice = x.choices[0]
    calls = tuple((call.name or "", arguments(call.arguments or "{}")) for call in choice.tool_calls)
    return Told(choice.content or "", calls, usage_of(_usage(x)), choice.finish_reason, _object(choice.content))


def _usage(x: Exchange) -> Any:
    try:
        return x.usage
    except Unreadable:
        return None


def _response(x: Exchange) -> Told:
    answer = x.answer if not x.streaming else [m for _, m in x.messages if m.get("type") in _ENDS][-1]["response"]
    text, calls = "", []
    for item in answer["output"]:
        if item["type"] == "message":
            text += "".join(part["text"] for part in item["content"] if part["type"] == "output_text")
        elif item["type"] == "function_call":
            calls.append((item["name"], arguments(item["arguments"])))
        elif item["type"] == "custom_tool_call":
            calls.append((item["name"], item["input"]))
    return Told(text, tuple(calls), usage_of(answer.get("usage")), None, _object(text))


def _embeddings(x: Exchange) -> Told:
    vectors = [_vector(item["embedding"]) for item in x.answer["data"]]
    return Told(value={"count": len(vectors), "dimensions": len(vectors[0]), "first": list(vectors[0][:3])})


def _vector(value: Any) -> Sequence[float]:
    if isinstance(value, str):
        raw = base64.b64decode(value)
        return struct.unpack(f"<{len(raw) // 4}f", raw)
    return value


def _speech(x: Exchange) -> Told:
    return Told(value={"bytes": len(x.body)})


def _transcription(x: Exchange) -> Told:
    return Told(text=x.answer["text"] if x.media_type == "application/json" else x.body.decode())


_READ = {
    "chat": _chat, "responses": _response, "embeddings": _embeddings, "speech": _speech, "transcriptions": _transcription,
}  # fmt: skip
ROUTES = frozenset(_READ)


def usage_of(usage: Any) -> dict[str, int] | None:
    """The counts of either API under our three names."""
    if not isinstance(usage, dict):
        return None
    found = {name: usage[key] for name, keys in USAGE.items() for key in keys if isinstance(usage.get(key), int)}
    return found or None


def arguments(value: Any) -> str:
    """Arguments, as text or as values, in one form; a text that is no JSON as it is."""
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}")
        except ValueError:
            return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _object(text: str | None) -> Any:
    try:
        return json.loads(text or "")
    except ValueError:
        return None
