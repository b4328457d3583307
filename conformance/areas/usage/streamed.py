"""USAGE: the same is counted streamed and not streamed."""

from __future__ import annotations

from conformance.areas.citations import USAGE, issue
from conformance.exchange import ABSENT, Exchange, Unreadable, find, is_a, need
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.conditions import completion, counted, greedy
from conformance.judge.relations import streamed_twin
from conformance.judge.shared import same_texts

DETAILS = {
    "prompt_tokens_details": ("cached_tokens",),
    "completion_tokens_details": ("reasoning_tokens",),
}
"""What is told of the usage beside the sums, and is the same kind of number in both modes."""


@check("usage.same-prompt", SHOULD, together=streamed_twin, when=completion & counted, source=USAGE,
       breaks="usage-stream-prompt-zero", covers="USAGE-004")  # fmt: skip
def same_prompt_tokens(plain: Exchange, streamed: Exchange) -> Problems:
    """`prompt_tokens` is the same streamed and not streamed.

    Costs differ by the mode although the same was read.
    """
    before, after = (need(x.usage, "prompt_tokens", int) for x in (plain, streamed))
    if before != after:
        yield differs("the streamed usage.prompt_tokens", after, f"{before} as plain")


@check("usage.same-completion", SHOULD, together=streamed_twin, when=completion & counted & greedy, source=USAGE,
       breaks="usage-stream-counts-chunks")  # fmt: skip
def same_completion_tokens(plain: Exchange, streamed: Exchange) -> Problems:
    """The same text costs the same completion_tokens streamed and not streamed, reasoning apart.

    Servers that count chunks, or estimate, are off as soon as a chunk holds more or less than a token.
    """
    if any((one.content or "") != (other.content or "") for one, other in same_texts(plain, streamed)):
        raise Unreadable("the two texts are different, expected the same text twice")
    before, after = (_visible(x) for x in (plain, streamed))
    if before != after:
        yield differs("the streamed usage.completion_tokens", after, f"{before} as plain, for the same text")


def _visible(x: Exchange) -> int:
    reasoning = find(x.usage, "completion_tokens_details.reasoning_tokens")
    return need(x.usage, "completion_tokens", int) - (reasoning if is_a(reasoning, int) else 0)


@check("usage.same-details", SHOULD, together=streamed_twin, when=completion & counted,
       source=(USAGE, issue("jundot/omlx", 919)), breaks="content-details-streamed-only", covers="USAGE-009")  # fmt: skip
def details_are_in_both(plain: Exchange, streamed: Exchange) -> Problems:
    """What the usage tells of cached and of reasoning tokens, it tells streamed and not streamed.

    Savings by the cache show in one mode only, and the two cannot be compared.
    """
    for kind, names in DETAILS.items():
        for name in names:
            one, other = (find(x.usage, f"{kind}.{name}") in (None, ABSENT) for x in (plain, streamed))
            if one != other:
                words = {True: "not told", False: "told"}
                yield f"the streamed usage.{kind}.{name} is {words[other]}, expected {words[one]} as plain"
