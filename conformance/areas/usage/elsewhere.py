"""USAGE: what embeddings and responses cost, in tokens."""

from __future__ import annotations

from conformance.areas.citations import EMBEDDINGS, RESPONSE_USAGE
from conformance.exchange import ABSENT, Exchange, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs, mistyped
from conformance.judge.condition import response
from conformance.judge.conditions import ok, post, route, streaming

AGENTS = "https://github.com/openai/openai-agents-js (packages/agents-core/src/types/protocol.ts: UsageData)"
embeddings = route("embeddings") & post & ok
responses = route("responses") & post & ok & ~streaming


@response("that ended")
def finished(x: Exchange) -> bool:
    """A response in the background has no usage yet."""
    return find(x.answer, "status") in ("completed", "incomplete")


@check(
    "usage.embeddings", MUST, when=embeddings, source=EMBEDDINGS, breaks="usage-embeddings-names", covers="USAGE-010"
)
def embeddings_say_what_they_cost(x: Exchange) -> Problems:
    """Embeddings have `usage` with integers prompt_tokens and total_tokens.

    The typed SDK models know no others.
    """
    for name in ("prompt_tokens", "total_tokens"):
        yield from mistyped(x.answer, f"usage.{name}", int)


@check("usage.embeddings-prompt-only", SHOULD, when=embeddings, source=EMBEDDINGS, breaks="usage-embeddings-completion",
       covers="USAGE-010")  # fmt: skip
def embeddings_have_no_completion(x: Exchange) -> Problems:
    """The usage of embeddings counts no completion: total_tokens is prompt_tokens.

    Nothing was generated. A completion_tokens of 0, as some servers add, harms nobody.
    """
    prompt, total = (need(x.answer, f"usage.{name}_tokens", int) for name in ("prompt", "total"))
    if total != prompt:
        yield differs("usage.total_tokens", total, f"{prompt}, the prompt_tokens")
    if find(x.answer, "usage.completion_tokens") not in (ABSENT, None, 0):
        yield differs("usage.completion_tokens", find(x.answer, "usage.completion_tokens"), "none")


@check("usage.responses", MUST, when=responses & finished, source=RESPONSE_USAGE, breaks="usage-responses-names",
       covers="USAGE-011")  # fmt: skip
def responses_say_what_they_cost(x: Exchange) -> Problems:
    """A response has `usage` with integers input_tokens, output_tokens and total_tokens.

    Agents read these names; prompt_tokens and completion_tokens belong to chat.
    """
    for name in ("input_tokens", "output_tokens", "total_tokens"):
        yield from mistyped(x.answer, f"usage.{name}", int)


# The specification requires them, but no SDK breaks without: openai-python hands on None. 869 of 869 answers of OpenAI have
# them; two stand-ins for another server that the same recordings hold under OpenAI's name have not.
@check("usage.responses-details", SHOULD, when=responses & finished, source=RESPONSE_USAGE, breaks="usage-responses-bare",
       covers="USAGE-011")  # fmt: skip
def responses_have_details(x: Exchange) -> Problems:
    """The usage of a response has integers input_tokens_details.cached_tokens and output_tokens_details.reasoning_tokens.

    The specification requires them, and agents read them without asking: AttributeError.
    """
    for name in ("input_tokens_details.cached_tokens", "output_tokens_details.reasoning_tokens"):
        yield from mistyped(x.answer, f"usage.{name}", int)


@check("usage.responses-counts", SHOULD, when=responses & finished, source=(RESPONSE_USAGE, AGENTS), breaks="usage-responses-lists",
       covers="USAGE-011")  # fmt: skip
def details_of_responses_are_counts(x: Exchange) -> Problems:
    """All that is in the details of a response's usage is a number.

    The Agents SDK for JavaScript takes both for tables of numbers: a list in one, and each of its streams ends in a ZodError.
    """
    for kind in ("input_tokens_details", "output_tokens_details"):
        table = find(x.answer, f"usage.{kind}")
        for name, value in table.items() if isinstance(table, dict) else ():
            if not is_a(value, float):
                yield differs(f"usage.{kind}.{name}", value, "a number")


@check("usage.responses-total", MUST, when=responses & finished, source=RESPONSE_USAGE, breaks="usage-responses-total",
       covers="USAGE-011")  # fmt: skip
def total_of_responses_is_the_sum(x: Exchange) -> Problems:
    """`total_tokens` of a response is input_tokens plus output_tokens.

    Bills and budgets go by it.
    """
    given, made, total = (need(x.answer, f"usage.{name}_tokens", int) for name in ("input", "output", "total"))
    if total != given + made:
        yield differs("usage.total_tokens", total, f"{given} + {made} = {given + made}")
