"""What the laws of Responses ask: which requests and answers they are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from conformance.areas.responses.response_reading import calls, events, final, items, parts, sent_tools
from conformance.exchange import Exchange, find, is_a
from conformance.exchange.fragment import FRAMING
from conformance.judge import Relation
from conformance.judge.condition import Condition, by_socket, request, response
from conformance.judge.conditions import ok, post, route, status, streaming
from conformance.judge.mistakes import BUSY, DENIED, mistaken
from conformance.judge.relations import conversation

SEQUENCED, LOGPROBS = 1_748_500_000, 1_751_100_000
"""Since when (Unix time) OpenAI numbers the events of a stream, and says `logprobs` of texts that nobody asked them for."""

responses = route("responses") & post
turn = Condition("of a turn over a WebSocket", (by_socket & request("of one message")(lambda x: bool(x.asked))).test)
"""Its events are those of a stream, and under the same laws but for how they are framed."""
served = Condition("of a response", (route("responses") & (post | turn) & ~mistaken & ok).test)
plain = Condition("of a plain response", (served & ~streaming).test)


@request("whose events were kept as they came")
def as_it_came(x: Exchange) -> bool:
    """Of 43 streams that are kept as bare events without a request, 4 hold several answers in one, or were shortened by hand."""
    return FRAMING not in x.missing


streamed = Condition("of a streamed response", (served & streaming & as_it_came).test)
framed = Condition("of a response streamed by HTTP", (streamed & ~by_socket).test)
judged = responses & ~status(*DENIED, *BUSY)
"""Answered for what was asked, not for a key, a limit or an outage."""


@response("whose stream reports an error")
def fails(x: Exchange) -> bool:
    return any(event.type in ("error", "response.failed") or event.data.get("error") for event in events(x))


unbroken = Condition("of a streamed response that does not fail", (streamed & ~fails).test)


@cache
def ended(*words: str) -> Condition:
    """The response ended so: completed, incomplete or failed."""
    return response(f"that is {' or '.join(words)} in the end")(lambda x: final(x)[1].get("status") in words)


@cache
def holds(*kinds: str) -> Condition:
    """The output has an item of such a type."""
    return response(f"with an item of type {' or '.join(kinds)}")(lambda x: bool(items(x, *kinds)))


@cache
def has_part(kind: str) -> Condition:
    return response(f"with a part of type {kind}")(lambda x: bool(parts(x, kind)))


@cache
def has_event(*kinds: str) -> Condition:
    return response(f"with an event of type {' or '.join(kinds)}")(
        lambda x: any(event.type in kinds for event in events(x))
    )


@cache
def since(time: int) -> Condition:
    """The response was made later, or does not say when: servers of today are held to what OpenAI does today."""

    def late(x: Exchange) -> bool:
        found = [event.data.get("response") for event in events(x)[:1]] if x.streaming else [x.answer]
        made = find(found[0], "created_at") if found else None
        return not is_a(made, float) or made == 0 or made >= time

    return response("of today")(late)


@response("that calls a tool of the client")
def calls_tool(x: Exchange) -> bool:
    return bool(calls(x))


@request("that hands back what a tool gave")
def hands_back(x: Exchange) -> bool:
    given = x.asked.get("input")
    kinds = [item.get("type") for item in given if isinstance(item, dict)] if isinstance(given, list) else []
    return any(isinstance(kind, str) and kind.endswith("_call_output") for kind in kinds)


@request("that offers functions")
def offers_functions(x: Exchange) -> bool:
    return any(tool.get("type") == "function" for tool in sent_tools(x))


finished = ended("completed", "incomplete")


def _twins(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Each plain response with that to the same request streamed."""
    plain_ones: dict[str, Exchange] = {}
    for x in exchanges:
        if responses(x) and x.asked and not x.streaming and x.ok:
            plain_ones.setdefault(conversation(x), x)
    for x in exchanges:
        if responses(x) and x.streaming and x.ok and (key := conversation(x)) in plain_ones:
            yield plain_ones[key], x


twins = Relation("response, plain and streamed", _twins)
