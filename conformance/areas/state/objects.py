"""Where the lists of what a response was made of stand, counts, and compacted conversations; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, body, described


@described("response-input-list")
def listed(x: Exchange) -> Placed:
    return body(x)


@described("response-input-item")
def item(x: Exchange) -> Placed:
    return below(body(x), "data")


def _of(placed: Placed, *kinds: str) -> Placed:
    return ((path, value) for path, value in placed if isinstance(value, dict) and value.get("type") in kinds)


@described("response-input-message")
def message(x: Exchange) -> Placed:
    return _of(item(x), "message")


@described("response-input-part")
def part(x: Exchange) -> Placed:
    return below(message(x), "content")


@described("response-input-call")
def call(x: Exchange) -> Placed:
    return _of(item(x), "function_call")


@described("response-input-custom-call")
def custom_call(x: Exchange) -> Placed:
    return _of(item(x), "custom_tool_call")


@described("response-input-result")
def result(x: Exchange) -> Placed:
    return _of(item(x), "function_call_output", "custom_tool_call_output")


@described("token-count")
def count(x: Exchange) -> Placed:
    return body(x)


@described("compaction")
def compaction(x: Exchange) -> Placed:
    return body(x)


@described("compaction-item")
def compacted_item(x: Exchange) -> Placed:
    return below(body(x), "output")


@described("compaction-message")
def compacted_message(x: Exchange) -> Placed:
    return _of(compacted_item(x), "message")


@described("compaction-sealed")
def sealed(x: Exchange) -> Placed:
    return _of(compacted_item(x), "compaction")
