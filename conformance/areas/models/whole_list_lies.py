"""Lies about the list of models as a whole: what is not on it, what is on it now and then, times that say nothing."""

from __future__ import annotations

from conformance.areas.models.lists_lies import _each, _listing
from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import body


@says("models-of-the-moment")
def _(call: Call, reply: Reply) -> Reply:
    """The list holds a model that is there for the moment, another each time."""
    if not _listing(call, reply):
        return reply
    first, *others = reply.body["data"]
    return body(reply, data=[first, {**first, "id": f"warm-{reply.header('x-request-id')[-8:]}"}, *others])


@says(
    "models-chat-only", link="https://github.com/pollinations/pollinations/pull/5678", bugs="images-models-not-listed"
)
def _(call: Call, reply: Reply) -> Reply:
    """Only the model that chats is listed."""
    return body(reply, data=reply.body["data"][:1]) if _listing(call, reply) else reply


@says(
    "models-of-one-time", bugs="models-fake-metadata",
    link=("https://github.com/BerriAI/litellm/issues/5275", "https://github.com/QuantumNous/new-api/issues/4398"),
)  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """Every model was made at the same time."""
    return _each(call, reply, lambda model: {**model, "created": 1_677_610_602})
