"""The conversations that the reference keeps: their items, what is noted of them, and which is being answered in. It must not answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.reference.kept_responses import Kept, named
from conformance.reference.refusal import Refusal

Json = dict[str, Any]

MOST = 200
"""Conversations that are kept; the oldest goes first."""
AT_ONCE = 20
"""Items that may be added at a time (openapi.yaml, createConversationItems)."""


@dataclass
class Conversation:
    """One conversation: its id, when it was made, in Unix seconds, what is noted of it, and its items, the oldest first; `last` is the
    response that was made in it last."""

    id: str
    created: int
    metadata: Json
    items: list[Json] = field(default_factory=list)
    last: Kept | None = None

    @property
    def shown(self) -> Json:
        return {"id": self.id, "object": "conversation", "created_at": self.created, "metadata": self.metadata}

    def add(self, given: Sequence[Json]) -> list[Json]:
        """Add items, each under an id of its own, and give them as they are kept."""
        seed = hashlib.sha256(f"{self.id}{len(self.items)}".encode()).hexdigest()
        added = [named(item, f"{seed}{n}") for n, item in enumerate(given)]
        self.items += added
        return added

    def item(self, id: str) -> Json:
        """The item of that id. Raises Refusal."""
        if (found := next((item for item in self.items if item["id"] == id), None)) is None:
            raise Refusal(404, f"Item with id '{id}' not found.")
        return found


class KeptConversations(dict[str, Conversation]):
    """Conversations by id, the oldest first."""

    def make(self, id: str, created: int, metadata: Json) -> Conversation:
        self[id] = made = Conversation(id, created, metadata)
        if len(self) > MOST:
            del self[next(iter(self))]
        return made

    def get_or_refuse(self, id: str) -> Conversation:
        """The conversation of that id. Raises Refusal."""
        if (found := self.get(id)) is None:
            raise Refusal(404, f"Conversation with id '{id}' not found.")
        return found

    def asked(self, asked: Json) -> Conversation | None:
        """The conversation that a response is to be in, None where it is in none. Raises Refusal."""
        given = asked.get("conversation")
        if given is None:
            return None
        if asked.get("previous_response_id"):
            message = "Mutually exclusive parameters. Ensure you are only providing one of: 'previous_response_id' or 'conversation'."
            raise Refusal(400, message, code="mutually_exclusive_parameters")
        id = given if isinstance(given, str) else given.get("id")
        if not isinstance(id, str):
            raise Refusal(
                400,
                "Missing required parameter: 'conversation.id'.",
                param="conversation.id",
                code="missing_required_parameter",
            )
        found = self.get_or_refuse(id)
        if found.last is not None and found.last.steps:  # it is made in the background
            message = "Another process is currently operating on this conversation. Please retry in a few seconds."
            raise Refusal(400, message, param="conversation", code="conversation_locked")
        return found
