"""RESP: what a stream says several times must be the same: deltas joined, what is done, the item, and the final response."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.areas.responses.conditions import has_event
from conformance.areas.responses.items_streamed import ORDERLY
from conformance.areas.responses.lives import DONE, Life, lives
from conformance.areas.responses.parts_streamed import REFUSAL, SUMMARY, TEXT, THOUGHT, Kind, by_part, tidy
from conformance.areas.responses.response_reading import Event, final
from conformance.areas.responses.sources import (
    ARGUMENTS_DONE,
    COMPLETED,
    CUSTOM_CALL,
    PART_DONE,
    PYTHON_ACCUMULATES,
    REFUSAL_DONE,
    SUMMARY_DELTA,
    TEXT_DONE,
)
from conformance.exchange import ABSENT, Exchange, find, need
from conformance.judge import MUST, Problems, check, differs
from conformance.judge.shared import alike, around
from conformance.wire.jsontext import show

ARGUMENTS, INPUT = "response.function_call_arguments", "response.custom_tool_call_input"
SUMMARIES = SUMMARY.done.removesuffix(".done")
MEMBER = {TEXT: "text", REFUSAL: "refusal", SUMMARY: "text", THOUGHT: "text"}


def _parted(what: str, seen: Any, wanted: str, told: str) -> str:
    """The problem of a text that is not what it was: both from a little before the place where they part."""
    if isinstance(seen, str):
        start = alike(seen, wanted)
        return differs(what, around(seen, start), f"{show(around(wanted, start), 60)}, {told}")
    return differs(what, seen, f"{show(wanted, 60)}, {told}")


def _deltas(own: list[Event], kind: str) -> str | None:
    """The deltas joined, None where one is no text."""
    found = [find(event.data, "delta") for event in own if event.type == kind]
    return "".join(found) if all(isinstance(delta, str) for delta in found) else None


def _is(seen: Any, joined: str | None, kind: str) -> bool:
    """Whether what is done is what was streamed. OpenAI has a model of its own write summaries, which was seen to begin one anew in
    mid-stream: then the deltas hold a draft besides, before what is done or behind its beginning."""
    if kind != SUMMARIES or seen == joined or not (joined and isinstance(seen, str) and seen):
        return bool(seen == joined)
    tail = alike(joined[::-1], seen[::-1])
    return 2 * tail >= len(seen) and alike(joined, seen) + tail >= len(seen)


def _joined(own: list[Event], kind: str, member: str) -> Problems:
    """Where the deltas of a text, joined, are not what is done."""
    for event in own:
        if event.type == f"{kind}.done":
            seen, joined = find(event.data, member), _deltas(own, f"{kind}.delta")
            if joined is not None and not _is(seen, joined, kind) and not (seen is ABSENT and not joined):
                yield _parted(f"{member} of event {event.at}", seen, joined, "the deltas joined")


def _parts_joined(x: Exchange, kind: Kind) -> Problems:
    for life in lives(x):
        for own in by_part(life, kind).values():
            yield from _joined(own, kind.done.removesuffix(".done"), MEMBER[kind])


def _ends(life: Life, kind: Kind, where: str) -> Iterator[tuple[str, Any, str]]:
    """(what, as it is there, as it was done) of each text: in the end of its part, and in that of its item."""
    for n, own in by_part(life, kind).items():
        done = next((find(event.data, MEMBER[kind]) for event in own if event.type == kind.done), None)
        if not isinstance(done, str) or not _is(done, _deltas(own, kind.delta), kind.done.removesuffix(".done")):
            continue  # which of them is wrong, another check says
        for event in own:
            if event.type == kind.ended:
                yield f"part.{MEMBER[kind]} of event {event.at}", find(event.data, f"part.{MEMBER[kind]}"), done
        if life.done:
            path = f"{where}.{n}.{MEMBER[kind]}"
            yield f"item.{path} of event {life.done.at}", find(life.ended, path), done


def _parts_ended(x: Exchange, kind: Kind, where: str) -> Problems:
    for life in lives(x):
        for what, seen, done in _ends(life, kind, where):
            if seen != done:
                yield _parted(what, seen, done, "as the text was done")


def _calls(x: Exchange, kind: str, member: str, *, ends: bool) -> Problems:
    for life in lives(x):
        done = next(
            (found for event in life.of(f"{kind}.done") if isinstance(found := find(event.data, member), str)), None
        )
        if not ends:
            yield from _joined(life.inner(), kind, member)
        elif life.done and done is not None and (seen := find(life.ended, member)) != done:
            yield _parted(f"item.{member} of event {life.done.at}", seen, done, "as it was done")


@check("response.text-joined", MUST, when=ORDERLY & tidy & has_event(TEXT.delta, TEXT.done), source=TEXT_DONE,
       breaks=("response-text-in-done-only", "response-delta-lost", "response-text-done-empty"), covers="RESP-035")  # fmt: skip
def deltas_joined_are_the_text(x: Exchange) -> Problems:
    """The deltas of a text, joined, are the text that is done.

    Who shows deltas and who waits for the end read two answers.
    """
    yield from _parts_joined(x, TEXT)


@check("response.text-ended", MUST, when=ORDERLY & tidy & has_event(TEXT.done), source=(TEXT_DONE, PART_DONE),
       breaks=("response-part-done-empty", "response-item-done-longer"), covers="RESP-035")  # fmt: skip
def the_text_stays_the_same(x: Exchange) -> Problems:
    """The text that is done stands in the end of its part and in that of its item."""
    yield from _parts_ended(x, TEXT, "content")


@check("response.arguments-joined", MUST, when=ORDERLY & has_event(f"{ARGUMENTS}.delta", f"{ARGUMENTS}.done"), source=ARGUMENTS_DONE,
       breaks=("response-arguments-in-done-only", "response-arguments-half"), covers=("RESP-040", "RESP-041"))  # fmt: skip
def deltas_joined_are_the_arguments(x: Exchange) -> Problems:
    """The deltas of arguments, joined, are the arguments that are done.

    Gateways that translate to chat hand on the deltas: the tool is called with nothing.
    """
    yield from _calls(x, ARGUMENTS, "arguments", ends=False)


@check("response.arguments-ended", MUST, when=ORDERLY & has_event(f"{ARGUMENTS}.done"), source=ARGUMENTS_DONE,
       breaks="response-arguments-differ", covers="RESP-041")  # fmt: skip
def the_arguments_stay_the_same(x: Exchange) -> Problems:
    """The arguments that are done stand in the end of their item.

    Codex runs what stands in the item, others what was done.
    """
    yield from _calls(x, ARGUMENTS, "arguments", ends=True)


@check("response.arguments-done", MUST, when=ORDERLY & has_event(DONE), source=ARGUMENTS_DONE,
       breaks="response-arguments-not-done", covers="RESP-040")  # fmt: skip
def arguments_are_done(x: Exchange) -> Problems:
    """response.function_call_arguments.done comes before the item of a call is done, once.

    The helpers parse the arguments at this event alone.
    """
    for life in lives(x):
        count = len(life.of(f"{ARGUMENTS}.done"))
        if life.kind == "function_call" and life.added and life.ended.get("status") != "incomplete" and count != 1:
            yield differs(f"the count of {ARGUMENTS}.done for item {life.index}", count, "1")


@check("response.input-joined", MUST, when=ORDERLY & has_event(f"{INPUT}.delta", f"{INPUT}.done"), source=CUSTOM_CALL,
       breaks=("response-input-in-done-only", "response-input-differs"), covers="RESP-041")  # fmt: skip
def deltas_joined_are_the_input(x: Exchange) -> Problems:
    """The deltas of a custom tool's input, joined, are the input that is done, and that of the item.

    Codex applies it as a patch.
    """
    yield from _calls(x, INPUT, "input", ends=False)
    yield from _calls(x, INPUT, "input", ends=True)


@check("response.refusal-joined", MUST, when=ORDERLY & tidy & has_event(REFUSAL.delta, REFUSAL.done), source=REFUSAL_DONE,
       breaks=("response-refusal-in-done-only", "response-refusal-ends-empty"), covers="RESP-043")  # fmt: skip
def deltas_joined_are_the_refusal(x: Exchange) -> Problems:
    """The deltas of a refusal, joined, are the refusal that is done, and that of part and item."""
    yield from _parts_joined(x, REFUSAL)
    yield from _parts_ended(x, REFUSAL, "content")


@check("response.reasoning-joined", MUST, when=ORDERLY & tidy & has_event(SUMMARY.delta, SUMMARY.done, THOUGHT.delta, THOUGHT.done),
       source=SUMMARY_DELTA, breaks=("response-summary-in-done-only", "response-summary-ends-empty", "response-thought-in-done-only"),
       covers="RESP-044")  # fmt: skip
def deltas_joined_are_the_reasoning(x: Exchange) -> Problems:
    """The deltas of a summary (but for a draft that was given up), or of the reasoning itself, joined, are what is done, and what the item
    holds."""
    for kind, where in ((SUMMARY, "summary"), (THOUGHT, "content")):
        yield from _parts_joined(x, kind)
        yield from _parts_ended(x, kind, where)


@check("response.final-items", MUST, when=ORDERLY & has_event(DONE), source=(COMPLETED, PYTHON_ACCUMULATES),
       breaks=("response-final-ids-differ", "response-completed-empty", "response-final-lacks-item", "response-final-text-differs",
               "response-final-arguments-differ"), covers=("RESP-035", "RESP-036", "RESP-038"))  # fmt: skip
def the_final_response_holds_what_was_streamed(x: Exchange) -> Problems:
    """The response in the last event holds every item that was done, at its output_index, as it was done.

    The SDKs hand out this response and throw away what they accumulated: the answer is empty, or results go to calls nobody knows.
    """
    path, response = final(x)
    output = need(response, "output", list)
    for life in lives(x):
        if life.done:
            there = output[life.index] if 0 <= life.index < len(output) else ABSENT
            for name in ("type", "id", "call_id", "name", "arguments", "input", "content"):
                seen, wanted = find(there, name), find(life.ended, name)
                if seen != wanted and wanted is not ABSENT:
                    yield differs(f"{path}output.{life.index}.{name}", seen, f"{show(wanted, 60)}, as it was done")
                    break
