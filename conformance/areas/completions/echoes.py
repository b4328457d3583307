"""COMP: which prompts are continued, and what `echo` gives back of them: evaluations score their own texts by it."""

from __future__ import annotations

from conformance.areas.citations import LEGACY_COMPLETION, LEGACY_REQUEST
from conformance.areas.completions.conditions import (
    beside_a_prompt,
    echoed,
    heard,
    numbered,
    of_tokens,
    parts,
    plain,
    prompts,
    several_prompts,
    texts,
)
from conformance.exchange import ABSENT, Exchange, Unreadable, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import asked, choices_asked
from conformance.judge.mistakes import examined
from conformance.judge.refusals import accepted, not_taken
from conformance.judge.relations import accepted as where_accepted

SAYS_ECHO = "https://github.com/vllm-project/vllm/issues/5334"
PART = "bytes:"
"""How OpenAI begins a legacy token that is a part of a character."""


@check("completion.prompts", MUST, together=beside_a_prompt(several_prompts), when=heard, covers="COMP-005",
       source=(LEGACY_REQUEST, "https://github.com/abetlen/llama-cpp-python/issues/726"), breaks="completions-prompts-refused")  # fmt: skip
def lists_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """Several prompts in a list are continued, where one is.

    LangChain sends every prompt in a list, and evaluations hundreds.
    """
    yield from not_taken(x, "a list of prompts, where one is continued")


@check("completion.tokens", MUST, together=beside_a_prompt(of_tokens), when=heard, source=LEGACY_REQUEST,
       breaks="completions-tokens-refused", covers="COMP-005")  # fmt: skip
def tokens_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """A prompt may be a list of token ids, and several a list of such lists.

    Evaluations cut long contexts by tokens and send those.
    """
    yield from not_taken(x, "tokens, where a text is continued")


@check("completion.token-refused", SHOULD, when=heard & examined, source=LEGACY_REQUEST,
       together=where_accepted("completions.tokens", "completions.bad-token"), breaks="completions-bad-token-served",
       covers="COMP-005")  # fmt: skip
def bad_tokens_are_refused(_: Exchange, x: Exchange) -> Problems:
    """A token id that no vocabulary has is refused.

    What was tokenised for another model is continued as something else. OpenAI says "Invalid token in prompt" (2 of 2 recorded).
    """
    yield from accepted(x)


# ---------------------------------------------------------------------- echo


@check("completion.echo", SHOULD, when=plain & echoed, source=LEGACY_REQUEST, covers=("COMP-005", "COMP-006"),
       breaks=("completions-echo-ignored", "completions-prompts-mixed-up"))  # fmt: skip
def the_prompt_comes_first(x: Exchange) -> Problems:
    """With `echo` each text begins with its prompt, those of several prompts in their order.

    Scores of a text are cut at the length of its context.
    """
    given, each = prompts(x), choices_asked(x)
    for index, text in sorted(texts(x).items()):
        if 0 <= index < len(given) * each and not text.startswith(prompt := given[index // each]):
            yield differs(
                f"the text of choice {index}", text[: len(prompt) + 20], f"the prompt {prompt!r:.60} at its beginning"
            )


@check("completion.echo-tokens", SHOULD, when=plain & echoed & numbered & ~asked("stop"), source=(LEGACY_COMPLETION, SAYS_ECHO),
       breaks=("completions-echo-accumulated", "completions-echo-few-tokens", "logprobs-legacy-vocabulary"), covers="COMP-006")  # fmt: skip
def echoed_tokens_make_the_text(x: Exchange) -> Problems:
    """With `echo` and `logprobs` the `tokens`, one after the other, are the text, prompt included.

    The likelihood of a given text is all that such a request is for; it is summed over the tokens of another.
    """
    for path, choice in parts(x):
        tokens, text = need(choice, "logprobs.tokens", list), need(choice, "text", str)
        if not all(isinstance(token, str) for token in tokens):
            raise Unreadable(differs(f"{path}.logprobs.tokens", tokens, "texts"))
        if not any(token.startswith(PART) for token in tokens) and not "".join(tokens).startswith(text):
            yield differs(f"{path}.logprobs.tokens", "".join(tokens), f"the tokens of {text!r:.80}")


@check("completion.echo-offsets", SHOULD, when=plain & echoed & numbered, source=(LEGACY_COMPLETION, SAYS_ECHO),
       breaks=("completions-echo-offsets", "logprobs-legacy-vocabulary", "logprobs-legacy-offsets-none",
               "logprobs-legacy-offsets-place"), covers="COMP-006")  # fmt: skip
def echoed_offsets_find_the_tokens(x: Exchange) -> Problems:
    """With `echo` and `logprobs` each `text_offset` is where its token stands in the text.

    The first token of the continuation is found by it: the wrong ones are scored.
    """
    for path, choice in parts(x):
        text, tokens = need(choice, "text", str), need(choice, "logprobs.tokens", list)
        for n, (at, token) in enumerate(zip(need(choice, "logprobs.text_offset", list), tokens, strict=False)):
            broken = not isinstance(token, str) or token.startswith(PART) or "\ufffd" in token
            if not is_a(at, int) or at < 0 or not (broken or text.startswith(token, at) or at >= len(text)):
                yield differs(f"{path}.logprobs.text_offset.{n}", at, f"the place of {token!r:.40} in the text")
                break


@check("completion.echo-first", SHOULD, when=plain & echoed & numbered, source=SAYS_ECHO,
       breaks=("completions-echo-first-likely", "logprobs-legacy-text-numbers"),
       covers="COMP-006")  # fmt: skip
def the_first_token_has_no_likelihood(x: Exchange) -> Problems:
    """With `echo` and `logprobs` the first token of the prompt has null for its log probability: nothing comes before it.

    lm-evaluation-harness leaves the first out; a number there says that another token stands before what was sent.
    """
    for path, choice in parts(x):
        first = find(choice, "logprobs.token_logprobs.0")
        if first is ABSENT:
            raise Unreadable(differs(f"{path}.logprobs.token_logprobs", find(choice, "logprobs"), "an array"))
        if first is not None:
            yield differs(f"{path}.logprobs.token_logprobs.0", first, "null")
