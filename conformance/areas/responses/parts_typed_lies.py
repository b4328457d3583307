"""Lies about what parts are when they begin, and about what log probabilities are made of."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference.replies import Json
from conformance.reference.rewriting_responses import Change, Events, each_event, each_part, in_plain, in_stream

PART, SUMMARY = "response.content_part.added", "response.reasoning_summary_part"
TEXTS = ("response.output_text.delta", "response.output_text.done")
THOUGHTS = ("response.reasoning_text.delta", "response.reasoning_text.done")


def _part(**changes: object) -> Change:
    """Changes the part of an event."""

    def of(event: Json) -> Json:
        part = {key: value for key, value in {**event["part"], **changes}.items() if value is not ...}
        return {**event, "part": part}

    return of


def _spoken(change: Change) -> Change:
    return lambda event: change(event) if event["part"]["type"] == "output_text" else event


def _entries(change: Callable[[Json], Json]) -> Change:
    """Changes the log probabilities of a part, or of an event."""
    return lambda holder: {**holder, "logprobs": [change(each) for each in holder["logprobs"]]}


def _alternatives(change: Callable[[Json], Json]) -> Change:
    return _entries(lambda each: {**each, "top_logprobs": [change(other) for other in each["top_logprobs"]]})


def _less(*names: str) -> Change:
    return lambda value: {key: held for key, held in value.items() if key not in names}


def _at_the_end(change: Change) -> Events:
    return each_event(change, TEXTS[1])


in_stream(
    "response-part-added-untyped",
    "A part of a message is added without a type.",
    each_event(_spoken(_part(type=...)), PART),
)
in_stream("response-summary-part-as-text", 'A part of a summary is of type "output_text".',
          each_event(_part(type="output_text"), f"{SUMMARY}.added", f"{SUMMARY}.done"))  # fmt: skip
in_stream("response-thought-part-as-text", 'A part of reasoning is added as an "output_text".',
          each_event(lambda event: _part(type="output_text", annotations=[])(event) if event["part"]["type"] == "reasoning_text" else event,
                     PART), link="https://github.com/vllm-project/vllm/pull/35184")  # fmt: skip
in_stream("response-part-added-full", "A part is added with its first word, which comes in the deltas, too.",
          each_event(_spoken(_part(text="Hello")), PART))  # fmt: skip
in_stream(
    "response-summary-part-bare",
    "A part of a summary is added without a text.",
    each_event(_part(text=...), f"{SUMMARY}.added"),
)
in_stream("response-thought-without-index", "The end of a thought does not say of which part.",
          each_event(lambda event: {**event, "content_index": ...}, THOUGHTS[1]))  # fmt: skip
in_plain("response-logprob-text", "Log probabilities are texts.",
         each_part(_entries(lambda each: {**each, "logprob": str(each["logprob"])})))  # fmt: skip
in_plain(
    "response-alternative-bare", "Alternatives to a token have no bytes.", each_part(_alternatives(_less("bytes")))
)
in_stream(
    "response-delta-logprob-bare",
    "A token beside the end of a text does not say which.",
    _at_the_end(_entries(_less("token"))),
)
in_stream("response-delta-alternative-text", "Alternatives beside the end of a text have their numbers as texts.",
          _at_the_end(_alternatives(lambda each: {**each, "logprob": str(each["logprob"])})))  # fmt: skip
