"""Whether conversations are kept, and whether responses can be made in them."""

from __future__ import annotations

from conformance.areas.conversations.conditions import making, turn
from conformance.areas.whole_routes import UNFIT, answered_with
from conformance.exchange import Exchange, find
from conformance.judge.conditions import intent
from conformance.judge.features import HONOURED, Finding, feature, ignored
from conformance.judge.final_response import final_response


@feature(
    "conversations",
    when=making & ~intent("edge"),
    names=(*UNFIT, "conversation"),
    probes="conversation.created",
    route=True,
)
def _(x: Exchange) -> Finding:
    """A conversation is made and has an id; absent, there is no such route."""
    return answered_with(x, "id", str)


@feature("responses_conversation", when=turn & ~intent("lost-conversation") & ~intent("meanwhile"), names=(*UNFIT, "conversation"),
         probes=("conversation.created", "conversation.asked"))  # fmt: skip
def _(x: Exchange) -> Finding:
    """A response is made in a conversation and names it; ignored, it names none."""
    seen = find(final_response(x), "conversation.id")
    return HONOURED if isinstance(seen, str) and seen else ignored("the response names no conversation")
