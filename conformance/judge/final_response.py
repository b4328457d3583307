"""What a response of /responses came to, whether it was sent in one piece or event by event. It must not judge."""

from __future__ import annotations

from typing import Any

from conformance.exchange import Exchange, Unreadable, find, need

ENDS = ("response.completed", "response.incomplete", "response.failed")
"""The events that end a stream; each holds the whole response."""
FINISHED = ("completed", "incomplete", "failed", "cancelled")
"""The statuses after which a response changes no more."""


def final_response(x: Exchange) -> dict[str, Any]:
    """The response as it was in the end. Raises Unreadable where the answer holds none."""
    if not x.streaming:
        return x.answer
    for _, value in reversed(x.messages):
        if isinstance(value, dict) and value.get("type") in ENDS:
            return need(value, "response", dict)
    raise Unreadable("the stream is without its last event, expected response.completed, .incomplete or .failed")


def read_once(x: Exchange) -> bool:
    """Whether `input_tokens` are those of the prompt, as it was sent and read once: tools of the server's own add what they find, and
    in the mode "pro" OpenAI's models go over it several times, now more often and now less."""
    tools, mode = x.asked.get("tools"), find(x.asked.get("reasoning"), "mode")
    hosted = isinstance(tools, list) and any(find(tool, "type") not in ("function", "custom") for tool in tools)
    return not hosted and mode != "pro"


def response_id(x: Exchange) -> str | None:
    """The id of the response that an exchange made; None where it made none that can be read."""
    try:
        id = find(final_response(x), "id") if x.ok else None
    except Unreadable:
        return None
    return id if isinstance(id, str) and id else None


def written(response: dict[str, Any]) -> str:
    """All texts of the messages of a response, one after another. Raises Unreadable."""
    texts = []
    for item in need(response, "output", list):
        content = find(item, "content")
        for part in content if isinstance(content, list) and find(item, "type") == "message" else ():
            texts += [text] if isinstance(text := find(part, "text"), str) else []
    return "".join(texts)
