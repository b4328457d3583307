"""Features of a plain conversation: what its messages may hold, and the parameters that steer how it is answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.areas.chat.probes import INDEED
from conformance.exchange import Exchange, find
from conformance.judge import Relation
from conformance.judge.condition import request
from conformance.judge.conditions import asked, choices_asked, route
from conformance.judge.features import HONOURED, Finding, feature, ignored, unclear, unseen, wrong
from conformance.judge.refusals import asking, sent_messages
from conformance.judge.relations import stored, variations
from conformance.judge.shared import texts
from conformance.wire.jsontext import show


def _beside_other_stops(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Each answer to a request with stop sequences, after the plain ones to the same request with others."""
    alike = variations(exchanges, "stop")
    for group in alike:
        for x in group:
            yield *(y for y in group if not y.streaming and y.asked["stop"] != x.asked["stop"]), x


@feature("stop", words="stop sequences", when=asking & asked("stop"), probes=("chat.stop", "params.stops"), profile="chat",
         together=Relation("requests that differ in their stop sequences", _beside_other_stops))  # fmt: skip
def _(*answers: Exchange) -> Finding | None:
    """The text ends before a stop sequence that comes next where another is asked for; ignored, the sequence is in the text."""
    *others, x = answers
    stops = x.asked["stop"] if isinstance(x.asked["stop"], list) else [x.asked["stop"]]
    stops = [stop for stop in stops if isinstance(stop, str) and stop.strip()]
    for text in (choice.content or "" for choice in x.choices):
        if found := [stop for stop in stops if stop in text]:
            return ignored(f"the text holds {show(found[0])}")
    longer = [text for other in others for text in texts(other)]
    for text in texts(x):
        rests = [other[len(text.rstrip()) :].lstrip() for other in longer if other.startswith(text.rstrip())]
        if any(rest.startswith(stop.lstrip()) for rest in rests for stop in stops):
            return HONOURED
    return unclear("no other answer shows that the sequence would have come") if "stop-inside" in x.intent else None


@feature(
    "n",
    words="several choices (n)",
    when=asking & request("for several choices")(lambda x: choices_asked(x) > 1),
    probes="chat.two",
    profile="full",
)
def _(x: Exchange) -> Finding:
    """As many choices come as were asked for; ignored, there is one."""
    count, wanted = len(x.choices), choices_asked(x)
    if count == wanted:
        return HONOURED
    return ignored(f"one choice of {wanted}") if count == 1 else wrong(f"{count} choices of {wanted}")


@feature(
    "developer_role", words="the developer role", names=("developer", "role"), probes="chat.developer", profile="chat",
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
    "store", words="stored completions", probes=("chat.tier", "chat.stored"), together=stored, profile="full",
    when=asking & asked("store"), beside=route("stored"),
)  # fmt: skip
def _(made: Exchange, fetched: Exchange) -> Finding:
    """A completion that was to be stored is found by its id; ignored, it is not."""
    return HONOURED if fetched.ok else unseen(f"asked for by its id, it is answered {fetched.status}")


@feature("service_tier", words="service tiers", when=asking & asked("service_tier"), probes="chat.tier", profile="full")
def _(x: Exchange) -> Finding:
    """The answer says which tier served it; ignored, it says nothing."""
    parts = x.chunks if x.streaming else [x.answer]
    return HONOURED if any(part.get("service_tier") for part in parts) else unseen("the answer names no service_tier")
