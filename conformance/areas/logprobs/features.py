"""Features of log probabilities."""

from __future__ import annotations

from typing import Any

from conformance.exchange import ABSENT, Exchange, find, is_a, need
from conformance.judge.condition import request
from conformance.judge.features import HONOURED, Finding, feature, ignored, unclear, wrong
from conformance.judge.refusals import asking
from conformance.wire.jsontext import show


def _entries(x: Exchange) -> list[Any]:
    """The log probabilities of all tokens of the text, None among them where a choice (or a chunk of one) has none."""
    parts = [part for _, _, part in x.deltas] if x.streaming else need(x.answer, "choices", list)
    path = "delta.content" if x.streaming else "message.content"
    found: list[Any] = []
    for part in (part for part in parts if find(part, path) not in (ABSENT, None, "")):
        content = find(part, "logprobs.content")
        found += content if isinstance(content, list) else [None]
    return found


@feature("logprobs", when=asking & request("with logprobs")(lambda x: x.asked.get("logprobs") is True),
         probes="logprobs.alone", profile="full")  # fmt: skip
def _(x: Exchange) -> Finding:
    """Every token comes with its log probability; ignored, logprobs is null."""
    if not any(choice.content for choice in x.choices):
        return unclear("no text to have log probabilities")
    entries = _entries(x)
    known = [entry for entry in entries if is_a(find(entry, "logprob"), float)]
    if not known:
        return ignored("logprobs is null") if not any(entries) else wrong(f"an entry is {show(entries[0], 60)}")
    return HONOURED


@feature("top_logprobs", words="top logprobs", probes="logprobs.top", profile="full", part_of="logprobs",
         when=asking & request("with top_logprobs")(lambda x: bool(x.asked.get("top_logprobs"))))  # fmt: skip
def _(x: Exchange) -> Finding:
    """Every token comes with its likeliest alternatives; ignored, with none."""
    if not any(choice.content for choice in x.choices):
        return unclear("no text to have log probabilities")
    lists = [find(entry, "top_logprobs") for entry in _entries(x)]
    return HONOURED if any(isinstance(each, list) and each for each in lists) else ignored("no token has alternatives")
