"""Features of what is kept between requests: each may be missing, and is judged where it is there."""

from __future__ import annotations

from conformance.areas.state.chains import lost
from conformance.areas.state.conditions import behind, cancelling, continued_by_id, deleting, fetching, made, making
from conformance.areas.whole_routes import answered_with
from conformance.exchange import Exchange, find
from conformance.judge.condition import request
from conformance.judge.conditions import post, route, streaming
from conformance.judge.features import HONOURED, Finding, feature, ignored, unseen, wrong
from conformance.judge.final_response import final_response

WORDS = ("previous", "response", "store")


@request("for a response that is there")
def there(x: Exchange) -> bool:
    return not x.name.endswith(("gone", "unstored-fetched"))


@feature("response_store", when=fetching & there & ~streaming, names=("response", "store"), probes=("http.responses", "state.fetched"),
         route=True, profile="full")  # fmt: skip
def _(x: Exchange) -> Finding:
    """A response is found by its id; absent, it is not."""
    return answered_with(x, "output", list)


@feature("response_delete", when=deleting, names=("response", "delete"), probes=("state.first", "state.second", "state.deleted"),
         route=True)  # fmt: skip
def _(x: Exchange) -> Finding:
    """A response is deleted by its id; absent, there is no such route."""
    return HONOURED if find(x.json, "deleted") is True else wrong("deleted is not true")


@feature("response_input_items", when=route("response-items"), names=("response", "items"), probes=("state.first", "state.listed"),
         route=True)  # fmt: skip
def _(x: Exchange) -> Finding:
    """What a response was made of is listed; absent, there is no such route."""
    return answered_with(x, "data", list)


@feature("previous_response_id", when=making & ~lost & request("that continues a response")(
             lambda x: isinstance(x.asked.get("previous_response_id"), str)),
         names=WORDS, probes=("state.first", "state.second"), profile="full", together=continued_by_id, beside=made)  # fmt: skip
def _(before: Exchange, x: Exchange) -> Finding:
    """The response names the one that it continues; ignored, it names none."""
    seen = find(final_response(x), "previous_response_id")
    return HONOURED if seen == x.asked["previous_response_id"] else ignored("the response names none before it")


@feature("background", when=making & behind & ~streaming, probes="state.background")
def _(x: Exchange) -> Finding:
    """The answer comes at once and says that it waits; ignored, it is the whole one."""
    if find(x.json, "status") in ("queued", "in_progress"):
        return HONOURED
    return ignored("the whole answer came") if find(x.json, "background") is not True else unseen("it was done at once")


@feature("response_cancel", when=cancelling & request("of what may be cancelled")(lambda x: "finished" not in x.name),
         names=("cancel",), probes=("state.fetched", "state.background-long", "state.cancelled"), route=True)  # fmt: skip
def _(x: Exchange) -> Finding:
    """A response in the background is cancelled; absent, there is no such route."""
    return HONOURED if find(x.json, "status") in ("cancelled", "completed") else wrong("the response goes on")


@feature(
    "response_input_tokens",
    when=route("response-tokens") & post,
    names=("input_tokens",),
    probes="state.counted",
    route=True,
)
def _(x: Exchange) -> Finding:
    """The tokens of a prompt are counted; absent, there is no such route."""
    return answered_with(x, "input_tokens", int)


@feature(
    "response_compact", when=route("response-compact") & post, names=("compact",), probes="state.compacted", route=True
)
def _(x: Exchange) -> Finding:
    """A conversation is compacted; absent, there is no such route."""
    return answered_with(x, "output", list)
