"""Features of a plain conversation: what its messages may hold, and the parameters that steer how it is answered."""

from __future__ import annotations

from conformance.areas.chat.probes import INDEED
from conformance.exchange import Exchange, find
from conformance.judge.condition import request
from conformance.judge.conditions import asked, choices_asked, route
from conformance.judge.features import HONOURED, Finding, feature, ignored, unclear, unseen, wrong
from conformance.judge.refusals import asking, sent_messages
from conformance.judge.relations import stored
from conformance.judge.shared import texts
from conformance.wire.jsontext import show


@feature("stop", when=asking & asked("stop"), probes=("chat.stop", "params.stops"), profile="chat")
def _(x: Exchange) -> Finding | None:
    """The model dictates what holds the stop sequence; honoured, the text ends before it, ignored, it is in the text."""
    stops = x.asked["stop"] if isinstance(x.asked["stop"], list) else [x.asked["stop"]]
    for text in (choice.content or "" for choice in x.choices):
        if found := [stop for stop in stops if isinstance(stop, str) and stop and stop in text]:
            return ignored(f"the text holds {show(found[0])}")
    if "stop-inside" not in x.intent:
        return None
    return HONOURED if texts(x) else unclear("no text ended by itself")


@feature(
    "n", when=asking & request("for several choices")(lambda x: choices_asked(x) > 1), probes="chat.two", profile="full"
)
def _(x: Exchange) -> Finding:
    """As many choices come as were asked for; ignored, there is one."""
    count, wanted = len(x.choices), choices_asked(x)
    if count == wanted:
        return HONOURED
    return ignored(f"one choice of {wanted}") if count == 1 else wrong(f"{count} choices of {wanted}")


@feature(
    "developer_role", names=("developer", "role"), probes="chat.parts", profile="chat",
    when=asking & request("with a developer message")(lambda x: any(find(m, "role") == "developer" for m in sent_messages(x))),
)  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """The developer says with which word to begin; ignored, the answer begins with another."""
    if INDEED not in str(sent_messages(x)[0]):
        return None
    begun = [text for text in texts(x) if text.lstrip(" \n*\"'").lower().startswith(INDEED.lower())]
    return HONOURED if begun else unseen(f"the answer does not begin with {INDEED}, as the developer wants it")


# ---------------------------------------------------------------------- what the service does


@feature(
    "store", probes=("chat.tier", "chat.stored"), together=stored, profile="full",
    when=asking & asked("store"), beside=route("stored"),
)  # fmt: skip
def _(made: Exchange, fetched: Exchange) -> Finding:
    """A completion that was to be stored is found by its id; ignored, it is not."""
    return HONOURED if fetched.ok else unseen(f"asked for by its id, it is answered {fetched.status}")


@feature("service_tier", when=asking & asked("service_tier"), probes="chat.tier", profile="full")
def _(x: Exchange) -> Finding:
    """The answer says which tier served it; ignored, it says nothing."""
    parts = x.chunks if x.streaming else [x.answer]
    return HONOURED if any(part.get("service_tier") for part in parts) else unseen("the answer names no service_tier")
