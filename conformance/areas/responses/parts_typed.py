"""RESP: what the parts of an answer are, in a stream when they begin and end; and what log probabilities of texts are made of."""

from __future__ import annotations

from conformance.areas.responses.conditions import has_event, has_part, served, unbroken
from conformance.areas.responses.parts_streamed import PART, SUMMARY, TEXT, THOUGHT
from conformance.areas.responses.response_reading import Event, events, parts
from conformance.areas.responses.sources import (
    DELTA_LOGPROB,
    LOGPROB,
    PART_ADDED,
    PART_DONE,
    REASONING_DELTA,
    REASONING_DONE,
    SUMMARY_ADDED,
    SUMMARY_DONE,
)
from conformance.exchange import Exchange, find, is_a
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.objects import OBJECTS, misfits
from conformance.wire.jsontext import show

KINDS = {
    **dict.fromkeys((PART, TEXT.ended), ("output_text", "refusal", "reasoning_text")),
    **dict.fromkeys((SUMMARY.added, SUMMARY.ended), ("summary_text",)),
}
"""The types that parts have, by the events that show them."""


@response("with log probabilities")
def probable(x: Exchange) -> bool:
    return any(part.get("logprobs") for _, part in parts(x))


@response("with log probabilities of alternatives")
def alternative(x: Exchange) -> bool:
    return next(OBJECTS["response-top-logprob"](x), None) is not None


@response("with log probabilities beside a delta")
def probable_deltas(x: Exchange) -> bool:
    return next(OBJECTS["response-delta-logprob"](x), None) is not None


@response("with log probabilities of alternatives beside a delta")
def alternative_deltas(x: Exchange) -> bool:
    return next(OBJECTS["response-delta-alternative"](x), None) is not None


def _place(event: Event) -> int | None:
    return found if is_a(found := find(event.data, "output_index"), int) else None


def _thoughts(x: Exchange) -> set[int | None]:
    """The indexes that reasoning has and no other item."""
    told = [
        (_place(event), find(event.data, "item.type") == "reasoning") for event in events(x) if "item" in event.data
    ]
    return (
        {place for place, is_thought in told if is_thought}
        - {place for place, is_thought in told if not is_thought}
        - {None}
    )


@check("response.part-kind", MUST, when=unbroken & has_event(*KINDS), source=(PART_ADDED, PART_DONE, SUMMARY_ADDED, SUMMARY_DONE),
       breaks=("response-part-added-untyped", "response-summary-part-as-text", "response-thought-part-as-text"),
       covers=("RESP-033", "RESP-044"))  # fmt: skip
def parts_say_their_kind(x: Exchange) -> Problems:
    """A part says its `type` when it is added and when it is done: "output_text", "refusal", in reasoning "reasoning_text", in a summary
    "summary_text".

    Both helpers make a text or a refusal of it by that word alone: thoughts are shown as the answer.
    """
    thoughts = _thoughts(x)
    for event in events(x):
        thought = event.type in (PART, TEXT.ended) and _place(event) in thoughts
        known = ("reasoning_text",) if thought else KINDS.get(event.type)
        if known and (seen := find(event.data, "part.type")) not in known:
            yield differs(f"part.type of event {event.at}", seen, " or ".join(map(show, known)))
            return


@check("response.part-empty", MUST, when=unbroken & has_event(PART, SUMMARY.added), source=(PART_ADDED, SUMMARY_ADDED),
       breaks=("response-part-added-full", "response-summary-part-bare"), covers=("RESP-033", "RESP-044"))  # fmt: skip
def parts_begin_empty(x: Exchange) -> Problems:
    """A part is added with its text, or its refusal, "".

    The helpers add the deltas to it: what is absent raises, and what is full comes twice.
    """
    for event in events(x):
        name = "refusal" if find(event.data, "part.type") == "refusal" else "text"
        if event.type in (PART, SUMMARY.added) and (seen := find(event.data, f"part.{name}")) != "":
            yield differs(f"part.{name} of event {event.at}", seen, '""')
            return


@check("response.thought-index", SHOULD, when=unbroken & has_event(THOUGHT.delta, THOUGHT.done), source=(REASONING_DELTA, REASONING_DONE),
       breaks="response-thought-without-index", covers=("RESP-037", "RESP-044"))  # fmt: skip
def thoughts_have_an_index(x: Exchange) -> Problems:
    """Deltas and ends of the text of reasoning say by `content_index` which part they belong to.

    Node's helper looks for the part by it.
    """
    for event in events(x):
        if event.type in (THOUGHT.delta, THOUGHT.done) and not is_a(seen := find(event.data, "content_index"), int):
            yield differs(f"content_index of event {event.at}", seen, "an integer")
            return


@check("response.logprob-entry", MUST, when=served & has_part("output_text") & probable, source=LOGPROB,
       breaks="response-logprob-text", covers="RESP-003")  # fmt: skip
def log_probabilities_have_their_members(x: Exchange) -> Problems:
    """A token with its log probability has `token`, `logprob`, a number, `bytes` and `top_logprobs`, an array.

    Who scores answers adds the numbers up, and puts bytes together where a character has several tokens.
    """
    yield from misfits(x, "response-logprob")
    yield from misfits(x, "response-logprob", "token", "logprob", "bytes", "top_logprobs")


# SHOULD, and so for deltas: no genuine recording holds alternatives.
@check("response.logprob-alternative", SHOULD, when=served & has_part("output_text") & alternative, source=LOGPROB,
       breaks="response-alternative-bare", covers="RESP-003")  # fmt: skip
def alternatives_have_their_members(x: Exchange) -> Problems:
    """Each of the `top_logprobs` of a token has `token`, `logprob`, a number, and `bytes`."""
    yield from misfits(x, "response-top-logprob")
    yield from misfits(x, "response-top-logprob", "token", "logprob", "bytes")


@check("response.delta-logprob-entry", MUST, when=unbroken & probable_deltas, source=DELTA_LOGPROB, breaks="response-delta-logprob-bare",
       covers="RESP-042")  # fmt: skip
def deltas_say_token_and_number(x: Exchange) -> Problems:
    """A token with its log probability beside a delta, or an end of a text, has `token` and `logprob`, a number."""
    yield from misfits(x, "response-delta-logprob")
    yield from misfits(x, "response-delta-logprob", "token", "logprob", "top_logprobs")


@check("response.delta-logprob-alternative", SHOULD, when=unbroken & alternative_deltas, source=DELTA_LOGPROB,
       breaks="response-delta-alternative-text", covers="RESP-042")  # fmt: skip
def alternatives_of_deltas_have_their_types(x: Exchange) -> Problems:
    """Each of the `top_logprobs` beside a delta has `token`, a string, and `logprob`, a number."""
    yield from misfits(x, "response-delta-alternative")
    yield from misfits(x, "response-delta-alternative", "token", "logprob")
