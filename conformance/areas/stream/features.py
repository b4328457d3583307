"""Features of streams: what they tell, and leave out, on request."""

from __future__ import annotations

from conformance.exchange import Exchange, find
from conformance.judge.condition import request
from conformance.judge.conditions import asked_usage, streaming
from conformance.judge.features import HONOURED, Finding, feature, ignored, wrong
from conformance.judge.refusals import asking


@feature("streaming", when=asking & streaming, names="stream", probes="chat.hello", profile="chat")
def _(x: Exchange) -> Finding:
    """A request for a stream is answered by events; ignored, by one whole answer."""
    if x.not_json is None:
        return ignored("a whole answer came instead of events")
    return HONOURED if x.events else wrong("no event came")


@feature(
    "streaming_usage",
    words="usage in streams",
    when=asking & streaming & asked_usage,
    names="stream_options",
    part_of="streaming",
    probes="chat.count",
    profile="chat",
)
def _(x: Exchange) -> Finding:
    """A stream that was asked for its usage sends it; ignored, no chunk has any."""
    return HONOURED if any(chunk.get("usage") for chunk in x.chunks) else ignored("no chunk has a usage")


@feature(
    "obfuscation_off", words="streams without obfuscation",
    names=("include_obfuscation", "stream_options"), probes="chat.tier", profile="full",
    part_of="streaming",
    when=asking & streaming & request("without obfuscation")(
        lambda x: find(x.asked, "stream_options.include_obfuscation") is False
    ),
)  # fmt: skip
def _(x: Exchange) -> Finding:
    """A stream that is to be sent without obfuscation has none in its chunks."""
    return ignored("chunks have obfuscation") if any("obfuscation" in chunk for chunk in x.chunks) else HONOURED
