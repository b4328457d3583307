"""Whose a change is: each change of a body belongs to exactly one law, so that one edit of a gateway is one red line. It must not judge."""

from __future__ import annotations

import unicodedata
from typing import Any

from conformance.exchange import ABSENT
from conformance.gateway.changes import EXACT, Change, Number

UNKNOWN = "x_conformance"
"""Begins the names of members that no document has: a request may hold them, and an answer of the upstream does."""
_FORM = ("response_format", "text")
_TOOLS = ("tools", "functions")
_CONVERSATION = ("messages", "input", "prompt")
_MEDIA = ("image_url", "input_audio", "file", "audio", "detail", "url", "data", "format")


def asked_owner(change: Change) -> str:
    """Which law a change of the request's body is of."""
    head = change.head
    if change.order == "members":
        return "schema-order" if {"parameters", "schema"} & set(change.path[1:]) else "order"
    if len(change.path) == 1 and change.added and head not in ("model", "stream", "stream_options"):
        return "added"
    if head in ("model", "stream", "stream_options", "tool_choice"):
        return head
    if head in _FORM:
        return "response_format"
    if head in _TOOLS:
        return _of_tools(change)
    if head in _CONVERSATION:
        return _of_conversation(change)
    if not change.path:
        return "value"
    return _of_parameter(change)


def _of_parameter(change: Change) -> str:
    if change.dropped:
        if change.head.startswith(UNKNOWN):
            return "unknown"
        return "null" if change.was is None else "zero" if _zero(change.was) else "dropped"
    if change.added:
        return "added"
    return _of_value(change.was, change.now)


def _zero(value: Any) -> bool:
    """What many languages take for no value."""
    return value.value == 0 if isinstance(value, Number) else not value


def _of_value(was: Any, now: Any) -> str:
    if isinstance(was, Number) and isinstance(now, Number):
        if was.value == now.value:
            return "written"
        return "exact" if abs(was.value) > EXACT else "value"
    return "value" if type(was) is type(now) else "type"


def _of_tools(change: Change) -> str:
    path = [str(step) for step in change.path]
    if len(path) <= 2:
        return "tools"
    if "parameters" in path[2:]:
        return "schema"
    if path[-1] in ("name", "description"):
        return f"tool-{path[-1]}"
    return "tool-members"


def _of_conversation(change: Change) -> str:
    if len(change.path) == 1:
        if isinstance(change.was, list) and isinstance(change.now, list):
            if change.order:
                return "messages-order"
            return "messages-kept" if len(change.now) < len(change.was) else "messages-added"
        return "messages-kept" if change.dropped else "message-form"
    names = [step for step in change.path if isinstance(step, str)][1:]
    if change.dropped and change.was is None:
        return "null"
    if not names:
        return "message-text"
    if names[0] == "role":
        return "role"
    if names[0] in ("tool_calls", "tool_call_id", "function_call", "call_id", "arguments", "output"):
        return "message-calls"
    if names[0] != "content":
        return "message-members"
    if any(name in _MEDIA for name in names[1:]):
        return "media"
    return _of_text(change.was, change.now)


def _of_text(was: Any, now: Any) -> str:
    if not (isinstance(was, str) and isinstance(now, str)):
        return "message-form"
    if unicodedata.normalize("NFKC", was) == unicodedata.normalize("NFKC", now):
        return "unicode"
    return "space" if "".join(was.split()) == "".join(now.split()) else "message-text"


_ANSWER = {
    "id": "id", "model": "model", "created": "created", "created_at": "created", "object": "members",
    "system_fingerprint": "members", "service_tier": "members",
}  # fmt: skip
_IN_CHOICE = {
    "index": "choices", "finish_reason": "finish", "logprobs": "logprobs", "role": "role", "content": "text",
    "refusal": "refusal", "annotations": "members", "audio": "members",
}  # fmt: skip


def answered_owner(change: Change) -> str:
    """Which law a change of a plain answer is of: of any object of the API."""
    names = [step for step in change.path if isinstance(step, str)]
    if change.order == "members":
        return "order"
    if change.order:
        return "choices" if change.last in ("choices", "data", "output") else "members"
    if change.dropped and any(name.startswith(UNKNOWN) for name in names):
        return "unknown"
    if change.dropped and change.was is None:
        return "null"
    if change.added:
        return "added"
    if isinstance(change.was, Number) and isinstance(change.now, Number) and change.was.value == change.now.value:
        return "members"  # it is written otherwise, and as much
    if change.head == "usage":
        return "usage-details" if len(names) > 1 and names[1].endswith("details") else "usage"
    if change.head == "choices":
        return _of_choice(names)
    if change.head == "data":
        return "embedding" if "embedding" in names else "models" if len(names) == 1 or "id" in names else "members"
    if change.head == "output":
        return "output"
    if change.was is not ABSENT and len(names) > 1:
        return "members"
    return _ANSWER.get(change.head, "members")


def _of_choice(names: list[str]) -> str:
    if len(names) == 1:
        return "choices"
    inner = names[2] if names[1] == "message" and len(names) > 2 else names[1]
    if inner == "tool_calls":
        return "call-arguments" if names[-1] in ("arguments", "input") else "call-id" if names[-1] == "id" else "calls"
    return _IN_CHOICE.get(inner, "members")
