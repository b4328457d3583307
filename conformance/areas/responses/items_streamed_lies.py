"""Lies about how items come in a stream: never begun, never done, under other indexes and ids."""

from __future__ import annotations

from conformance.reference.replies import Json
from conformance.reference.rewriting import without
from conformance.reference.rewriting_responses import drop, each_event, in_stream

ADDED, DONE = "response.output_item.added", "response.output_item.done"
DELTA, ARGUMENTS = "response.output_text.delta", "response.function_call_arguments.delta"


def setting(**changes: object):
    return lambda event: {**event, **changes}


def begun(**changes: object):
    """The item that is added, changed."""
    return lambda event: {**event, "item": without({**event["item"], **changes})}


in_stream("response-item-not-added", "Items are done that never began.", drop(ADDED))
in_stream("response-lifecycle-missing", "Only the beginning, the whole text and the end are sent.",
          lambda events: [event for event in events
                          if "response" in event or event["type"] == "response.output_text.done" or "message" not in str(events[2])],
          link="https://github.com/onyx-dot-app/onyx/pull/13624", bugs="responses-missing-lifecycle-events")  # fmt: skip


def _late(events: list[Json]) -> list[Json]:
    """Each item begins behind the event that comes after its beginning."""
    turned = list(events)
    for n, event in enumerate(events[:-1]):
        if event["type"] == ADDED and events[n + 1]["type"] not in (ADDED, DONE):
            turned[n], turned[n + 1] = events[n + 1], event
    return turned


in_stream("response-item-added-late", "An item is added behind its first event.", _late)
in_stream("response-item-without-status", "Items have no status when they are added and done.",
          each_event(begun(status=...), ADDED, DONE),
          link="https://github.com/diegosouzapw/OmniRoute/issues/13964")  # fmt: skip
in_stream("response-item-not-done", "Items are never done.", drop(DONE))


def _early(events: list[Json]) -> list[Json]:
    """Each call is done before its arguments are."""
    turned = list(events)
    for n, event in enumerate(events[:-1]):
        if event["type"] == "response.function_call_arguments.done":
            turned[n], turned[n + 1] = events[n + 1], event
    return turned


in_stream("response-item-done-early", "A call is done before its arguments are.", _early)


def _behind_the_next(events: list[Json]) -> list[Json]:
    """The first item is done behind the second."""
    done = [event for event in events if event["type"] == DONE]
    if len(done) < 2:
        return events
    others = [event for event in events if event is not done[0]]
    at = others.index(done[1]) + 1
    return [*others[:at], done[0], *others[at:]]


in_stream("response-item-done-late", "Of two items the first is done behind the second.", _behind_the_next,
          link="https://github.com/BerriAI/litellm/pull/36356")  # fmt: skip
in_stream("response-index-from-one", "output_index counts from 1.",
          lambda events: [{**event, "output_index": event["output_index"] + 1} if "output_index" in event else event
                          for event in events])  # fmt: skip
in_stream("response-index-same", "Every item has the index 0.",
          lambda events: [{**event, "output_index": 0} if "output_index" in event else event for event in events])  # fmt: skip
in_stream(
    "response-delta-item-id", "Deltas have an item_id of their own.", each_event(setting(item_id="item_0"), DELTA)
)
in_stream("response-delta-index", "The arguments of every call have the index of the first.",
          each_event(setting(output_index=0), ARGUMENTS),
          link="https://github.com/NVIDIA/TensorRT-LLM/issues/19223")  # fmt: skip
in_stream(
    "response-delta-unplaced", "Deltas of a text have no output_index.", each_event(setting(output_index=...), DELTA)
)
in_stream("response-delta-without-item", "Deltas of a text have no item_id.", each_event(setting(item_id=...), DELTA))


def _renamed(item: Json) -> Json:
    return {**item, "id": f"{item['id'][:-1]}x"}


def _other_id(events: list[Json]) -> list[Json]:
    """Items have another id when they are done, and keep it in the final response."""
    turned = [{**event, "item": _renamed(event["item"])} if event["type"] == DONE else event for event in events]
    last = turned[-1]["response"]
    return [*turned[:-1], {**turned[-1], "response": {**last, "output": [_renamed(item) for item in last["output"]]}}]


in_stream("response-item-id-changes", "An item has another id when it is done than when it was added.", _other_id)


def _other_call(event: Json) -> Json:
    item = event["item"]
    return {**event, "item": {**item, "call_id": f"{item['call_id']}_0"}} if item["type"] == "function_call" else event


in_stream("response-call-id-changes", "A call has another call_id when it is done than when it was added.",
          each_event(_other_call, ADDED))  # fmt: skip
in_stream("response-added-without-content", "A message is added without content.",
          each_event(lambda event: begun(content=...)(event) if event["item"]["type"] == "message" else event, ADDED))  # fmt: skip
in_stream("response-added-without-arguments", "A call is added without arguments.",
          each_event(lambda event: begun(arguments=...)(event) if "arguments" in event["item"] else event, ADDED))  # fmt: skip


def _full(events: list[Json]) -> list[Json]:
    """Messages are added as they will be in the end."""
    whole = {event["output_index"]: event["item"] for event in events if event["type"] == DONE}
    return [{**event, "item": whole[event["output_index"]]} if event["type"] == ADDED and event["item"]["type"] == "message" else event
            for event in events]  # fmt: skip


in_stream("response-added-full", "A message is added with all of its text.", _full)
in_stream("response-added-anonymous", "A call is added without its name, and done without it.",
          each_event(lambda event: begun(name=...)(event) if event["item"]["type"] == "custom_tool_call" else event,
                     ADDED, DONE))  # fmt: skip
