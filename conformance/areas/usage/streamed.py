"""USAGE: the same is counted streamed and not streamed."""

from __future__ import annotations

from conformance.areas.citations import USAGE, issue
from conformance.exchange import ABSENT, Exchange, Unreadable, find, is_a, need
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.conditions import completion, counted, greedy
from conformance.judge.relations import streamed_twin
from conformance.judge.shared import disagree, same_texts

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
        yield disagree("usage.prompt_tokens", before, after)


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
        yield disagree("usage.completion_tokens of the same text", before, after)


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
            told = {"plain": find(plain.usage, f"{kind}.{name}"), "streamed": find(streamed.usage, f"{kind}.{name}")}
            silent = [mode for mode, count in told.items() if count in (None, ABSENT)]
            if len(silent) == 1:
                yield differs(f"usage.{kind}.{name} {silent[0]}", told[silent[0]], "a number, as the other mode has")
