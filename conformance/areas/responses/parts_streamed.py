"""RESP: how the parts of an item come in a stream: texts and refusals of a message, summaries and texts of reasoning."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from conformance.areas.responses.conditions import LOGPROBS, has_event, since, unbroken
from conformance.areas.responses.items_streamed import ORDERLY
from conformance.areas.responses.lives import Life, lives, place
from conformance.areas.responses.response_reading import Event, events
from conformance.areas.responses.sources import (
    GRAMMAR,
    NODE_ACCUMULATES,
    PART_ADDED,
    REASONING_DELTA,
    SUMMARY_ADDED,
    SUMMARY_DELTA,
    TEXT_DELTA,
    TEXT_DONE,
)
from conformance.exchange import Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.wire.jsontext import show


class Kind(NamedTuple):
    """The events of one kind of part, in their order: the part is added, its text comes and is done, the part is done."""

    added: str
    delta: str
    done: str
    ended: str
    index: str


def _kind(of: str, part: str = "content_part", index: str = "content_index") -> Kind:
    return Kind(f"response.{part}.added", f"response.{of}.delta", f"response.{of}.done", f"response.{part}.done", index)


TEXT, REFUSAL, THOUGHT = _kind("output_text"), _kind("refusal"), _kind("reasoning_text")
PART = TEXT.added
SUMMARY = _kind("reasoning_summary_text", "reasoning_summary_part", "summary_index")


def by_part(life: Life, kind: Kind) -> dict[int, list[Event]]:
    """The events of each part that has such a text, by its index."""
    found: dict[int, list[Event]] = defaultdict(list)
    for event in life.inner():
        at = place(event)
        if at and at[0] == kind.index:
            found[at[1]].append(event)
    return {n: own for n, own in found.items() if any(event.type in (kind.delta, kind.done) for event in own)}


SPOKEN = (TEXT.delta, TEXT.done, REFUSAL.delta, REFUSAL.done)


@response("whose parts have the indexes of their places")
def tidy(x: Exchange) -> bool:
    for life in lives(x):
        added = [find(event.data, "content_index") for event in life.of(PART)]
        stray = any(find(event.data, "content_index") not in added for event in life.inner() if event.type in SPOKEN)
        if added and (added != list(range(len(added))) or stray):
            return False
    return True


def _out_of_order(x: Exchange, kind: Kind, *, ends: bool) -> Problems:
    """Where a part is not added first, or its ends do not come last and in order."""
    order = (kind.done, kind.ended)
    for life in lives(x):
        for own in by_part(life, kind).values():
            kinds = [event.type for event in own if event.type in kind]
            if not ends and kinds[0] != kind.added:
                yield differs(f"the first event of the part of event {own[0].at}", kinds[0], show(kind.added))
            if ends and tuple(kinds[-2:]) != order:
                yield differs(
                    f"the last events of the part of event {own[0].at}", kinds[-2:], f"{order[0]}, {order[1]}"
                )


@check("response.part-added", MUST, when=ORDERLY & tidy & has_event(*SPOKEN),
       source=(PART_ADDED, GRAMMAR, NODE_ACCUMULATES), breaks=("response-part-not-added", "response-part-added-late"),
       covers="RESP-033")  # fmt: skip
def parts_are_added_first(x: Exchange) -> Problems:
    """response.content_part.added comes before the first delta of a text or refusal.

    Python's helper raises IndexError, Node's "missing content at index 0".
    """
    yield from _out_of_order(x, TEXT, ends=False)
    yield from _out_of_order(x, REFUSAL, ends=False)


@check("response.part-done", MUST, when=ORDERLY & tidy & has_event(*SPOKEN),
       source=(GRAMMAR, TEXT_DONE),
       breaks=("response-part-not-done", "response-part-not-added", "response-text-not-done", "response-part-done-before-text"),
       covers=("RESP-034", "RESP-043"))  # fmt: skip
def parts_are_done_last(x: Exchange) -> Problems:
    """A text ends with response.output_text.done, and its part with response.content_part.done behind it.

    Clients that show a text when it is done show none.
    """
    yield from _out_of_order(x, TEXT, ends=True)
    yield from _out_of_order(x, REFUSAL, ends=True)


@check("response.part-index", MUST, when=ORDERLY & has_event(PART),
       source=(PART_ADDED, "https://github.com/vllm-project/vllm/issues/45742"),
       breaks=("response-content-index-three", "response-content-index-advances", "response-content-index-absent"),
       covers="RESP-037")  # fmt: skip
def content_indexes_count_the_parts(x: Exchange) -> Problems:
    """content_index is the position of a part in its item, from 0 on, and the deltas of a part have that of the part.

    Python's helper raises IndexError, and the answer never comes to its end.
    """
    for life in lives(x):
        added = [find(event.data, "content_index") for event in life.of(PART)]
        if added != list(range(len(added))):
            yield differs(
                f"content_index of the parts of item {life.index} in turn", added[:20], f"0 to {len(added) - 1}"
            )
        for event in life.inner():
            if event.type in SPOKEN and (seen := find(event.data, "content_index")) not in added:
                yield differs(f"content_index of event {event.at}", seen, "that of a part which was added")
                break


@check("response.summary-order", MUST, when=ORDERLY & has_event(*SUMMARY), source=(SUMMARY_ADDED, SUMMARY_DELTA),
       breaks=("response-summary-not-added", "response-summary-not-done"), covers="RESP-044")  # fmt: skip
def summaries_come_in_order(x: Exchange) -> Problems:
    """A summary of reasoning is added, comes in deltas, is done, and its part is done, each part under its summary_index.

    Node's helper throws at a delta of a part that was not added.
    """
    yield from _out_of_order(x, SUMMARY, ends=False)
    yield from _out_of_order(x, SUMMARY, ends=True)


@check("response.thought-order", SHOULD, when=ORDERLY & has_event(THOUGHT.delta, THOUGHT.done), source=(REASONING_DELTA, NODE_ACCUMULATES),
       breaks="response-thought-not-added", covers="RESP-044")  # fmt: skip
def thoughts_come_in_order(x: Exchange) -> Problems:
    """The text of reasoning comes within a content part that was added before.

    Node's helper throws "missing content at index 0".
    """
    yield from _out_of_order(x, THOUGHT, ends=False)


@check("response.delta-logprobs", SHOULD, when=unbroken & since(LOGPROBS) & has_event(TEXT.delta), source=(TEXT_DELTA, TEXT_DONE),
       breaks="response-delta-logprobs-null", covers="RESP-042")  # fmt: skip
def deltas_have_logprobs(x: Exchange) -> Problems:
    """Deltas and ends of a text have `logprobs`, an array, empty where nobody asked for them."""
    for event in events(x):
        if event.type in (TEXT.delta, TEXT.done) and not isinstance(found := find(event.data, "logprobs"), list):
            yield differs(f"logprobs of event {event.at}", found, "an array, empty where there are none")
            return


@check("response.delta-text", MUST, when=unbroken & has_event(TEXT.delta), source=TEXT_DELTA,
       breaks=("response-delta-object", "response-delta-null"), covers="RESP-034")  # fmt: skip
def deltas_are_texts(x: Exchange) -> Problems:
    """`delta` of a text is a string.

    Both SDKs add it to the text as it is: an object or null raises.
    """
    for event in events(x):
        if event.type == TEXT.delta and not isinstance(found := find(event.data, "delta"), str):
            yield differs(f"delta of event {event.at}", found, "a string")
            return
