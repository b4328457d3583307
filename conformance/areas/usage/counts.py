"""USAGE: what a chat completion cost, in tokens, plain and streamed."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.areas.citations import COMPLETION, MODEL_USAGE, NODE_ADDS_USAGE, REQUEST, USAGE
from conformance.exchange import ABSENT, Exchange, find, is_a, need
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs, mistyped
from conformance.judge.condition import request, response
from conformance.judge.conditions import chat, choices_asked, completion, counted, token_limit
from conformance.judge.relations import continued, repeated

COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
REASONING = "completion_tokens_details.reasoning_tokens"
CACHED = "prompt_tokens_details.cached_tokens"

usage_of_chat = completion & counted
several_cut = request("that asks for several choices under a limit")(lambda x: choices_asked(x) > 1 and token_limit(x))


@response("that holds text or calls")
def says_something(x: Exchange) -> bool:
    return any(choice.content or choice.tool_calls for choice in x.choices)


def reports(path: str):
    """The condition that the usage holds a value at this path, null apart."""
    return response(f"that reports {path}")(lambda x: find(x.usage, path) not in (ABSENT, None))


def details(x: Exchange) -> Iterator[tuple[str, object]]:
    """(path, value) of every count in the details of the usage."""
    for kind in ("prompt_tokens_details", "completion_tokens_details"):
        found = x.usage.get(kind)
        for name, value in found.items() if isinstance(found, dict) else ():
            if name.endswith("_tokens"):
                yield f"usage.{kind}.{name}", value


def within(x: Exchange, path: str, whole: str) -> Problems:
    """What is wrong where one count must be no greater than another."""
    part, bound = need(x.usage, path, int), need(x.usage, whole, int)
    if part > bound >= 0:
        yield differs(f"usage.{path}", part, f"at most {whole}, which is {bound}")


# ---------------------------------------------------------------------- chat


@check("usage.present", MUST, when=chat, source=COMPLETION, breaks=("usage-absent", "usage-null"), covers="USAGE-001")
def says_what_it_cost(x: Exchange) -> Problems:
    """A plain answer has `usage`, an object.

    `response.usage.total_tokens` raises in Instructor, smolagents and the caller's own code; LiteLLM and the Agents SDK bill nothing. The
    specification leaves it optional, and OpenAI always sends it.
    """
    yield from mistyped(x.answer, "usage", dict)


@check("usage.integers", MUST, when=usage_of_chat, source=(USAGE, MODEL_USAGE, NODE_ADDS_USAGE),
       breaks=("usage-strings", "usage-counts-null", "usage-stream-counts-null"), covers=("USAGE-001", "USAGE-003"))  # fmt: skip
def counts_are_integers(x: Exchange) -> Problems:
    """`usage` has prompt_tokens, completion_tokens and total_tokens, all integers.

    Strings pass both SDKs: the total of the Node runner then is "01225" in place of 37. Null fails where totals are added up.
    """
    for name in COUNTS:
        yield from (f"usage.{problem}" for problem in mistyped(x.usage, name, int))


@check("usage.not-negative", MUST, when=usage_of_chat, source=USAGE, breaks="usage-negative", covers="USAGE-003")
def counts_are_not_negative(x: Exchange) -> Problems:
    """No count of `usage` is negative.

    Clients of languages with unsigned integers fail to parse it, and accounts are credited.
    """
    for name in COUNTS:
        if need(x.usage, name, int) < 0:
            yield differs(f"usage.{name}", x.usage[name], "at least 0")


@check(
    "usage.prompt-counted",
    MUST,
    when=usage_of_chat,
    source=USAGE,
    breaks=("usage-prompt-zero", "usage-stream-prompt-zero"),
    covers="USAGE-003",
)
def prompt_is_counted(x: Exchange) -> Problems:
    """`prompt_tokens` is above 0 for a prompt that is not empty.

    Dashboards show that input is free.
    """
    if need(x.usage, "prompt_tokens", int) == 0:
        yield differs("usage.prompt_tokens", 0, "more than 0")


@check("usage.completion-counted", MUST, when=usage_of_chat & says_something, source=USAGE, breaks="usage-completion-zero",
       covers="USAGE-003")  # fmt: skip
def answer_is_counted(x: Exchange) -> Problems:
    """`completion_tokens` is above 0 for an answer that is not empty.

    Budgets and limits of agents never run out.
    """
    if need(x.usage, "completion_tokens", int) == 0:
        yield differs("usage.completion_tokens", 0, "more than 0")


@check("usage.total", MUST, when=usage_of_chat, source=USAGE, breaks="usage-total-differs", covers="USAGE-002")
def total_is_the_sum(x: Exchange) -> Problems:
    """`total_tokens` is prompt_tokens plus completion_tokens.

    Where reasoning is left out of completion_tokens, bills and budgets are too low.
    """
    prompt, completion, total = (need(x.usage, name, int) for name in COUNTS)
    if total != prompt + completion:
        yield differs("usage.total_tokens", total, f"{prompt} + {completion} = {prompt + completion}")


@check("usage.all-choices", MUST, when=usage_of_chat & several_cut, source=REQUEST, breaks="usage-first-choice-only",
       covers="USAGE-006")  # fmt: skip
def counts_all_choices(x: Exchange) -> Problems:
    """`completion_tokens` covers all choices together.

    OpenAI charges for all of them; whoever counts one is off by the factor `n`. Choices cut by the limit tell: each took
    as many tokens as the limit allows.
    """
    limit, made = token_limit(x), need(x.usage, "completion_tokens", int)
    cut = sum(choice.finish_reason == "length" for choice in x.choices)
    if cut == choices_asked(x) and made <= limit * (cut - 1):
        yield differs("usage.completion_tokens", made, f"{limit * cut}, {cut} choices of {limit} tokens")


@check("usage.grows", SHOULD, together=continued, when=chat & counted, source=USAGE, breaks="usage-prompt-constant",
       covers="USAGE-005")  # fmt: skip
def prompt_tokens_grow(shorter: Exchange, longer: Exchange) -> Problems:
    """`prompt_tokens` grows as the conversation grows.

    A constant count hides how full the context window is.
    """
    before, after = (need(x.usage, "prompt_tokens", int) for x in (shorter, longer))
    if after <= before:
        yield differs("usage.prompt_tokens of the longer conversation", after, f"more than {before}")


@check("usage.repeatable", SHOULD, together=repeated, when=chat & counted, source=USAGE,
       breaks=("usage-cached-subtracted", "utf8-read-as-latin1"),
       covers="USAGE-004")  # fmt: skip
def same_prompt_same_tokens(*group: Exchange) -> Problems:
    """`prompt_tokens` is the same for equal requests.

    Where cached tokens are subtracted, context meters jump and discounts are given twice.
    """
    first, *others = ((x.id, need(x.usage, "prompt_tokens", int)) for x in group)
    for id, count in others:
        if count != first[1]:
            yield differs(f"usage.prompt_tokens of {id}", count, f"{first[1]} as in {first[0]}")


# ---------------------------------------------------------------------- details


@check("usage.reasoning", MUST, when=usage_of_chat & reports(REASONING), source=USAGE, breaks="usage-reasoning-text",
       covers="USAGE-007")  # fmt: skip
def reasoning_is_an_integer(x: Exchange) -> Problems:
    """`reasoning_tokens` of completion_tokens_details, where given, is an integer.

    Typed clients fail to parse anything else.
    """
    yield from (f"usage.{problem}" for problem in mistyped(x.usage, REASONING, int))


@check("usage.reasoning-within", MUST, when=usage_of_chat & reports(REASONING), source=USAGE, breaks="usage-reasoning-beside",
       covers="USAGE-007")  # fmt: skip
def reasoning_is_part_of_the_completion(x: Exchange) -> Problems:
    """`reasoning_tokens` is at most completion_tokens, of which it is a part.

    Clients subtract it to know the length of the text, and get a negative one.
    """
    yield from within(x, REASONING, "completion_tokens")


@check(
    "usage.cached",
    MUST,
    when=usage_of_chat & reports(CACHED),
    source=USAGE,
    breaks="usage-cached-text",
    covers="USAGE-008",
)
def cached_is_an_integer(x: Exchange) -> Problems:
    """`cached_tokens` of prompt_tokens_details, where given, is an integer.

    Typed clients fail to parse anything else.
    """
    yield from (f"usage.{problem}" for problem in mistyped(x.usage, CACHED, int))


@check("usage.cached-within", MUST, when=usage_of_chat & reports(CACHED), source=USAGE,
       breaks="usage-cached-beside", covers="USAGE-008")  # fmt: skip
def cached_is_part_of_the_prompt(x: Exchange) -> Problems:
    """`cached_tokens` is at most prompt_tokens, of which it is a part.

    Costs are reckoned as the difference at the full price, which then is negative.
    """
    yield from within(x, CACHED, "prompt_tokens")


@check("usage.details", MAY, when=usage_of_chat, source=USAGE, breaks=(
    "usage-detail-float", "usage-reasoning-text", "usage-cached-text"),
       covers="USAGE-009")  # fmt: skip
def details_are_integers(x: Exchange) -> Problems:
    """Every count in the details of `usage` is an integer of at least 0.

    Audio, image, prediction and cache-writing tokens are priced each by its own.
    """
    for path, value in details(x):
        if value is not None and not (is_a(value, int) and value >= 0):
            yield differs(path, value, "an integer of at least 0")
