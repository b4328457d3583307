"""The responses that the reference keeps: what was answered, of what conversation, until when, and how far it is. It must not answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from conformance.reference.refusal import Refusal
from conformance.reference.response import started
from conformance.reference.response_items import OUTPUTS

Json = dict[str, Any]

LIFETIME = 30 * 24 * 3600.0
"""Seconds that a response is kept: https://platform.openai.com/docs/guides/conversation-state"""
MOST = 200
"""Responses that are kept; the oldest goes first."""
BACKGROUND = ("in_progress", "queued")
"""What becomes of a response in the background, from its end: each look at it is one step on."""


@dataclass
class Kept:
    """One response: its `body`, the items of its request's `input`, those of the conversation `before` it (of earlier responses),
    and the Unix time `until` which it is kept; `steps` are those of BACKGROUND that it has before it."""

    body: Json
    input: list[Json]
    before: list[Json]
    until: float
    steps: int = 0

    @property
    def shown(self) -> Json:
        """The response as far as it is."""
        return started(self.body, BACKGROUND[self.steps - 1]) if self.steps else self.body

    def look(self) -> Json:
        """The response a step further."""
        self.steps = max(0, self.steps - 1)
        return self.shown

    def cancel(self) -> Json:
        """The response, cancelled where it was not finished. Raises Refusal for one that is not in the background."""
        if not self.body["background"]:
            raise Refusal(400, "Cannot cancel a synchronous response.")
        if self.steps:
            self.body, self.steps = started(self.body, "cancelled"), 0
        return self.body

    @property
    def conversation(self) -> list[Json]:
        """All items up to and with its own output."""
        return [*self.before, *self.input, *self.body["output"]]


class KeptResponses(dict[str, Kept]):
    """Responses by id, the oldest first."""

    def keep(self, body: Json, input: list[Json], before: list[Json], now: float) -> Kept:
        own = [named(item, f"{body['id']}{n}") for n, item in enumerate(input)]
        kept = Kept(body, own, before, now + LIFETIME, len(BACKGROUND) if body["background"] else 0)
        self[body["id"]] = kept
        if len(self) > MOST:
            del self[next(iter(self))]
        return kept

    def find(self, id: str | None, now: float) -> Kept | None:
        """The response of that id, None where it is unknown, deleted or too old."""
        kept = self.get(id or "")
        return kept if kept is not None and kept.until > now else None

    def get_or_refuse(self, id: str, now: float) -> Kept:
        """The response that a path names. Raises Refusal."""
        if (kept := self.find(id, now)) is None:
            raise Refusal(404, f"Response with id '{id}' not found.")
        return kept

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


def named(item: Json, seed: str) -> Json:
    """An item of the input with the id and status under which it is listed."""
    prefix = "msg" if item["type"] == "message" else "fc" if item["type"] in OUTPUTS else "item"
    return {"id": f"{prefix}_{hashlib.sha256(seed.encode()).hexdigest()[:50]}", "status": "completed", **item}
