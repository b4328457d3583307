"""Tools for telling lies: rewriting the parts of a reply that a defect is about. Declares no defect."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.replies import Json, Reply, compact, event


def is_chat(reply: Reply) -> bool:
    """A plain chat completion."""
    return isinstance(reply.body, dict) and reply.body.get("object") == "chat.completion"


def is_stream(reply: Reply) -> bool:
    return reply.chunks is not None


def is_error(reply: Reply) -> bool:
    return reply.status >= 400


def body(reply: Reply, **changes: Any) -> Reply:
    """The reply with top-level members of its JSON body changed; `...` removes one."""
    return replace(reply, body=without({**reply.body, **changes}))


def without(value: Json) -> Json:
    """The object without the members that are `...`."""
    return {key: item for key, item in value.items() if item is not ...}


def chat_body(reply: Reply, **changes: Any) -> Reply:
    """Change members of a plain chat completion; other replies stay."""
    return body(reply, **changes) if is_chat(reply) else reply


def each_choice(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every choice of a plain chat completion; other replies stay."""
    if not is_chat(reply):
        return reply
    return body(reply, choices=[without(change(choice)) for choice in reply.body["choices"]])


def each_message(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every message of a plain chat completion; other replies stay."""
    return each_choice(reply, lambda choice: {**choice, "message": without(change(choice["message"]))})


def each_chunk(reply: Reply, change: Callable[[int, Json], Json]) -> Reply:
    """Change every chunk of a stream, given its position; other replies stay."""
    if reply.chunks is None:
        return reply
    return replace(reply, chunks=tuple(without(change(n, chunk)) for n, chunk in enumerate(reply.chunks)))


def each_part(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every element of `choices` in every chunk of a stream; other replies stay."""
    return each_chunk(
        reply,
        lambda _, chunk: (
            {**chunk, "choices": [without(change(part)) for part in chunk["choices"]]} if "choices" in chunk else chunk
        ),
    )


def each_delta(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every delta of a stream; other replies stay."""
    return each_part(reply, lambda part: {**part, "delta": without(change(part["delta"]))})


def error(reply: Reply, **changes: Any) -> Reply:
    """Change members of the `error` object of an error answer; other replies stay."""
    if not is_error(reply):
        return reply
    return body(reply, error=without({**reply.body["error"], **changes}))


def data(piece: bytes) -> Any:
    """The JSON value of a piece `data: {...}`; None for a comment or [DONE]."""
    text = piece.removeprefix(b"data: ").strip()
    return json.loads(text) if text.startswith(b"{") else None


def resend(value: Any) -> bytes:
    """A value as an event."""
    return event(compact(value))
