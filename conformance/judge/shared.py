"""What laws of several areas read of an answer: where its choices stand, and those of two answers side by side. It judges none."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from conformance.exchange import ABSENT, Choice, Exchange, Unreadable, is_a, need
from conformance.judge.conditions import choices_asked
from conformance.wire.jsontext import show

Part = dict[str, Any]
"""An element of `choices` in a chunk."""
REASONS = ("stop", "length", "tool_calls", "content_filter", "function_call")
"""The documented finish reasons."""
PLACEHOLDERS = ("", "None", "none", "null", "NULL", "undefined", "nil")
"""What languages write where there is nothing; LiteLLM's "None" is the best known."""


BEFORE = 20
"""Characters shown of two texts before the place where they part."""


def said_by_client(x: Exchange, mark: str) -> bool:
    """Whether the request itself holds the mark, so that the answer may speak of it."""
    key = "the request as text"
    if key not in x.memo:
        x.memo[key] = json.dumps(x.asked, ensure_ascii=False)
    return json.dumps(mark, ensure_ascii=False)[1:-1] in x.memo[key]


def places(x: Exchange) -> list[str]:
    """The paths of the choices of a plain answer. Raises Unreadable where there is none, or one that is no object."""
    if "places" in x.memo:
        return x.memo["places"]
    paths = [f"choices.{n}" for n in range(len(need(x.answer, "choices", list)))]
    if not paths:
        raise Unreadable("choices is [], expected at least one choice")
    for path in paths:
        need(x.answer, path, dict)
    x.memo["places"] = paths
    return paths


def by_choice(x: Exchange) -> dict[int, list[tuple[int, Part]]]:
    """For each choice its (position of the chunk, part), in order. Raises Unreadable where the indexes are not those asked for."""
    key = "stream parts by choice"
    if key not in x.memo:
        found: dict[int, list[tuple[int, Part]]] = defaultdict(list)
        for n, index, part in x.deltas:
            found[index].append((n, part))
        x.memo[key] = dict(found)
    found = x.memo[key]
    if sorted(found) != list(range(choices_asked(x))):
        raise Unreadable(f"index is {sorted(found)[:10]} over the stream, expected 0 to {choices_asked(x) - 1}")
    return found


def apart(one: Any, other: Any, place: str = "") -> tuple[str, Any, Any]:
    """Where two values part, and what stands there in each: the first member that differs, and of long texts the part that does."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in (*one, *(name for name in other if name not in one)):
            if one.get(name, ABSENT) != other.get(name, ABSENT):
                return apart(
                    one.get(name, ABSENT),
                    other.get(name, ABSENT),
                    f"{place} {name}" if not place else f"{place}.{name}",
                )
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for n, (mine, its) in enumerate(zip(one, other, strict=True)):
            if mine != its:
                return apart(mine, its, f"{place}.{n}" if place else f" {n}")
    if isinstance(one, str) and isinstance(other, str):
        start = max(0, alike(one, other) - BEFORE)
        return place, _from(one, start), _from(other, start)
    return place, one, other


def disagree(what: str, plain: Any, streamed: Any) -> str:
    """The problem of two answers to one request where nothing tells which of them is right: what each has where they part."""
    place, one, other = apart(plain, streamed)
    both = ["nothing" if value is ABSENT else show(value) for value in (one, other)]
    return f"{what}{place} is {both[0]} plain and {both[1]} streamed, expected the same"


def around(text: str, start: int) -> str:
    """A text from a little before the place that a message is about."""
    return _from(text, max(0, start - BEFORE))


def alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _from(text: str, start: int) -> str:
    return f"…{text[start:]}" if start else text


def texts(x: Exchange) -> list[str]:
    """The texts of the choices that ended by themselves. Raises Unreadable."""
    return [choice.content for choice in x.choices if choice.content and choice.finish_reason == "stop"]


def pairs(plain: Exchange, streamed: Exchange) -> list[tuple[Choice, Choice]]:
    """The choices that are of one kind both times: text, calls or a refusal. Raises Unreadable where none is."""
    together = zip(plain.choices, streamed.choices, strict=False)
    alike = [(one, other) for one, other in together if _kind(one) is not None and _kind(one) == _kind(other)]
    if not alike:
        raise Unreadable("the two answers are of different kinds, expected one kind to compare")
    return alike


def _kind(choice: Choice) -> tuple[bool, bool] | None:
    """None for a choice that was filtered or does not say how it ended: other checks say so."""
    known = choice.finish_reason in REASONS and choice.finish_reason != "content_filter"
    return (bool(choice.tool_calls), bool(choice.refusal)) if known else None


def same_texts(plain: Exchange, streamed: Exchange) -> list[tuple[Choice, Choice]]:
    """The pairs of texts that ended in the same way. Raises Unreadable where there is none."""
    alike = [(one, other) for one, other in pairs(plain, streamed)
             if one.finish_reason == other.finish_reason and not one.tool_calls]  # fmt: skip
    if not alike:
        raise Unreadable("the two answers ended differently, expected two texts to compare")
    return alike


VOCABULARY = 50_257
"""Token ids of the smallest vocabulary of OpenAI's (GPT-2): https://github.com/openai/tiktoken"""


def is_tokens(value: Any) -> bool:
    """A text as a list of token ids, be they of a vocabulary or not."""
    return isinstance(value, list) and bool(value) and all(is_a(each, int) for each in value)


def in_vocabulary(inputs: list[Any]) -> bool:
    """Whether all of these are lists of token ids that every vocabulary has."""
    return bool(inputs) and all(is_tokens(each) and all(0 <= id < VOCABULARY for id in each) for each in inputs)


def as_inputs(value: Any) -> list[Any]:
    """What a prompt or an input holds: a text or a list of tokens is one, any other list as many as it holds."""
    return value if isinstance(value, list) and not is_tokens(value) else [value]
