"""Where log probabilities stand, plain, streamed and in legacy completions; `schemas/` says what each must be."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.judge.objects import Placed, below, choices, described, held, parts


@described("logprobs")
def logprobs(x: Exchange) -> Placed:
    return held(parts(x) if x.streaming else choices(x), "logprobs")


@described("token-logprob")
def entry(x: Exchange) -> Placed:
    for key in ("content", "refusal"):
        yield from below(logprobs(x), key)


@described("top-logprob")
def alternative(x: Exchange) -> Placed:
    return below(entry(x), "top_logprobs")


@described("legacy-logprobs")
def legacy(x: Exchange) -> Placed:
    return held(choices(x), "logprobs")
