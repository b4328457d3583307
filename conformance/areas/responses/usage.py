"""RESP: what a response costs: the counts of the final event, and how they add up. Those of plain answers are usage.responses' matter."""

from __future__ import annotations

from conformance.areas.responses.conditions import finished, served, unbroken
from conformance.areas.responses.response_reading import final
from conformance.areas.responses.sources import COMPLETED, USAGE
from conformance.exchange import Exchange, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import asked
from conformance.judge.objects import misfits


@response("that counts what it used")
def counted(x: Exchange) -> bool:
    return isinstance(final(x)[1].get("usage"), dict)


@check("response.stream-usage", MUST, when=unbroken & finished, source=(COMPLETED, USAGE), breaks="response-stream-uncounted",
       covers="RESP-007")  # fmt: skip
def the_end_of_a_stream_counts(x: Exchange) -> Problems:
    """The event that ends a stream has the usage in its response: nobody asks for it apart, as in chat.

    Budgets and bills read it there, and count nothing.
    """
    path, response = final(x)
    if not isinstance(response.get("usage"), dict):
        yield differs(f"{path}usage", find(response, "usage"), "an object")


@check("response.stream-usage-names", MUST, when=unbroken & finished & counted, source=USAGE, breaks="response-stream-usage-names",
       covers="RESP-007")  # fmt: skip
def counts_have_their_names(x: Exchange) -> Problems:
    """It has input_tokens, output_tokens and total_tokens, as integers.

    The names are not those of chat: `usage.input_tokens` is what SDKs and tracers read.
    """
    yield from misfits(x, "response-usage", "input_tokens", "output_tokens", "total_tokens")


@check("response.usage-details", SHOULD, when=served & finished & counted, source=USAGE,
       breaks=("response-usage-details-null", "usage-responses-bare"), covers="RESP-007")  # fmt: skip
def details_are_objects(x: Exchange) -> Problems:
    """input_tokens_details has cached_tokens, and output_tokens_details has reasoning_tokens.

    `usage.input_tokens_details.cached_tokens` raises AttributeError in applications that price an answer.
    """
    yield from misfits(x, "response-usage", "input_tokens_details", "output_tokens_details")


def _count(x: Exchange, path: str) -> int | None:
    found = find(final(x)[1], f"usage.{path}")
    return found if is_a(found, int) else None


@check("response.stream-usage-total", MUST, when=unbroken & finished & counted, source=USAGE, breaks="response-stream-usage-total",
       covers="RESP-007")  # fmt: skip
def counts_add_up(x: Exchange) -> Problems:
    """total_tokens of a streamed response is the sum of input and output."""
    used, made, total = (need(final(x)[1], f"usage.{kind}_tokens", int) for kind in ("input", "output", "total"))
    if total != used + made:
        yield differs("usage.total_tokens", total, f"{used} + {made} = {used + made}")


@check("response.usage-parts", MUST, when=served & finished & counted, source=USAGE,
       breaks=("response-cached-beyond", "response-reasoning-beyond"), covers="RESP-007")  # fmt: skip
def parts_are_no_more_than_the_whole(x: Exchange) -> Problems:
    """cached_tokens are among the input, reasoning_tokens among the output.

    Prices come out negative where a part exceeds the whole.
    """
    for whole, part in (("input_tokens", "input_tokens_details.cached_tokens"),
                        ("output_tokens", "output_tokens_details.reasoning_tokens")):  # fmt: skip
        all_of_it, some = _count(x, whole), _count(x, part)
        if all_of_it is not None and some is not None and some > all_of_it:
            yield differs(f"usage.{part}", some, f"at most the {whole}, {all_of_it}")


@check("response.limit-kept", MUST, when=served & finished & counted & asked("max_output_tokens"), source=USAGE,
       breaks="response-limit-ignored", covers="RESP-005")  # fmt: skip
def the_limit_is_kept(x: Exchange) -> Problems:
    """No more tokens are made than max_output_tokens allows, reasoning among them.

    It is what bounds the bill.
    """
    limit, made = x.asked["max_output_tokens"], _count(x, "output_tokens")
    if is_a(limit, int) and made is not None and made > limit:
        yield differs("usage.output_tokens", made, f"at most {limit}")
