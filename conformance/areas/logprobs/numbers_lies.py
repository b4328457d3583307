"""Lies about the numbers of log probabilities, and about their alternatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from conformance.areas.logprobs.per_token_lies import Entries, each_entry, top
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import without


def _alternatives(change: Callable[[Entries], Any], text: str) -> Callable[[Call, Reply], Reply]:
    """A lie about the alternatives of every token."""

    def lie(call: Call, reply: Reply) -> Reply:
        if not top(call):
            return reply
        return each_entry(reply, lambda entry: {**entry, "top_logprobs": change(entry["top_logprobs"])})

    lie.__doc__ = text
    return lie


@says("logprobs-probabilities", link="https://github.com/togethercomputer/openapi/issues/5")
def _(call: Call, reply: Reply) -> Reply:
    """Numbers are probabilities, not their logarithms."""
    return reply if top(call) else each_entry(reply, lambda entry: {**entry, "logprob": math.exp(entry["logprob"])})


@says("logprobs-without-top")
def _(call: Call, reply: Reply) -> Reply:
    """Entries have no top_logprobs where none are asked for."""
    return reply if top(call) else each_entry(reply, lambda entry: {**entry, "top_logprobs": ...})


@says("logprobs-top-null")
def _(call: Call, reply: Reply) -> Reply:
    """top_logprobs are null where none are asked for."""
    return reply if top(call) else each_entry(reply, lambda entry: {**entry, "top_logprobs": None})


@says("logprobs-top-unasked")
def _(call: Call, reply: Reply) -> Reply:
    """The token itself is its one alternative where none is asked for."""

    def own(entry: Json) -> Json:
        return {**entry, "top_logprobs": [{key: entry[key] for key in ("token", "logprob", "bytes")}]}

    return reply if top(call) else each_entry(reply, own)


for _name, _change, _text, _link in (
    ("float-min", lambda others: [*others[:1], *({**each, "logprob": -3.4028234663852886e38} for each in others[1:])],
     "A token that cannot be has the smallest float for its number.", "https://github.com/sgl-project/sglang/issues/5984"),
    ("top-pairs", lambda others: [{each["token"]: each["logprob"]} for each in others],
     "Alternatives are objects of a token and its number.", "https://github.com/vllm-project/vllm/issues/5008"),
    ("top-without-bytes", lambda others: [without({**each, "bytes": ...}) for each in others],
     "Alternatives have no bytes.", None),
    ("top-unsorted", lambda others: others[::-1], "Alternatives come least likely first.", None),
    ("top-others", lambda others: [{**others[0], "token": " zz", "bytes": [32, 122, 122]}, *others[1:]],
     "The token itself is not among its alternatives.", None),
    ("top-other-number", lambda others: [{**others[0], "logprob": others[0]["logprob"] - 0.5}, *others[1:]],
     "Among its alternatives the token has another number.", "https://github.com/vllm-project/vllm/issues/9453"),
    ("top-scores", lambda others: [{**each, "logprob": others[0]["logprob"]} for each in others],
     "All alternatives are as likely as the token itself.", "https://github.com/huggingface/text-generation-inference/issues/2108"),
):  # fmt: skip
    says(f"logprobs-{_name}", link=_link)(_alternatives(_change, _text))


@lets("logprobs-top-one-more")
def _(call: Call) -> Call:
    """There is one alternative more than asked for."""
    return (
        call.asking(top_logprobs=top(call) + 1)
        if top(call) and 0 < top(call) < 20 and call.json.get("logprobs")
        else call
    )


@lets("logprobs-top-one-less", link="https://github.com/InternLM/lmdeploy/issues/1548")
def _(call: Call) -> Call:
    """There is one alternative less than asked for."""
    return (
        call.asking(top_logprobs=top(call) - 1) if top(call) and top(call) < 20 and call.json.get("logprobs") else call
    )
