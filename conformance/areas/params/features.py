"""Features of the parameters that steer how an answer is made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from conformance.exchange import Exchange, Unreadable, find, is_a
from conformance.judge import Relation
from conformance.judge.condition import request
from conformance.judge.conditions import asked, sent_as
from conformance.judge.features import HONOURED, Finding, feature, ignored, unclear, unseen
from conformance.judge.refusals import asking
from conformance.judge.relations import probes, variations
from conformance.judge.shared import texts
from conformance.wire.jsontext import show

FORCED = 100
"""A bias that leaves a model no choice."""
_REPEATED = re.compile(r"(.{1,40}?)\1{2,}", re.DOTALL)
_THOUGHT = re.compile(rb'"(reasoning(_content|_details)?|thinking)" ?: ?["\\[{]')
"""Reasoning that compatible servers send beside the content."""


def spent(x: Exchange, name: str) -> int:
    """A count of the usage's details, 0 where there is none."""
    try:
        count = find(x.usage, f"completion_tokens_details.{name}_tokens")
    except Unreadable:
        return 0
    return count if is_a(count, int) else 0


def _values(bias: object) -> list:
    return list(bias.values()) if isinstance(bias, dict) else []


def _seeded(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Each two answers to a request with one seed, after those to the same request with other seeds."""
    for group in variations(exchanges, "seed"):
        by_seed: dict[str, list[Exchange]] = {}
        for x in group:
            by_seed.setdefault(str(x.asked["seed"]), []).append(x)
        for seed, same in by_seed.items():
            others = [x for other, found in by_seed.items() if other != seed for x in found]
            yield from ((*others, *pair) for pair in pairwise(same))


@feature(
    "seed", together=Relation("requests with one seed and with another", _seeded), profile="full",
    probes=("params.seed", "params.seed-other"),
    when=asking & asked("seed") & request("above temperature 0")(lambda x: x.asked.get("temperature") != 0),
)  # fmt: skip
def _(*answers: Exchange) -> Finding | None:
    """A random number asked for twice with one seed is the same twice, and another with another seed; ignored, it is not."""
    *others, one, other = [text[0] if (text := texts(x)) else None for x in answers]
    if one is None or other is None:
        return unclear("no two texts to compare")
    if one != other:
        return unseen(f"one seed gave {show(one, 40)} and {show(other, 40)}")
    if not any(others):
        return unclear("no answer with another seed to compare with")
    return HONOURED if any(text not in (None, one) for text in others) else unclear("any seed gives the same text")


@feature(
    "penalties", names=("frequency_penalty", "presence_penalty"), probes=("chat.count", "params.penalty"), profile="full",
    when=asking & asked("frequency_penalty") & ~asked("logit_bias"), beside=sent_as("chat.count"),
    together=probes("chat.count", "params.penalty"),
)  # fmt: skip
def _(free: Exchange, penalised: Exchange) -> Finding | None:
    """Forty numbers in a row take the same comma 39 times; a penalty on it changes the text, ignored, it is the same."""
    if not free.ok:
        return unclear("there is no answer without a penalty to compare with")
    one, other = ([choice.content for choice in x.choices] for x in (free, penalised))
    return HONOURED if one != other else ignored("the text is the same with and without a frequency_penalty of 2")


@feature(
    "logit_bias", words="logit bias", probes="params.bounds", profile="full",
    when=asking & request("with a forcing logit_bias")(lambda x: FORCED in _values(x.asked.get("logit_bias"))),
)  # fmt: skip
def _(x: Exchange) -> Finding:
    """A bias of 100 forces one token again and again; ignored, there is an answer in words."""
    [text, *_] = [choice.content or "" for choice in x.choices]
    if _REPEATED.fullmatch(text) or not text:
        return HONOURED
    return (
        ignored(f"numbers came in spite of it: {show(text, 60)}") if text.startswith("1, 2") else unseen("no one token")
    )


@feature(
    "reasoning_effort",
    names=("reasoning", "effort", "think"),
    probes="chat.effort",
    when=asking & asked("reasoning_effort"),
)
def _(x: Exchange) -> Finding | None:
    """The model thinks first: tokens or text of reasoning; ignored, there is none."""
    if x.asked["reasoning_effort"] in ("none", "minimal"):
        return None
    thought = _THOUGHT.search(x.body) is not None
    return HONOURED if spent(x, "reasoning") or thought else unseen("no reasoning in text or tokens")


@feature(
    "prediction",
    words="predicted outputs",
    when=asking & asked("prediction"),
    probes="params.prediction",
    profile="full",
)
def _(x: Exchange) -> Finding:
    """The usage counts tokens of the prediction that were taken or not; ignored, none."""
    used = spent(x, "accepted_prediction") + spent(x, "rejected_prediction")
    return HONOURED if used else unseen("no token of the prediction is counted")
