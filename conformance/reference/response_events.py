"""The events of a streamed response, made of the finished one: its beginning, the life of each item, its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.reference import tokens
from conformance.reference.response import started

Json = dict[str, Any]


def events(response: Json, *, obfuscated: bool = True) -> tuple[Json, ...]:
    """All events, numbered. Deltas carry an obfuscation of no meaning, unless it is declined."""
    found = []
    for n, event in enumerate(_events(response)):
        hidden = {"obfuscation": "x" * (n % 7)} if obfuscated and event["type"].endswith(".delta") else {}
        found.append({**event, **hidden, "sequence_number": n})
    return tuple(found)


def _events(response: Json) -> Iterator[Json]:
    waiting = "queued" if response["background"] else "in_progress"
    yield {"type": "response.created", "response": started(response, waiting)}
    if response["background"]:
        yield {"type": "response.queued", "response": started(response, waiting)}
    yield {"type": "response.in_progress", "response": started(response)}
    for n, item in enumerate(response["output"]):
        yield {"type": "response.output_item.added", "item": _begun(item), "output_index": n}
        for event in _LIVES.get(item["type"], lambda _: ())(item):
            yield {**event, "item_id": item["id"], "output_index": n}
        yield {"type": "response.output_item.done", "item": item, "output_index": n}
    yield {"type": f"response.{response['status']}", "response": response}


def _begun(item: Json) -> Json:
    """An item before anything of it was said."""
    empty = {"status": "in_progress", "content": [], "summary": [], "arguments": "", "input": ""}
    return {key: empty.get(key, value) for key, value in item.items()}


def _message(item: Json) -> Iterator[Json]:
    for n, part in enumerate(item["content"]):
        at = {"content_index": n}
        yield {"type": "response.content_part.added", **at, "part": _begun_part(part)}
        for event in _refusal(part) if part["type"] == "refusal" else _text(part):
            yield {**event, **at}
        yield {"type": "response.content_part.done", **at, "part": part}


def _begun_part(part: Json) -> Json:
    empty = {"text": "", "refusal": "", "annotations": [], "logprobs": []}
    return {key: empty.get(key, value) for key, value in part.items()}


def _text(part: Json) -> Iterator[Json]:
    probable = list(part["logprobs"])
    portions = [(text, len(said)) for text, said in tokens.portions(tokens.encode(part["text"])) if text]
    for n, (text, count) in enumerate(portions):
        count = count if n + 1 < len(portions) else len(probable)  # an unfinished character has no portion of its own
        yield {"type": "response.output_text.delta", "delta": text, "logprobs": probable[:count]}
        del probable[:count]
    for n, annotation in enumerate(part["annotations"]):
        yield {"type": "response.output_text.annotation.added", "annotation": annotation, "annotation_index": n}
    yield {"type": "response.output_text.done", "text": part["text"], "logprobs": part["logprobs"]}


def _refusal(part: Json) -> Iterator[Json]:
    for piece in _pieces(part["refusal"]):
        yield {"type": "response.refusal.delta", "delta": piece}
    yield {"type": "response.refusal.done", "refusal": part["refusal"]}


def _reasoning(item: Json) -> Iterator[Json]:
    for n, part in enumerate(item["summary"]):
        at = {"summary_index": n}
        yield {"type": "response.reasoning_summary_part.added", **at, "part": _begun_part(part)}
        for piece in _pieces(part["text"]):
            yield {"type": "response.reasoning_summary_text.delta", **at, "delta": piece}
        yield {"type": "response.reasoning_summary_text.done", **at, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", **at, "part": part}
    for n, part in enumerate(item["content"]):
        at = {"content_index": n}
        yield {"type": "response.content_part.added", **at, "part": _begun_part(part)}
        for piece in _pieces(part["text"]):
            yield {"type": "response.reasoning_text.delta", **at, "delta": piece}
        yield {"type": "response.reasoning_text.done", **at, "text": part["text"]}
        yield {"type": "response.content_part.done", **at, "part": part}


def _call(item: Json) -> Iterator[Json]:
    for piece in _pieces(item["arguments"]):
        yield {"type": "response.function_call_arguments.delta", "delta": piece}
    yield {"type": "response.function_call_arguments.done", "arguments": item["arguments"]}


def _custom(item: Json) -> Iterator[Json]:
    for piece in _pieces(item["input"]):
        yield {"type": "response.custom_tool_call_input.delta", "delta": piece}
    yield {"type": "response.custom_tool_call_input.done", "input": item["input"]}


def _search(item: Json) -> Iterator[Json]:
    return ({"type": f"response.{item['type']}.{state}"} for state in ("in_progress", "searching", "completed"))


def _pieces(text: str) -> Iterable[str]:
    return tokens.pieces(tokens.encode(text))


_LIVES = {
    "message": _message,
    "reasoning": _reasoning,
    "function_call": _call,
    "custom_tool_call": _custom,
    "web_search_call": _search,
}
"""What happens between the beginning and the end of an item of each type."""
