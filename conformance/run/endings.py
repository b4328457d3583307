"""How an answer ended, what it cost and how long it took, as far as it says so: what is counted of traffic beside verdicts.

It must not judge: what cannot be read is left to the laws, and what a recorder did not keep is nothing.
"""

from __future__ import annotations

import math
from typing import Any

from conformance.exchange import Exchange, NotRecorded, Unreadable, find, is_a
from conformance.exchange.spoken import first_token
from conformance.judge.condition import asked_once
from conformance.judge.final_response import final_response

UNSAID = "(none)"
"""The finish reason of a choice that has none."""
USUAL = ("stop", "length", "tool_calls", "content_filter", "function_call", "completed", "incomplete", UNSAID)
"""Finish reasons of chat and the statuses of responses: they are told before any other."""
MOST_TOKENS = 1 << 40
"""What one answer says it took; more is no count."""
PER_E = 20
"""Classes of times within a factor of e: each is 5 % wide."""
SHORTEST, LONGEST = 1e-4, 1e6
"""Seconds; what is shorter or longer is no time of an answer."""


Ended = tuple[list[str], int, int]
"""The finish reasons of the choices as far as they were kept, how many choices there are, and in how many the model refused."""
NOTHING: Ended = ([], 0, 0)


def endings(x: Exchange) -> Ended:
    """How the choices of an answer of chat, of completions and of responses ended; none of what cannot be read. Not to be changed."""
    ended: Ended = asked_once(x, _endings)
    return ended


def _endings(x: Exchange) -> Ended:
    read = _READERS.get(x.route or "")
    if read is None:
        return NOTHING
    try:
        return read(x) if x.ok else NOTHING
    except (Unreadable, NotRecorded):
        return NOTHING


def _of_chat(x: Exchange) -> Ended:
    reasons, refused, choices = [], 0, x.choices
    for choice in choices:
        if choice.refusal:
            refused += 1
        try:
            reasons.append(choice.finish_reason or UNSAID)
        except NotRecorded:
            continue
    return reasons, len(choices), refused


def _of_completions(x: Exchange) -> Ended:
    ended: dict[Any, Any] = {}
    for chunk in x.chunks if x.streaming else [x.answer]:
        choices = find(chunk, "choices")
        for n, choice in enumerate(choices if isinstance(choices, list) else ()):
            index = find(choice, "index") if x.streaming else n
            if is_a(index, int):
                why = find(choice, "finish_reason")
                ended[index] = why if isinstance(why, str) else ended.get(index, UNSAID)
    return list(ended.values()), len(ended), 0


def _of_responses(x: Exchange) -> Ended:
    response = final_response(x)
    status, output = find(response, "status"), find(response, "output")
    why = find(response, "incomplete_details.reason") if response.get("incomplete_details") else None
    items = output if isinstance(output, list) else []
    contents = [said for item in items if isinstance(said := find(item, "content"), list)]
    refused = any(find(part, "type") == "refusal" for content in contents for part in content)
    said = f"{status}: {why}" if isinstance(why, str) else status
    return [said if isinstance(said, str) else UNSAID], 1, int(refused)


_READERS = {"chat": _of_chat, "completions": _of_completions, "responses": _of_responses}
_USAGES = {
    "chat": ("prompt_tokens", "completion_tokens"),
    "completions": ("prompt_tokens", "completion_tokens"),
    "responses": ("input_tokens", "output_tokens"),
    "embeddings": ("prompt_tokens", None),
}
"""What an answer calls the tokens of the prompt, and of what came of it."""


def tokens(x: Exchange) -> tuple[int, int] | None:
    """(of the prompt, of the completion), None where the answer does not say, or was not kept."""
    names = _USAGES.get(x.route or "")
    if names is None or not x.ok:
        return None
    try:
        usage = find(final_response(x), "usage") if x.route == "responses" else x.usage
        prompt, completion = find(usage, names[0]), find(usage, names[1]) if names[1] else 0
    except (Unreadable, NotRecorded):
        return None
    sane = type(prompt) is int and type(completion) is int
    return (prompt, completion) if sane and 0 <= prompt <= MOST_TOKENS and 0 <= completion <= MOST_TOKENS else None


def times(x: Exchange) -> list[tuple[str, int]]:
    """(which, its class) of the times that are known of an answer: `first` to the first token of a stream, `total` to its end."""
    arrivals, total, first = x.arrivals, x.took, None
    if total is None and not arrivals:
        return []
    if not x.ok:
        return []
    if total is None:
        total = arrivals[-1][0]
    if arrivals and x.route == "chat" and x.streaming:
        try:
            first = first_token(x)
        except NotRecorded:
            first = None
    named = (("total", total), ("first", first))
    return [(which, _class(time)) for which, time in named if time is not None and SHORTEST <= time <= LONGEST]


def _class(seconds: float) -> int:
    return round(math.log(seconds) * PER_E)


def seconds_of(number: int) -> float:
    """The middle of a class of times."""
    return math.exp(number / PER_E)


def status_of(x: Exchange) -> str:
    """The status in a word: 2xx, 4xx, 429, 5xx, "no answer", or "not kept"."""
    try:
        status = x.status
    except NotRecorded:
        return "not kept"
    if status is None:
        return "no answer"
    if status == 429:
        return "429"
    return f"{status // 100}xx" if 100 <= status < 600 else "odd"
