"""RESP: how items come in a stream: each begins, lives and ends in order, under one index and one id."""

from __future__ import annotations

from conformance.areas.responses.conditions import ended, finished, has_event, unbroken
from conformance.areas.responses.lives import ADDED, DONE, lives
from conformance.areas.responses.response_reading import events, final
from conformance.areas.responses.sources import (
    ARGUMENTS_DELTA,
    EVENT,
    GRAMMAR,
    ITEM_ADDED,
    NODE_ACCUMULATES,
    PYTHON_ACCUMULATES,
    TEXT_DELTA,
)
from conformance.exchange import Exchange, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.wire.jsontext import show

WHOLE = unbroken & finished
OWN = ("response.output_text.", "response.content_part.", "response.function_call_arguments.", "response.refusal.", "response.output_item.",
       "response.custom_tool_call_input.", "response.reasoning_")  # fmt: skip
"""How the events of items begin that say to which they belong."""


@response("whose items have the indexes of their places")
def indexed(x: Exchange) -> bool:
    added = [event.data.get("output_index") for event in events(x) if event.type == ADDED]
    return added == list(range(len(added)))


@response("whose events are where they belong")
def placed(x: Exchange) -> bool:
    """Under the indexes of items that have begun, and with their ids: what is not is for the checks of that to say."""
    stray = any(not is_a(event.data.get("output_index"), int) for event in events(x) if event.type.startswith(OWN))
    return not stray and all(
        life.events[0].type == ADDED
        and all(event.data.get("item_id", (id := life.item.get("id"))) == id for event in life.inner())
        for life in lives(x)
    )


ORDERLY = WHOLE & indexed & placed
SPEAKING = ("message", "function_call")
"""Items that OpenAI always gives a status."""


@response("of a message or a call")
def speaking(x: Exchange) -> bool:
    return any(life.kind in SPEAKING for life in lives(x))


FIXED = ("id", "type", "call_id", "name")


@response("whose response holds items")
def filled(x: Exchange) -> bool:
    return bool(need(final(x)[1], "output", list))


@check("response.item-added", MUST, when=WHOLE & (filled | has_event(DONE)),
       source=(ITEM_ADDED, GRAMMAR, PYTHON_ACCUMULATES, NODE_ACCUMULATES),
       breaks=("response-item-not-added", "response-lifecycle-missing", "response-item-added-late"), covers="RESP-032")  # fmt: skip
def items_are_added_before_anything_of_them(x: Exchange) -> Problems:
    """response.output_item.added comes before every other event of an item.

    Both helpers raise ("Received a content event for output index 0 before receiving its output item").
    """
    found = lives(x)
    if not found:
        yield "response.output_item.added is absent from the stream, expected one for each item"
    for life in found:
        if life.events[0].type != ADDED:
            yield differs(f"the first event of item {life.index}", life.events[0].type, show(ADDED))


@check("response.item-done", MUST, when=ORDERLY & has_event(ADDED), source=(GRAMMAR, ITEM_ADDED),
       breaks=("response-item-not-done", "response-item-done-early"), covers=("RESP-034", "RESP-040"))  # fmt: skip
def items_are_done_after_everything_of_them(x: Exchange) -> Problems:
    """response.output_item.done ends every item that was added, once, and nothing of the item comes behind it.

    Codex takes items from there: a call without it is never run.
    """
    for life in lives(x):
        kinds = [event.type for event in life.events]
        if life.added and kinds.count(DONE) != 1 and life.kind != "mcp_list_tools":
            yield differs(f"the count of {DONE} for item {life.index}", kinds.count(DONE), "1")
        elif life.done and kinds[-1] != DONE:
            yield differs(f"the last event of item {life.index}", kinds[-1], show(DONE))


@check("response.item-status-streamed", SHOULD, when=ORDERLY & has_event(ADDED) & speaking, covers="RESP-032",
       source=(ITEM_ADDED, "https://github.com/diegosouzapw/OmniRoute/issues/13964"), breaks="response-item-without-status")  # fmt: skip
def items_say_their_status(x: Exchange) -> Problems:
    """Messages and calls of functions say their `status` when they are added and when they are done.

    It is required of both, and clients in Rust stop at the first event that lacks it.
    """
    for life in lives(x):
        for event in filter(None, (life.added, life.done)):
            seen = find(event.data, "item.status")
            if life.kind in SPEAKING and seen not in ("in_progress", "completed", "incomplete"):
                yield differs(f"item.status of event {event.at}", seen, '"in_progress" or "completed"')
                return


# SHOULD: no document says it, but OpenAI does (196 of 196 recorded streams with several items).
@check("response.item-turn", SHOULD, when=ORDERLY & has_event(DONE), source=GRAMMAR, breaks="response-item-done-late",
       covers="RESP-034")  # fmt: skip
def items_are_done_in_turn(x: Exchange) -> Problems:
    """Items are done in the order of their output_index.

    Who puts the turn together from these events sends the call before the message that announces it, and is refused.
    """
    done = [life.index for life in sorted((life for life in lives(x) if life.done), key=lambda life: life.done.at)]
    if done != sorted(done):
        yield differs("output_index of the items as they are done", done[:20], "0, 1, 2 and so on")


@check("response.item-index", MUST, when=WHOLE & has_event(ADDED), source=(ITEM_ADDED, PYTHON_ACCUMULATES, NODE_ACCUMULATES),
       breaks=("response-index-from-one", "response-index-same"), covers="RESP-036")  # fmt: skip
def indexes_count_the_items(x: Exchange) -> Problems:
    """output_index is the position of an item in the output, from 0 on, each once.

    A second item under one index raises "Duplicate response output index" in Python, and a gap "missing output" in Node.
    """
    added = [event.data.get("output_index") for event in events(x) if event.type == ADDED]
    if added != list(range(len(added))):
        yield differs("output_index of the items in turn", added[:20], f"0 to {len(added) - 1}")


@check("response.event-item", MUST, when=WHOLE & indexed & has_event(ADDED), source=(TEXT_DELTA, ARGUMENTS_DELTA),
       breaks=("response-delta-item-id", "response-delta-index"), covers=("RESP-037", "RESP-036"))  # fmt: skip
def events_name_their_item(x: Exchange) -> Problems:
    """item_id of an event is the id of the item at its output_index.

    Clients put deltas together by the one or the other: a call gets the arguments of its neighbour.
    """
    for life in lives(x):
        for event in life.inner():
            seen = event.data.get("item_id", life.item.get("id"))
            if life.added and seen != life.item.get("id"):
                yield differs(f"item_id of event {event.at}", seen, show(life.item.get("id")))
                break


@check("response.event-placed", MUST, when=WHOLE, source=(TEXT_DELTA, ARGUMENTS_DELTA, EVENT), breaks=("response-delta-unplaced",
       "response-delta-without-item"), covers=("RESP-036", "RESP-037"))  # fmt: skip
def events_say_where_they_belong(x: Exchange) -> Problems:
    """Every event of an item says by output_index which, and those within one by item_id, too.

    Of two calls at once nobody knows whose arguments a delta holds.
    """
    for event in events(x):
        if event.type.startswith(OWN):
            if not is_a(found := find(event.data, "output_index"), int):
                yield differs(f"output_index of event {event.at}", found, "an integer")
                return
            if event.type not in (ADDED, DONE) and not isinstance(found := find(event.data, "item_id"), str):
                yield differs(f"item_id of event {event.at}", found, "the id of its item")
                return


@check("response.item-same", MUST, when=WHOLE & indexed & has_event(ADDED), source=PYTHON_ACCUMULATES,
       breaks=("response-item-id-changes", "response-call-id-changes"), covers="RESP-038")  # fmt: skip
def items_stay_who_they_are(x: Exchange) -> Problems:
    """id, type, call_id and name of an item are the same when it is added and when it is done.

    Python raises "Completed output item identity changed"; a result is sent back to a call that nobody made.
    """
    for life in lives(x):
        for name in FIXED:
            before, after = life.item.get(name), life.ended.get(name)
            of_calls = name in ("call_id", "name") and life.kind not in ("function_call", "custom_tool_call")
            if life.added and life.done and before != after and not of_calls:
                yield differs(f"item.{name} of event {life.done.at}", after, f"{show(before)}, as it was added")


@check("response.item-begins", MUST, when=WHOLE & has_event(ADDED), source=(ITEM_ADDED, PYTHON_ACCUMULATES),
       breaks=("response-added-without-content", "response-added-without-arguments", "response-added-full"),
       covers=("RESP-032", "RESP-040"))  # fmt: skip
def items_begin_empty(x: Exchange) -> Problems:
    """A message is added with content [], a call of a function with arguments "".

    The helpers add deltas to it: what is absent raises in both SDKs, and what is full comes twice.
    """
    wanted = {"message": ("content", []), "function_call": ("arguments", "")}
    for life in lives(x):
        if life.added and life.kind in wanted:
            name, empty = wanted[life.kind]
            if (seen := find(life.item, name)) != empty:
                yield differs(f"item.{name} of event {life.added.at}", seen, show(empty))


@check("response.items-open", MUST, when=WHOLE & ended("completed") & has_event(ADDED), source=ITEM_ADDED,
       breaks="response-added-anonymous", covers="RESP-032")  # fmt: skip
def items_are_known_when_they_begin(x: Exchange) -> Problems:
    """An item that is added says its type and its id, and a call its call_id and its name.

    Agents show which tool runs from there, and hold everything that follows against the id.
    """
    for life in lives(x):
        names = ("type", "id", *(("call_id", "name") if life.kind in ("function_call", "custom_tool_call") else ()))
        for name in names if life.added else ():
            if not isinstance(found := find(life.item, name), str) or not found:
                yield differs(f"item.{name} of event {life.added.at}", found, "a non-empty string")
