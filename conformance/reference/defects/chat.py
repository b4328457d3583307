"""Lies about a plain chat completion."""

from __future__ import annotations

from conformance.reference.defects import says
from conformance.reference.defects.rewrite import chat_body
from conformance.reference.replies import Call, Reply


@says("chat-without-id")
def _(call: Call, reply: Reply) -> Reply:
    """A completion has no id."""
    return chat_body(reply, id=...)


@says("chat-object-text")
def _(call: Call, reply: Reply) -> Reply:
    """A chat completion calls itself text_completion."""
    return chat_body(reply, object="text_completion")
