"""Where the objects of a response stand, plain and in the event that ends a stream; `schemas/` says what each must be."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.areas.responses.response_reading import LIFECYCLE, events, final
from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, described, held

TEXTS = ("response.output_text.delta", "response.output_text.done")


@described("response")
def response(x: Exchange) -> Placed:
    path, value = final(x)
    yield path.removesuffix("."), value


@described("response-begun")
def begun(x: Exchange) -> Placed:
    """The response as it is told before it ends."""
    told = ((each.at, each.data.get("response")) for each in events(x) if each.type in LIFECYCLE[:3])
    return ((f"event {at}.response", value) for at, value in told)


@described("response-usage")
def usage(x: Exchange) -> Placed:
    return held(response(x), "usage")


@described("response-item")
def item(x: Exchange) -> Placed:
    return below(response(x), "output")


def _of(placed: Placed, *kinds: str) -> Iterator[tuple[str, dict]]:
    return ((path, value) for path, value in placed if isinstance(value, dict) and value.get("type") in kinds)


@described("response-message")
def message(x: Exchange) -> Placed:
    return _of(item(x), "message")


@described("response-text")
def text(x: Exchange) -> Placed:
    return _of(below(message(x), "content"), "output_text")


@described("response-refusal")
def refusal(x: Exchange) -> Placed:
    return _of(below(message(x), "content"), "refusal")


@described("response-call")
def call(x: Exchange) -> Placed:
    return _of(item(x), "function_call")


@described("response-custom-call")
def custom_call(x: Exchange) -> Placed:
    return _of(item(x), "custom_tool_call")


@described("response-reasoning")
def reasoning(x: Exchange) -> Placed:
    return _of(item(x), "reasoning")


@described("response-tool")
def tool(x: Exchange) -> Placed:
    return below(response(x), "tools")


@described("response-tool-format")
def tool_format(x: Exchange) -> Placed:
    return held(_of(tool(x), "custom"), "format")


@described("response-text-setting")
def text_setting(x: Exchange) -> Placed:
    return held(response(x), "text")


@described("response-format")
def text_format(x: Exchange) -> Placed:
    return held(text_setting(x), "format")


@described("response-reasoning-setting")
def reasoning_setting(x: Exchange) -> Placed:
    return held(response(x), "reasoning")


@described("response-logprob")
def logprob(x: Exchange) -> Placed:
    return below(text(x), "logprobs")


@described("response-top-logprob")
def top_logprob(x: Exchange) -> Placed:
    return below(logprob(x), "top_logprobs")


@described("response-delta-logprob")
def delta_logprob(x: Exchange) -> Placed:
    return below((each for each in event(x) if each[1].get("type") in TEXTS), "logprobs")


@described("response-delta-alternative")
def delta_alternative(x: Exchange) -> Placed:
    return below(delta_logprob(x), "top_logprobs")


@described("response-event")
def event(x: Exchange) -> Placed:
    return ((f"event {each.at}", each.data) for each in events(x))


@described("response-error-event")
def error_event(x: Exchange) -> Placed:
    return ((f"event {each.at}", each.data) for each in events(x) if each.type == "error")
