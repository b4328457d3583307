"""Lies that tell one thing plain and another streamed, or read one spelling of a question and not the other."""

from __future__ import annotations

from conformance.reference.replies import Json
from conformance.reference.response_events import events
from conformance.reference.rewriting_responses import each_item, each_part, in_both, in_final, in_stream, letting

TENSORRT = "https://github.com/NVIDIA/TensorRT-LLM/issues/19223"
MARK = "(No text.)"


def _more(response: Json) -> Json:
    usage = response["usage"]
    return {
        **response,
        "usage": {**usage, "input_tokens": usage["input_tokens"] + 2, "total_tokens": usage["total_tokens"] + 2},
    }


in_stream("response-stream-input-tokens", "A stream counts two tokens more of the same input.",
          lambda told: in_final(_more)(told) if told[-1]["response"].get("usage") else told)  # fmt: skip


def _without_calls(told: list[Json]) -> list[Json]:
    """The stream of two calls with the first alone."""
    final = told[-1]["response"]
    calls = [item for item in final["output"] if item["type"] == "function_call"]
    return list(events({**final, "output": calls[:1]})) if len(calls) > 1 else told


in_stream("response-stream-without-call", "Of two calls one is streamed.", _without_calls)


def _other_text(told: list[Json]) -> list[Json]:
    final = told[-1]["response"]
    plain = (
        not final["top_logprobs"]
        and final["text"]["format"]["type"] == "text"
        and told[-1]["type"] == "response.completed"
    )
    return list(events(each_part(lambda part: {**part, "text": f" {part['text']}"})(final))) if plain else told


in_stream("response-stream-other-text", "The text of a stream begins with a blank.", _other_text)


def _other_arguments(told: list[Json]) -> list[Json]:
    """The stream of calls with another city in their arguments."""
    final = told[-1]["response"]
    calls = [item for item in final["output"] if item["type"] == "function_call"]
    changed = each_item(lambda item: {**item, "arguments": item["arguments"].replace("Paris", "Lyon")}, "function_call")
    return list(events(changed(final))) if calls else told


in_stream("response-stream-other-arguments", "The arguments of a call are others in a stream.", _other_arguments)
in_stream("response-stream-settings", "A stream says another verbosity than a plain answer.",
          lambda told: in_final(lambda r: {**r, "text": {**r["text"], "verbosity": "high"}})(told))  # fmt: skip


def _given(asked: Json) -> list[Json]:
    return asked["input"] if isinstance(asked.get("input"), list) else []


def _spoiled(test, text: str = ""):
    """The one message of a request with another text, where it is spelled so."""

    def spoil(asked: Json) -> Json:
        given = _given(asked)
        return (
            {"input": [{**given[0], "content": text}]}
            if len(given) == 1 and test(given[0]) and not asked.get("tools")
            else {}
        )

    return spoil


letting(
    "response-item-unread",
    "A message without a type comes to the model empty.",
    _spoiled(lambda item: "type" not in item),
)
letting("response-string-content-empty", "A message with its type and a string comes to the model empty.",
        _spoiled(lambda item: "type" in item and isinstance(item["content"], str)), link=TENSORRT,
        bugs="responses-string-content-empty")  # fmt: skip
letting("response-parts-unread", "Parts of type input_text are passed over.",
        _spoiled(lambda item: isinstance(item["content"], list) and len(item["content"]) == 1))  # fmt: skip


def _forty_more(response: Json) -> Json:
    usage = response["usage"]
    if not usage or response["temperature"]:
        return response
    more = {name: usage[name] + 40 for name in ("input_tokens", "total_tokens")}
    return {**response, "usage": {**usage, **more}}


in_both("response-input-uncounted", "The input counts forty tokens more than in chat.", _forty_more)
