"""LOGP: the log probabilities of legacy completions. The specification requires none of their members, so nothing is a MUST."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from conformance.areas.citations import LEGACY_COMPLETION, LEGACY_REQUEST, SHOWS_LEGACY
from conformance.areas.logprobs.per_token import some
from conformance.exchange import ABSENT, Exchange, Unreadable, find, is_a, need
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.conditions import asked, ok, post, route, streaming
from conformance.judge.objects import OBJECTS, misfits

PART = "bytes:"
"""How OpenAI begins a legacy token that is a part of a character (github.com/vllm-project/vllm/pull/6626)."""

numbered = request("for a number of logprobs")(lambda x: is_a(x.asked.get("logprobs"), int) and not x.asked.get("echo"))
legacy = route("completions") & post & ok & ~streaming & numbered
several = request("for more than 0 logprobs")(lambda x: bool(x.asked.get("logprobs")))
shaped = legacy & some("legacy-logprobs")


def lists(x: Exchange) -> list[tuple[str, dict[str, Any], list[str], str]]:
    """(path, logprobs, tokens, text) of every choice that has them. Raises Unreadable."""
    found = []
    for path, logprobs in OBJECTS["legacy-logprobs"](x):
        tokens = need(logprobs, "tokens", list)
        if not all(isinstance(token, str) for token in tokens):
            raise Unreadable(differs(f"{path}.tokens", tokens, "an array of strings"))
        found.append((path, logprobs, tokens, need(x.answer, path.replace("logprobs", "text"), str)))
    return found


@check("logprobs.legacy", SHOULD, when=legacy, source=(LEGACY_REQUEST, SHOWS_LEGACY), covers="LOGP-011",
       breaks=("logprobs-legacy-null", "logprobs-legacy-zero-null"))  # fmt: skip
def legacy_says_how_probable(x: Exchange) -> Problems:
    """A legacy completion asked for `logprobs`, even for 0 of them, has them: 0 means those of the tokens alone.

    Evaluation harnesses score prompts with it, and get None.
    """
    for n, part in enumerate(need(x.answer, "choices", list)):
        if not isinstance(logprobs := find(part, "logprobs"), dict):
            yield differs(f"choices.{n}.logprobs", logprobs, "an object of lists")


@check("logprobs.legacy-lists", SHOULD, when=shaped, source=LEGACY_COMPLETION, covers="LOGP-011",
       breaks=("logprobs-legacy-as-chat", "logprobs-legacy-text-numbers"))  # fmt: skip
def legacy_logprobs_are_lists(x: Exchange) -> Problems:
    """They are arrays: `tokens`, `token_logprobs`, `text_offset`, and `top_logprobs`, which may be null.

    Harnesses index into all four.
    """
    yield from misfits(x, "legacy-logprobs", "tokens", "token_logprobs", "top_logprobs", "text_offset")


@check(
    "logprobs.legacy-lengths",
    SHOULD,
    when=shaped,
    source=LEGACY_COMPLETION,
    breaks="logprobs-legacy-short",
    covers="LOGP-011",
)
def legacy_lists_are_as_long(x: Exchange) -> Problems:
    """The arrays are as long as `tokens`.

    zip() leaves the rest out without a word.
    """
    for path, logprobs, tokens, _ in lists(x):
        for name in ("token_logprobs", "top_logprobs", "text_offset"):
            if isinstance(found := logprobs.get(name), list) and len(found) != len(tokens):
                yield differs(f"the length of {path}.{name}", len(found), f"{len(tokens)} as of tokens")


# What ends the text may stand among the tokens, as it did with the first models.
@check("logprobs.legacy-text", SHOULD, when=shaped & ~asked("stop"), source=(LEGACY_COMPLETION, SHOWS_LEGACY),
       breaks="logprobs-legacy-vocabulary", covers="LOGP-011")  # fmt: skip
def legacy_tokens_make_the_text(x: Exchange) -> Problems:
    """The `tokens`, one after the other, are the text.

    Scores are given to words by it.
    """
    for path, _, tokens, text in lists(x):
        if not any(token.startswith(PART) for token in tokens) and not "".join(tokens).startswith(text):
            yield differs(f"{path}.tokens", tokens, f"the tokens of {text!r:.60}")


@check("logprobs.legacy-offsets", SHOULD, when=shaped, source=(LEGACY_COMPLETION, SHOWS_LEGACY), covers="LOGP-011",
       breaks=("logprobs-legacy-offsets-none", "logprobs-legacy-offsets-place"))  # fmt: skip
def legacy_offsets_count_characters(x: Exchange) -> Problems:
    """`text_offset` says where each token begins: from 0 or more, one token's characters after the other.

    Alignment by offset points at other words.
    """
    for path, logprobs, tokens, _ in lists(x):
        offsets = need(logprobs, "text_offset", list)
        if not all(is_a(each, int) and each >= 0 for each in offsets):
            yield differs(f"{path}.text_offset", offsets, "0 or more for each token")
        elif any(
            b - a != len(t) for (a, b), t in zip(pairwise(offsets), tokens, strict=False) if not t.startswith(PART)
        ):
            yield differs(f"{path}.text_offset", offsets, f"the places of {tokens!r:.60}")


@check("logprobs.legacy-top", SHOULD, when=shaped & several, source=(LEGACY_REQUEST, LEGACY_COMPLETION), covers="LOGP-011",
       breaks=("logprobs-legacy-no-top", "logprobs-legacy-top-many"))  # fmt: skip
def legacy_has_the_alternatives(x: Exchange) -> Problems:
    """`top_logprobs` has from one to `logprobs` + 1 tokens at each place: the most likely, and the one that was chosen.

    Multiple-choice scores compare them.
    """
    most = x.asked["logprobs"] + 1
    for path, logprobs, _, _ in lists(x):
        if logprobs.get("top_logprobs", ABSENT) is None:
            yield differs(f"{path}.top_logprobs", None, f"from 1 to {most} tokens at each place")
        places = logprobs.get("top_logprobs")
        for n, others in enumerate(places if isinstance(places, list) else ()):
            if isinstance(others, dict) and not 1 <= len(others) <= most:
                yield differs(f"the number of {path}.top_logprobs.{n}", len(others), f"from 1 to {most}")
