"""What is a chunk of a stream, and what else stands in one."""

from __future__ import annotations

from typing import Any

from conformance.wire import sse

_CHUNK_KEYS = ("id", "created", "model", "choices")
_ERROR_KEYS = ("message", "detail", "details", "error", "error_message", "error_type", "errors")


def is_chunk(value: Any) -> bool:
    """An object with any member of a chunk and no error: errors and pings, which are none, have checks of their own."""
    return isinstance(value, dict) and not value.get("error") and any(key in value for key in _CHUNK_KEYS)


def looks_like_an_error(event: sse.Event, value: Any) -> bool:
    """No chunk and no `{"error": ...}`, but the words of one: such events have a check of their own."""
    if not isinstance(value, dict) or is_chunk(value) or value.get("error"):
        return False
    named = event.field("event") == "error" or value.get("object") == "error"
    return named or any(value.get(key) for key in _ERROR_KEYS)
