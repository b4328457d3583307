"""Lies about what a stream says several times: deltas lost, and ends that say something else."""

from __future__ import annotations

from conformance.reference.replies import Json
from conformance.reference.rewriting_responses import (
    Change,
    Events,
    drop,
    each_event,
    each_item,
    each_part,
    in_final,
    in_stream,
)

ITEM_DONE, PART_DONE = "response.output_item.done", "response.content_part.done"
TEXT, REFUSAL = "response.output_text", "response.refusal"
ARGUMENTS, INPUT = "response.function_call_arguments", "response.custom_tool_call_input"
SUMMARY, THOUGHT = "response.reasoning_summary_text", "response.reasoning_text"


def setting(**changes: object):
    return lambda event: {**event, **changes}


def _in_item(change: Change) -> Events:
    """Changes the item that is done."""
    return each_event(lambda event: {**event, "item": change(event["item"])}, ITEM_DONE)


def _one_lost(kind: str) -> Events:
    """Without the third delta of the stream."""

    def lose(events: list[Json]) -> list[Json]:
        deltas = [n for n, event in enumerate(events) if event["type"] == kind]
        return [event for n, event in enumerate(events) if n not in deltas[2:3]]

    return lose


in_stream("response-text-in-done-only", "A text comes when it is done, and in no delta.", drop(f"{TEXT}.delta"))
in_stream("response-delta-lost", "The third delta of a text is lost.", _one_lost(f"{TEXT}.delta"))
in_stream("response-text-done-empty", "The text that is done is empty.", each_event(setting(text=""), f"{TEXT}.done"))
in_stream("response-part-done-empty", "The part that is done has an empty text.",
          each_event(lambda event: {**event, "part": {**event["part"], "text": ""}} if event["part"]["type"] == "output_text" else event,
                     PART_DONE))  # fmt: skip


def _longer(item: Json) -> Json:
    parts = [
        {**part, "text": f"{part['text']}\n"} if part["type"] == "output_text" else part
        for part in item.get("content", ())
    ]
    return {**item, "content": parts} if item["type"] == "message" else item


def _finally(change: Change) -> Events:
    """Changes the items that are done, and those of the final response: of streams whose request is not sent plain, too."""

    def tell(events: list[Json]) -> list[Json]:
        asked = events[0]["response"]
        calls = [event for event in events if event["type"] == ITEM_DONE and event["item"]["type"] == "function_call"]
        alone = asked["tools"] and asked["tool_choice"] == "auto" and len(calls) < 2 and asked["store"]
        return list(in_final(each_item(change))(_in_item(change)(events))) if alone else events

    return tell


in_stream(
    "response-item-done-longer", "The message that is done ends with a blank line, also in the end.", _finally(_longer)
)
in_stream("response-arguments-in-done-only", "Arguments come when they are done, and in no delta.", drop(f"{ARGUMENTS}.delta"),
          link="https://github.com/lidge-jun/opencodex/pull/4652", bugs="responses-args-only-in-done")  # fmt: skip
in_stream("response-arguments-half", "The third delta of arguments is lost.", _one_lost(f"{ARGUMENTS}.delta"))
in_stream("response-arguments-differ", "The arguments that are done stand nowhere else.",
          _finally(lambda item: {**item, "arguments": '{"city": "Nowhere"}'} if item["type"] == "function_call" else item))  # fmt: skip
in_stream("response-arguments-not-done", "Arguments are never done.", drop(f"{ARGUMENTS}.done"))
in_stream(
    "response-input-in-done-only",
    "The input of a custom tool comes when it is done, and in no delta.",
    drop(f"{INPUT}.delta"),
)
in_stream("response-input-differs", "The input of a custom tool that is done ends with a blank line.",
          each_event(lambda event: {**event, "input": f"{event['input']}\n"}, f"{INPUT}.done"))  # fmt: skip
in_stream(
    "response-refusal-in-done-only", "A refusal comes when it is done, and in no delta.", drop(f"{REFUSAL}.delta")
)
in_stream(
    "response-refusal-ends-empty",
    "The refusal that is done is empty.",
    each_event(setting(refusal=""), f"{REFUSAL}.done"),
)
in_stream(
    "response-summary-in-done-only", "A summary comes when it is done, and in no delta.", drop(f"{SUMMARY}.delta")
)
in_stream(
    "response-summary-ends-empty", "The summary that is done is empty.", each_event(setting(text=""), f"{SUMMARY}.done")
)
in_stream(
    "response-thought-in-done-only", "Thoughts come when they are done, and in no delta.", drop(f"{THOUGHT}.delta")
)
in_stream("response-final-ids-differ", "The items of the final response have ids of their own.",
          in_final(each_item(lambda item: {**item, "id": f"{item['id'][:-1]}x"})),
          link=("https://github.com/NVIDIA/TensorRT-LLM/issues/19223", "https://github.com/mcowger/plexus/pull/694"),
          bugs="responses-ids-inconsistent")  # fmt: skip
in_stream("response-final-lacks-item", "The final response lacks the last of several items.",
          in_final(lambda r: {**r, "output": r["output"][:-1] if len(r["output"]) > 1 and r["output"][-1]["type"] == "message"
                              else r["output"]}))  # fmt: skip
in_stream("response-final-text-differs", "The text of the final response ends with a blank.",
          lambda events: in_final(each_part(lambda part: {**part, "text": f"{part['text']} "}))(events)
          if events[0]["response"]["tools"] else events)  # fmt: skip
in_stream("response-final-arguments-differ", "The input of a custom tool is another in the final response.",
          in_final(each_item(lambda item: {**item, "input": f"{item['input']}!"}, "custom_tool_call")))  # fmt: skip
