"""COMP: the members of a legacy completion: what it is, how many choices it has, and what it cost."""

from __future__ import annotations

from conformance.areas.citations import LEGACY_COMPLETION, LEGACY_REQUEST, USAGE
from conformance.areas.completions.conditions import longer, made, most, most_each, owed, parts, plain, texts
from conformance.exchange import Exchange, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import asked, counted
from conformance.judge.objects import misfits


@check("completion.id", MUST, when=plain, source=LEGACY_COMPLETION, breaks="completions-without-id", covers="COMP-001")
def has_an_id(x: Exchange) -> Problems:
    """A legacy completion has an `id`, a non-empty string.

    Tracing and billing join by it; typed clients fail to parse an answer without.
    """
    yield from misfits(x, "text-completion", "id")


@check(
    "completion.object",
    SHOULD,
    when=plain,
    source=LEGACY_COMPLETION,
    breaks="completions-object-chat",
    covers="COMP-001",
)
def object_is_text_completion(x: Exchange) -> Problems:
    """`object` is "text_completion"."""
    yield from misfits(x, "text-completion", "object")


@check(
    "completion.created",
    MUST,
    when=plain,
    source=LEGACY_COMPLETION,
    breaks="completions-created-float",
    covers="COMP-001",
)
def created_is_in_seconds(x: Exchange) -> Problems:
    """`created` is an integer of Unix seconds.

    Go, Java and Rust clients fail on anything else.
    """
    yield from misfits(x, "text-completion", "created")


@check(
    "completion.model", MUST, when=plain, source=LEGACY_COMPLETION, breaks="completions-model-null", covers="COMP-001"
)
def says_the_model(x: Exchange) -> Problems:
    """`model` names the model that answered."""
    yield from misfits(x, "text-completion", "model")


@check(
    "completion.fingerprint",
    MUST,
    when=plain,
    source=LEGACY_COMPLETION,
    breaks="completions-fingerprint-number",
    covers="COMP-001",
)
def fingerprint_is_a_text(x: Exchange) -> Problems:
    """`system_fingerprint`, where it is there, is a string or null.

    Typed clients fail to parse an answer with anything else.
    """
    yield from misfits(x, "text-completion", "system_fingerprint")


@check("completion.choices", MUST, when=plain, source=(LEGACY_COMPLETION, LEGACY_REQUEST), covers=("COMP-001", "COMP-005"),
       breaks=("completions-first-prompt-only", "completions-index-zero", "completions-best-of-all",
               "completions-choices-null", "chat-n-ignored"))  # fmt: skip
def there_are_as_many_as_asked(x: Exchange) -> Problems:
    """There are `n` choices for each prompt, and `index` counts them from 0 in the order of the prompts.

    Callers divide the list by `n` to know which text continues which prompt: evaluations score the wrong ones.
    """
    if problems := [*misfits(x, "text-completion", "choices")]:
        yield from problems
        return
    places, count = [find(choice, "index") for choice in need(x.answer, "choices", list)], owed(x)
    if places != list(range(count)):
        yield differs("the indexes of choices", places, f"0 to {count - 1} in order" if count > 1 else "[0]")


@check("completion.text", MUST, when=plain, source=LEGACY_COMPLETION, breaks=("completions-text-null", "completions-as-chat"),
       covers="COMP-001")  # fmt: skip
def each_has_a_text(x: Exchange) -> Problems:
    """Each choice has a `text`, a string.

    A `message` in its place is what chat has: `choices[0].text` is None.
    """
    yield from misfits(x, "text-choice", "text")


@check("completion.logprobs-unasked", SHOULD, when=plain & ~asked("logprobs"), source=LEGACY_COMPLETION,
       breaks="completions-logprobs-unasked", covers="COMP-001")  # fmt: skip
def logprobs_are_null_unasked(x: Exchange) -> Problems:
    """`logprobs` of a choice is null or absent where it was not asked for."""
    for path, choice in parts(x):
        if choice.get("logprobs") is not None:
            yield differs(f"{path}.logprobs", choice["logprobs"], "null, as none were asked for")


# ---------------------------------------------------------------------- what it cost


# OpenAI leaves completion_tokens out where nothing was said (2 of 57 recorded).
@check("completion.usage", SHOULD, when=plain, source=USAGE, breaks=("completions-usage-absent", "completions-usage-texts"),
       covers="COMP-009")  # fmt: skip
def says_what_it_cost(x: Exchange) -> Problems:
    """A legacy completion has `usage` with integers prompt_tokens and total_tokens, and completion_tokens where it says anything.

    Token meters add them up: None + 5 raises in the caller.
    """
    said = any(choice.get("text") for _, choice in parts(x))
    for name in ("prompt_tokens", "total_tokens", *(["completion_tokens"] if said else [])):
        if not is_a(count := find(x.answer, f"usage.{name}"), int):
            yield differs(f"usage.{name}", count, "an integer")


@check(
    "completion.usage-total",
    MUST,
    when=plain & counted,
    source=USAGE,
    breaks="completions-usage-sum",
    covers="COMP-009",
)
def total_is_the_sum(x: Exchange) -> Problems:
    """`total_tokens` is prompt_tokens plus completion_tokens.

    Bills and budgets go by it.
    """
    prompt, total = (need(x.usage, f"{name}_tokens", int) for name in ("prompt", "total"))
    made = x.usage.get("completion_tokens", 0)
    if is_a(made, int) and total != prompt + made:
        yield differs("usage.total_tokens", total, f"{prompt} + {made} = {prompt + made}")


@check("completion.max-tokens", MUST, when=plain & counted & asked("max_tokens"), source=LEGACY_REQUEST,
       breaks="completions-limit-ignored", covers="COMP-004")  # fmt: skip
def the_limit_holds(x: Exchange) -> Problems:
    """No more tokens are made than `max_tokens` allows each choice.

    It is what bounds the cost of a base model, which does not stop by itself.
    """
    if (made := need(x.usage, "completion_tokens", int)) > most(x):
        yield differs("usage.completion_tokens", made, f"at most {most(x)}, as max_tokens says")


@check("completion.default-length", MUST, when=plain & counted & ~asked("max_tokens"), source=LEGACY_REQUEST,
       breaks="completions-unbounded", covers="COMP-004")  # fmt: skip
def sixteen_tokens_unless_asked(x: Exchange) -> Problems:
    """Without `max_tokens` a choice has 16 tokens at most.

    30 of 30 recorded answers of OpenAI have. A server with another default generates to the end of its window, at the caller's cost.
    """
    if (made := x.usage.get("completion_tokens", 0)) and is_a(made, int) and made > most(x):
        yield differs("usage.completion_tokens", made, f"at most {most(x)}, for max_tokens is 16 unless set")


@response("all of whose choices a limit cut")
def all_cut(x: Exchange) -> bool:
    return all(choice.get("finish_reason") == "length" for _, choice in parts(x))


@check("completion.cut-early", SHOULD, when=plain & counted & all_cut & ~asked("echo"), source=LEGACY_REQUEST,
       breaks="completions-cut-early", covers="COMP-004")  # fmt: skip
def nothing_is_cut_before_the_limit(x: Exchange) -> Problems:
    """A text whose finish_reason is length has as many tokens as the limit allows, 16 where none was asked for.

    An answer that was kept from a request with a smaller limit is half of what was asked for, and says that this was the limit.
    """
    made, there = need(x.usage, "completion_tokens", int), len(list(parts(x)))
    if made < most_each(x) * there:
        yield differs("usage.completion_tokens", made, f"{most_each(x) * there}, for a limit cut the text")


@response("that a limit cut, as a longer answer may show")
def ended(x: Exchange) -> bool:
    return find(x.answer, "choices.0.finish_reason") in ("stop", "length")


@check("completion.finish-cut", SHOULD, together=longer, when=made & ended, source=LEGACY_COMPLETION,
       breaks="completions-finish-stop", covers="COMP-001")  # fmt: skip
def cut_texts_say_so(cut: Exchange, whole: Exchange) -> Problems:
    """`finish_reason` is length where the limit cut the text, as the same request with a higher one shows.

    Whoever continues until "stop" believes that half a sentence is all.
    """
    one, more = (texts(x).get(0, "") for x in (cut, whole))
    reason = find(cut.answer, "choices.0.finish_reason")
    if reason == "stop" and one and more.startswith(one) and more[len(one) :].strip():
        yield differs(
            "choices.0.finish_reason", reason, f'"length": with a higher limit {more[len(one) :][:40]!r} follows'
        )
