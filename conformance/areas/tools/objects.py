"""Where the objects of tool calls stand, plain and streamed; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, described, held, messages, parts


@described("tool-call")
def call(x: Exchange) -> Placed:
    return below(messages(x), "tool_calls")


@described("function-call")
def function_call(x: Exchange) -> Placed:
    return held(call(x), "function")


@described("custom-call")
def custom_call(x: Exchange) -> Placed:
    # Of the calls that have no function: servers that send both, one of them blank, mean the function.
    without = ((path, each) for path, each in call(x) if not (isinstance(each, dict) and "function" in each))
    return held(without, "custom")


@described("tool-call-delta")
def fragment(x: Exchange) -> Placed:
    return below(held(parts(x), "delta"), "tool_calls")
