"""STATE: `previous_response_id` continues a conversation that the server keeps."""

from __future__ import annotations

from conformance.areas.citations import ERROR_CODES, OPENRESPONSES, oas
from conformance.areas.state.conditions import (
    WORD,
    asked_back,
    continued_by_id,
    finished,
    growing,
    instructed_anew,
    made,
    making,
)
from conformance.exchange import Exchange, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.conditions import intent, ok, status
from conformance.judge.final_response import final_response, written
from conformance.judge.mistakes import UNTOLD_BY
from conformance.judge.relations import probes
from conformance.wire.jsontext import show

PREVIOUS = oas("ResponseProperties.previous_response_id", 59556)
INSTRUCTIONS = oas("CreateResponse.instructions", 36358)


AWAY = (401, 403, 408, 429, 503, 504)
"""Statuses of a key, a limit or an outage."""


@request("that continues another response")
def continuing(x: Exchange) -> bool:
    return isinstance(x.asked.get("previous_response_id"), str) and x.asked.get("conversation") is None


@check("state.continues", SHOULD, together=continued_by_id, when=making & ~status(*UNTOLD_BY), source=PREVIOUS,
       breaks="state-chain-refused", covers="RESP-017")  # fmt: skip
def response_can_be_continued(before: Exchange, x: Exchange) -> Problems:
    """A response that says it was stored can be continued by its id, also one that was streamed.

    Agents that send only what is new fail on their second turn.
    """
    if not x.ok and find(final_response(before), "store") is True:
        yield differs(f"status of a request that continues {before.id}", x.status, "200, as that says store: true")


@check("state.refers", SHOULD, together=probes("state.fetched", "state.referred"), when=ok | making & ~status(*AWAY),
       source=(oas("ItemReferenceParam", 70795), "https://github.com/neondatabase/neon-pkgs/pull/367"), breaks="state-reference-refused",
       covers="RESP-017")  # fmt: skip
def items_can_be_referred_to(fetched: Exchange, x: Exchange) -> Problems:
    """An item of a response that is kept can stand in the input by its id alone, as an item_reference.

    Vercel's AI SDK hands back what it got in this way, unless it is told that nothing is stored: its second step fails.
    """
    if not x.ok and find(fetched.json, "store") is True:
        yield differs(
            f"status of a request that refers to the items of {fetched.id}", x.status, "200, as that says store: true"
        )


@check("state.echoed", MUST, when=made & finished & continuing, source=PREVIOUS, covers="RESP-017",
       breaks=("state-chain-ignored", "state-chain-unsaid", "state-unknown-continued"))  # fmt: skip
def response_names_the_one_before(x: Exchange) -> Problems:
    """A response that continues another names it in `previous_response_id`.

    Dashboards and clients put conversations together by it; null is what a server says that does not know the parameter.
    """
    seen = find(final_response(x), "previous_response_id")
    if seen != x.asked["previous_response_id"]:
        yield differs("previous_response_id", seen, show(x.asked["previous_response_id"], 80))


@check("state.history", MUST, together=growing, when=made & finished, source=(PREVIOUS, OPENRESPONSES),
       breaks=("state-chain-ignored", "state-history-uncounted"), covers="RESP-017")  # fmt: skip
def prompt_holds_what_was_said_before(before: Exchange, x: Exchange) -> Problems:
    """The prompt of a response that continues another holds all that was said before: it has more input tokens.

    The model knows nothing of the conversation, and the user is told so by a model that answers confidently.
    """
    counts = [need(final_response(each), "usage.input_tokens", int) for each in (before, x)]
    old, new = (str(each.asked.get("instructions") or "") for each in (before, x))
    if counts[1] <= counts[0] - (len(old.encode()) if new != old else 0):  # no token is less than a byte
        yield differs("usage.input_tokens", counts[1], f"more than the {counts[0]} of {before.id}, which it continues")


# SHOULD: it takes a model that can say a word again; where the count shows that it was given it, nothing is said.
@check("state.remembers", SHOULD, together=asked_back, when=made & finished, source=PREVIOUS,
       breaks="state-chain-ignored", covers="RESP-017")  # fmt: skip
def model_knows_what_was_said_before(before: Exchange, x: Exchange) -> Problems:
    """A word of the first turn is known in the second, whether the first was streamed or not.

    Agents lose what their user told them.
    """
    text = written(final_response(x))
    if WORD not in text.lower():
        yield differs("the answer", text, f"one that says {WORD}, which the response before was told")


lost = making & intent("lost") & ~status(*UNTOLD_BY)


@check("state.unknown-refused", SHOULD, when=lost, source=(PREVIOUS, ERROR_CODES), covers="RESP-017",
       breaks=("state-chain-ignored", "state-unknown-continued"))  # fmt: skip
def unknown_response_is_not_continued(x: Exchange) -> Problems:
    """A `previous_response_id` that the server does not know is refused.

    Served without a word, the conversation is lost and nobody is told. OpenAI's status is 400, other documents say 404.
    """
    if x.status not in (400, 404, 422):
        yield differs("status for an unknown previous_response_id", x.status, "400")


@check("state.unknown-named", SHOULD, when=lost & status(400, 404, 422), source=ERROR_CODES, breaks="state-unknown-unsaid",
       covers="RESP-017")  # fmt: skip
def refusal_names_the_response(x: Exchange) -> Problems:
    """The refusal of an unknown `previous_response_id` names it: by its code, its param or its words.

    Clients send the whole conversation instead where they are told that it is not kept; of any other refusal they give up.
    """
    parts = [find(x.answer, f"error.{name}") for name in ("code", "param", "message")]
    words = " ".join(part for part in parts if isinstance(part, str))
    if "previous_response" not in words and x.asked["previous_response_id"] not in words:
        yield differs(
            "error.message", find(x.answer, "error.message"), "one that names previous_response_id, or the id"
        )


@check("state.instructions-anew", SHOULD, together=instructed_anew, when=made & finished, source=INSTRUCTIONS,
       breaks="state-instructions-kept", covers="RESP-018")  # fmt: skip
def instructions_are_not_carried_over(before: Exchange, x: Exchange) -> Problems:
    """The instructions of a response are not those of the next: without any of its own it has none.

    Who gives each turn its own instructions has the model obey the old ones, too.
    """
    if (new := find(final_response(x), "instructions")) == before.asked["instructions"]:
        yield differs("instructions", new, "null, as the request has none")
