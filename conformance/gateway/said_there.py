"""What a model says and calls in an answer, however it is written: plain or streamed, in whatever pieces. It must not judge."""

from __future__ import annotations

import json
from typing import Any

from conformance.exchange import ABSENT, Exchange, NotRecorded, Unreadable, find
from conformance.gateway.streams import Stream

_TEXTS = {"content": "the text", "text": "the text", "refusal": "a refusal"}
_CALLED = ("function.name", "function.arguments", "custom.name", "custom.input")


def said(x: Exchange) -> dict[str, Any] | None:
    """By what it is and where it stands; None where it says nothing that can be read."""
    try:
        if not x.ok:
            return None
        found = _streamed(Stream(x)) if x.media_type == "text/event-stream" else _plain(x.json)
    except (Unreadable, NotRecorded):
        return None
    return None if found is None else {kind: _value(kind, each) for kind, each in found.items()}


def _streamed(stream: Stream) -> dict[str, Any]:
    found = {}
    for name, text in stream.texts.items():
        kind, of, where = name.partition(" of ")
        found[f"{_TEXTS.get(kind, kind)}{of}{where}"] = text
    calls = {place: text for place, text in stream.calls.items() if place.endswith(_CALLED)}
    return found | {f"a call ({place})": text for place, text in calls.items()}


def _plain(body: Any) -> dict[str, Any] | None:
    choices = find(body, "choices")
    if not isinstance(choices, list):
        return None
    found = {}
    for n, choice in enumerate(choices):
        for path, kind in (("message.content", "the text"), ("text", "the text"), ("message.refusal", "a refusal")):
            if (value := find(choice, path)) not in (ABSENT, None, ""):
                found[f"{kind} of choice {n}"] = value
        calls = find(choice, "message.tool_calls")
        for k, call in enumerate(calls if isinstance(calls, list) else ()):
            for path in _CALLED:
                if (value := find(call, path)) is not ABSENT:
                    found[f"a call (choices.{n}.tool_calls.{k}.{path})"] = value
    return found


def _value(kind: str, value: Any) -> Any:
    """Arguments as what they mean: how JSON is spaced is no part of it."""
    if kind.endswith("arguments)") and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
