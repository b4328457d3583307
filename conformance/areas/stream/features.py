"""Features of streams: what they tell, and leave out, on request."""

from __future__ import annotations

from conformance.exchange import Exchange, find
from conformance.judge.condition import request
from conformance.judge.conditions import asked_usage, streaming
from conformance.judge.features import HONOURED, Finding, feature, ignored
from conformance.judge.refusals import asking


@feature(
    "streaming_usage",
    when=asking & streaming & asked_usage,
    names="stream_options",
    probes="chat.count",
    profile="chat",
)
def _(x: Exchange) -> Finding:
    """A stream that was asked for its usage sends it; ignored, no chunk has any."""
    return HONOURED if any(chunk.get("usage") for chunk in x.chunks) else ignored("no chunk has a usage")


@feature(
    "obfuscation_off", names=("include_obfuscation", "stream_options"), probes="chat.tier", profile="full",
    when=asking & streaming & request("without obfuscation")(
        lambda x: find(x.asked, "stream_options.include_obfuscation") is False
    ),
)  # fmt: skip
def _(x: Exchange) -> Finding:
    """A stream that is to be sent without obfuscation has none in its chunks."""
    return ignored("chunks have obfuscation") if any("obfuscation" in chunk for chunk in x.chunks) else HONOURED
