"""MOD: which inputs are judged: a text, several, parts with images; and what is refused."""

from __future__ import annotations

from conformance.areas.citations import MODERATION_REQUEST
from conformance.areas.moderations.conditions import beside_a_text, heard, moderation_request, of_several, of_text_parts
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check
from conformance.judge.condition import request
from conformance.judge.mistakes import examined
from conformance.judge.refusals import accepted, not_taken


@check("moderation.lists", MUST, together=beside_a_text(of_several), when=heard, source=MODERATION_REQUEST,
       breaks="moderations-lists-refused", covers="MOD-005")  # fmt: skip
def lists_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """Several texts are judged in one request, where one is."""
    yield from not_taken(x, "a list of texts, where one text is judged")


@check("moderation.parts", MUST, together=beside_a_text(of_text_parts), when=heard, source=MODERATION_REQUEST,
       breaks="moderations-parts-refused", covers="MOD-005")  # fmt: skip
def parts_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """An input may be a list of parts, as content of a message is.

    Whoever sends a message with its picture sends the same without one.
    """
    yield from not_taken(x, "text as a part, where a text is judged")


@request("with nothing to judge", special=True)
def of_nothing(x: Exchange) -> bool:
    return x.asked.get("input") == [] or ("model" in x.asked and "input" not in x.asked)


@check("moderation.nothing-refused", SHOULD, when=moderation_request & of_nothing & examined, source=MODERATION_REQUEST,
       breaks="moderations-nothing-served", covers="MOD-005")  # fmt: skip
def nothing_is_refused(x: Exchange) -> Problems:
    """A request without an input is refused.

    A misspelt member would pass for harmless.
    """
    yield from accepted(x)
