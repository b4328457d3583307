"""OpenAI's stored completions (https://platform.openai.com/docs/api-reference/chat/list), as the API lists them or one a line.

It must not guess: see entries.py. The store keeps the answer with some parameters of its request beside it, null for what was not
there; messages, status, headers, and how a stream came are lost.
"""

from __future__ import annotations

from typing import Any

from conformance.record.entries import Entry, LeftOut
from conformance.record.logged import put_together, time_of

ANSWER = ("id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier")
ASKED = (
    "model", "tools", "tool_choice", "response_format", "temperature", "top_p", "seed", "presence_penalty", "frequency_penalty",
)  # fmt: skip
OBJECT = "chat.completion"


def entry(value: dict[str, Any]) -> Entry:
    """The entry of one stored completion. Raises LeftOut."""
    if value.get("object") != OBJECT:
        raise LeftOut(f"not a {OBJECT}")
    return put_together(
        {name: value[name] for name in ASKED if value.get(name) is not None},
        {name: value[name] for name in ANSWER if name in value},
        started=time_of(value.get("created")),
    )
