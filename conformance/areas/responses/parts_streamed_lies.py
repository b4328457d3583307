"""Lies about how parts come in a stream: texts, refusals, summaries and thoughts."""

from __future__ import annotations

from conformance.reference.replies import Json
from conformance.reference.rewriting_responses import Events, drop, each_event, in_stream

PART, PART_DONE = "response.content_part.added", "response.content_part.done"
DELTA, TEXT_DONE = "response.output_text.delta", "response.output_text.done"
SUMMARY = "response.reasoning_summary_part"
VLLM = "https://github.com/vllm-project/vllm/issues/45742"


def setting(**changes: object):
    return lambda event: {**event, **changes}


def behind(kind: str, other: str) -> Events:
    """Each event of a type behind the next of the other."""

    def move(events: list[Json]) -> list[Json]:
        held, found = [], []
        if not any(event["type"] == other for event in events):
            return events
        for event in events:
            if event["type"] == kind:
                held.append(event)
                continue
            found.append(event)
            if event["type"] == other:
                found += held
                held = []
        return found + held

    return move


def _spoken(of: Events) -> Events:
    """Of texts and refusals alone: thoughts have parts, too."""
    return lambda events: events if any("reasoning_text" in event["type"] for event in events) else of(events)


in_stream("response-part-not-added", "Parts of a message are neither added nor done.", _spoken(drop(PART, PART_DONE)),
          link="https://github.com/NousResearch/hermes-agent/issues/119758", bugs="responses-content-part-missing")  # fmt: skip
in_stream("response-part-added-late", "A part is added behind its first delta.", _spoken(behind(PART, DELTA)))
in_stream("response-part-not-done", "Parts are never done.", _spoken(drop(PART_DONE)))
in_stream("response-text-not-done", "A text is never done, but its part is.", drop(TEXT_DONE))
in_stream("response-part-done-before-text", "A part is done before its text is.", behind(TEXT_DONE, PART_DONE))
in_stream("response-content-index-three", "The one part of an answer has the index 3.",
          lambda events: [{**event, "content_index": 3} if "content_index" in event else event for event in events],
          link=VLLM, bugs="responses-content-index")  # fmt: skip
in_stream("response-content-index-advances", "Every delta has a content_index of its own.",
          lambda events: [{**event, "content_index": n} if event["type"] == DELTA else event for n, event in enumerate(events)],
          link=VLLM, bugs="responses-content-index")  # fmt: skip
in_stream(
    "response-content-index-absent",
    "What is done has no content_index.",
    each_event(setting(content_index=...), TEXT_DONE),
)
in_stream("response-summary-not-added", "A summary comes without being added.", drop(f"{SUMMARY}.added"))
in_stream("response-summary-not-done", "The parts of a summary are never done.", drop(f"{SUMMARY}.done"))
in_stream("response-thought-not-added", "Thoughts come outside of any part.",
          lambda events: events if not any("reasoning_text" in event["type"] for event in events)
          else [event for event in events if not (event["type"] == PART and event["part"]["type"] == "reasoning_text")])  # fmt: skip
in_stream("response-delta-logprobs-null", "`logprobs` of a delta is null where nobody asked for it.",
          each_event(lambda event: event if event["logprobs"] else {**event, "logprobs": None}, DELTA))  # fmt: skip
in_stream("response-delta-object", "A delta is an object, as in chat.",
          lambda events: [{**event, "delta": {"content": event["delta"]}} if event["type"] == DELTA else event
                          for event in events])  # fmt: skip
in_stream("response-delta-null", "The first delta of a text is null.",
          lambda events: [{**event, "delta": None} if event["type"] == DELTA and event is next(e for e in events if e["type"] == DELTA)
                          else event for event in events])  # fmt: skip
