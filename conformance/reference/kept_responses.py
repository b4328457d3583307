"""The responses that the reference keeps: what was answered, of what conversation, and until when. It must not answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.reference.refusal import Refusal

Json = dict[str, Any]

LIFETIME = 30 * 24 * 3600.0
"""Seconds that a response is kept: https://platform.openai.com/docs/guides/conversation-state"""
MOST = 200
"""Responses that are kept; the oldest goes first."""


@dataclass
class Kept:
    """One response: its `body`, the items of its request's `input`, those of the conversation `before` it (of earlier responses),
    and the Unix time `until` which it is kept."""

    body: Json
    input: list[Json]
    before: list[Json]
    until: float

    @property
    def conversation(self) -> list[Json]:
        """All items up to and with its own output."""
        return [*self.before, *self.input, *self.body["output"]]


class KeptResponses(dict[str, Kept]):
    """Responses by id, the oldest first."""

    def keep(self, body: Json, input: list[Json], before: list[Json], now: float) -> None:
        self[body["id"]] = Kept(body, input, before, now + LIFETIME)
        if len(self) > MOST:
            del self[next(iter(self))]

    def find(self, id: str, now: float) -> Kept | None:
        """The response of that id, None where it is unknown, deleted or too old."""
        kept = self.get(id)
        return kept if kept is not None and kept.until > now else None

    def before(self, id: str | None, now: float) -> list[Json]:
        """The conversation that a response continues. Raises Refusal for one that is not kept."""
        if id is None:
            return []
        if (kept := self.find(id, now)) is None:
            message = f"Previous response with id '{id}' not found."
            raise Refusal(400, message, param="previous_response_id", code="previous_response_not_found")
        return kept.conversation

    def item(self, id: str, now: float) -> Json:
        """The item that a reference means. Raises Refusal for one that is in no kept response."""
        for kept in self.values():
            if kept.until > now:
                for item in (*kept.body["output"], *kept.input):
                    if item.get("id") == id:
                        return item
        raise Refusal(404, f"Item with id '{id}' not found.", param="input")
