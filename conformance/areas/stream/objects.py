"""Where the objects of a streamed chat completion stand; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, chunks, described, held, parts


@described("chunk")
def chunk(x: Exchange) -> Placed:
    return chunks(x)


@described("chunk-choice")
def part(x: Exchange) -> Placed:
    return parts(x)


@described("delta")
def delta(x: Exchange) -> Placed:
    return held(parts(x), "delta")


@described("stream-error")
def stream_error(x: Exchange) -> Placed:
    for n, value in x.messages:
        if isinstance(value, dict) and value.get("error"):
            yield f"event {n}.error", value["error"]
