"""CHAT: a plain chat completion, its choices and its messages."""

from __future__ import annotations

from conformance.catalogue import MUST, Problems, check
from conformance.citations import COMPLETION
from conformance.conditions import chat
from conformance.exchange import Exchange
from conformance.schemas import misfits


@check("chat.id", MUST, when=chat, source=COMPLETION, breaks="chat-without-id", covers="CHAT-001")
def has_an_id(x: Exchange) -> Problems:
    """A completion has an `id`, a non-empty string.

    Both SDKs hand on None or undefined; tracing and retrieval by id break.
    """
    yield from misfits(x, "completion", "id")


@check("chat.object", MUST, when=chat, source=COMPLETION, breaks="chat-object-text", covers=("CHAT-001", "CHAT-002"))
def object_is_chat_completion(x: Exchange) -> Problems:
    """`object` is "chat.completion".

    Clients that dispatch on it drop the answer.
    """
    yield from misfits(x, "completion", "object")
