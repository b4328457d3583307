"""LOGP: the numbers themselves, and the alternatives of each token in `top_logprobs`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

from conformance.areas.citations import REQUEST, TOKEN_LOGPROB
from conformance.areas.logprobs.per_token import some, tokenwise
from conformance.exchange import Exchange, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.conditions import asked, greedy
from conformance.judge.objects import OBJECTS, misfits

SLACK = 0.01
"""How far numbers may be off by rounding: gpt-5.4 once gave a logprob of 0.00003 (2026), and sums reach 1.00000004."""
LEAST = -9999.0
"""What OpenAI gives for a token that cannot be (openapi.yaml, ChatCompletionTokenLogprob)."""

biased = asked("logit_bias") | asked("response_format") | asked("frequency_penalty") | asked("presence_penalty")


def wanted(x: Exchange) -> int:
    """How many alternatives the request asks for."""
    top = x.asked.get("top_logprobs")
    return top if is_a(top, int) and top > 0 else 0


with_top = request("with top_logprobs")(lambda x: wanted(x) > 0)
ranked = tokenwise & with_top & some("top-logprob")


def number(entry: Any) -> float:
    """The log probability of an entry, within what floats can be computed with. Raises Unreadable."""
    return float(max(-1e300, min(1e300, need(entry, "logprob", float))))


def alternatives(x: Exchange) -> Iterator[tuple[str, Any, list[Any]]]:
    """(path, entry, its alternatives) of every token. Raises Unreadable."""
    for path, entry in OBJECTS["token-logprob"](x):
        yield path, entry, need(entry, "top_logprobs", list)


def numbers(x: Exchange) -> Iterator[tuple[str, float]]:
    """(path, log probability) of every token and alternative. Raises Unreadable."""
    for path, entry in chain(OBJECTS["token-logprob"](x), OBJECTS["top-logprob"](x)):
        yield f"{path}.logprob", number(entry)


@check(
    "logprobs.negative", MUST, when=tokenwise, source=TOKEN_LOGPROB, breaks="logprobs-probabilities", covers="LOGP-002"
)
def logarithms_are_not_above_zero(x: Exchange) -> Problems:
    """A log probability is at most 0: it is the natural logarithm, not the probability itself.

    exp() of it makes probabilities of 250 %.
    """
    for path, value in numbers(x):
        if value > SLACK:
            yield differs(path, value, "at most 0")


@check("logprobs.least", SHOULD, when=tokenwise, source=TOKEN_LOGPROB, breaks="logprobs-float-min", covers="LOGP-010")
def impossible_is_minus_9999(x: Exchange) -> Problems:
    """A token that cannot be has the log probability -9999.0, and none is below it: JSON has no -Infinity.

    The smallest float in its place overflows in sums; clients that filter by -9999 let it through.
    """
    for path, value in numbers(x):
        if value < LEAST:
            yield differs(path, value, "at least -9999.0")


@check("logprobs.top-list", MUST, when=tokenwise, source=TOKEN_LOGPROB, breaks=("logprobs-without-top", "logprobs-top-null"),
       covers=("LOGP-002", "LOGP-004"))  # fmt: skip
def entries_have_a_list_of_alternatives(x: Exchange) -> Problems:
    """Each entry has `top_logprobs`, an array, empty where there is none.

    Loops over it raise TypeError on null; typed clients fail to parse.
    """
    yield from misfits(x, "token-logprob", "top_logprobs")


@check("logprobs.top-entry", MUST, when=ranked, source=TOKEN_LOGPROB, covers="LOGP-004",
       breaks=("logprobs-top-pairs", "logprobs-top-without-bytes"))  # fmt: skip
def alternatives_are_entries(x: Exchange) -> Problems:
    """Each alternative is an object with `token`, `logprob` and `bytes`.

    Objects of token and number, as in legacy completions, have no `.token`.
    """
    yield from misfits(x, "top-logprob")
    yield from misfits(x, "top-logprob", "token", "logprob", "bytes")


@check("logprobs.top-count", MUST, when=tokenwise & with_top, source=(REQUEST, TOKEN_LOGPROB), breaks="logprobs-top-one-more",
       covers="LOGP-004")  # fmt: skip
def no_more_alternatives_than_asked(x: Exchange) -> Problems:
    """There are at most as many alternatives as `top_logprobs` asks for.

    Tables of fixed width overflow; the token itself is one of them or is left out, and never one more.
    """
    for path, _, others in alternatives(x):
        if len(others) > wanted(x):
            yield differs(f"the number of {path}.top_logprobs", len(others), f"at most {wanted(x)}")


# The specification allows fewer "in rare cases": only where no token has as many is it a failure.
@check("logprobs.top-all", SHOULD, when=tokenwise & with_top, source=(REQUEST, TOKEN_LOGPROB), breaks="logprobs-top-one-less",
       covers="LOGP-004")  # fmt: skip
def as_many_alternatives_as_asked(x: Exchange) -> Problems:
    """There are as many alternatives as `top_logprobs` asks for, but in rare cases.

    Classifiers look for each of their labels among them.
    """
    most = max(len(others) for _, _, others in alternatives(x))
    if most < wanted(x):
        yield differs("the most top_logprobs of any token", most, f"{wanted(x)}, as asked")


@check(
    "logprobs.top-none",
    SHOULD,
    when=tokenwise & ~with_top,
    source=REQUEST,
    breaks="logprobs-top-unasked",
    covers="LOGP-004",
)
def no_alternatives_unless_asked(x: Exchange) -> Problems:
    """Without `top_logprobs`, or with 0 of them, the array is empty.

    Answers grow for nothing.
    """
    for path, _, others in alternatives(x):
        if others:
            yield differs(f"{path}.top_logprobs", others, "[]")


@check(
    "logprobs.top-order", SHOULD, when=ranked, source=TOKEN_LOGPROB, breaks="logprobs-top-unsorted", covers="LOGP-005"
)
def most_likely_first(x: Exchange) -> Problems:
    """Alternatives come most likely first.

    Clients take the first for the best.
    """
    for path, _, others in alternatives(x):
        values = [number(each) for each in others]
        if any(later > earlier + SLACK for earlier, later in pairwise(values)):
            yield differs(f"{path}.top_logprobs", values, "the largest first")


@check("logprobs.top-sampled", SHOULD, when=ranked & greedy & ~biased, source=TOKEN_LOGPROB, breaks="logprobs-top-others",
       covers="LOGP-005")  # fmt: skip
def greedy_token_is_among_them(x: Exchange) -> Problems:
    """At temperature 0 the token itself is among its alternatives, as the most likely.

    A token that is not shows that the numbers are those of another position.
    """
    for path, entry, others in alternatives(x):
        token = need(entry, "token", str)
        if others and all(need(each, "token", str) != token for each in others):
            yield differs(
                f"the tokens of {path}.top_logprobs", [each["token"] for each in others], f"{token!r} among them"
            )


@check(
    "logprobs.top-agrees",
    SHOULD,
    when=ranked,
    source=TOKEN_LOGPROB,
    breaks="logprobs-top-other-number",
    covers="LOGP-005",
)
def one_token_one_number(x: Exchange) -> Problems:
    """Among the alternatives, the token itself has the same log probability as in its entry.

    Two numbers for one token mean that one is from before sampling and one from after.
    """
    for path, entry, others in alternatives(x):
        own = (need(entry, "token", str), need(entry, "bytes", list, None))
        alike = [number(each) for each in others if (find(each, "token"), find(each, "bytes")) == own]
        if alike and all(abs(value - number(entry)) > SLACK for value in alike):
            yield differs(
                f"the logprob of the token itself in {path}.top_logprobs", alike[0], f"{number(entry)} as in its entry"
            )


@check("logprobs.top-sum", SHOULD, when=ranked, source=TOKEN_LOGPROB, breaks="logprobs-top-scores", covers="LOGP-005")
def probabilities_sum_to_one(x: Exchange) -> Problems:
    """The probabilities of the alternatives of a token sum to at most 1.

    Raw scores, or logarithms to another base, make entropy and perplexity wrong without notice.
    """
    for path, _, others in alternatives(x):
        total = sum(math.exp(min(0.0, number(each))) for each in others)
        if total > 1 + SLACK:
            yield differs(f"the sum of exp(logprob) of {path}.top_logprobs", round(total, 3), "at most 1")
