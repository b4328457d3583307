"""CONV: what is refused about conversations, and in which words."""

from __future__ import annotations

from conformance.areas.citations import ERROR_CODES, issue, oas
from conformance.areas.conversations.conversation_turns import PARAMETER
from conformance.exchange import Exchange, find
from conformance.judge import MAY, SHOULD, Problems, check, differs
from conformance.judge.conditions import asked, intent, route, status
from conformance.judge.mistakes import UNTOLD_BY, examined
from conformance.judge.refusals import accepted, code_is_not

EXCLUSIVE = oas("ResponseProperties.previous_response_id", 59556)
MOST = oas("CreateConversationBody.items", 71322)
LOCKED = issue("paulgmiller/careme", 379)


@check("conversation.exclusive", SHOULD, when=route("responses") & intent("both") & examined, source=EXCLUSIVE,
       breaks=("conversation-both-served", "conversation-ignored", "state-chain-ignored"), covers="CONV-010")  # fmt: skip
def it_goes_not_with_a_previous_response(x: Exchange) -> Problems:
    """`conversation` and `previous_response_id` in one request are refused.

    Two histories are meant, and one of them is lost without a word.
    """
    yield from accepted(x)


lost = route("responses") & intent("lost-conversation") & ~status(*UNTOLD_BY)


@check("conversation.unknown-refused", SHOULD, when=lost, source=(PARAMETER, ERROR_CODES), covers="CONV-011",
       breaks=("conversation-ignored", "conversation-unknown-served"))  # fmt: skip
def unknown_conversation_is_refused(x: Exchange) -> Problems:
    """A conversation that the server does not know is refused.

    Served without a word, all that was said is lost and nobody is told. OpenAI's status is 404.
    """
    if x.status not in (400, 404, 422):
        yield differs("status for an unknown conversation", x.status, "404")


@check("conversation.unknown-named", SHOULD, when=lost & status(400, 404, 422) & asked("conversation"), source=ERROR_CODES,
       breaks="conversation-unknown-unsaid", covers="CONV-011")  # fmt: skip
def refusal_names_the_conversation(x: Exchange) -> Problems:
    """The refusal of an unknown conversation names it: by its code, its param or its words."""
    parts = [find(x.answer, f"error.{name}") for name in ("code", "param", "message")]
    if "conv" not in " ".join(part for part in parts if isinstance(part, str)).lower():
        yield differs("error.message", find(x.answer, "error.message"), "one that names the conversation")


@check("conversation.too-many", SHOULD, when=route("conversations") & intent("many-items") & examined, source=MOST,
       breaks="conversation-takes-all", covers="CONV-012")  # fmt: skip
def too_many_items_are_refused(x: Exchange) -> Problems:
    """More than 20 items at a time are refused."""
    yield from accepted(x)


locked = route("responses") & intent("meanwhile") & status(400, 409, 423)


@check("conversation.locked", MAY, when=locked, source=LOCKED, breaks="conversation-locked-unsaid", covers="CONV-013")
def a_locked_conversation_is_called_so(x: Exchange) -> Problems:
    """What is refused while another response is being made in the conversation has the code conversation_locked.

    Clients try again a little later where they are told so, and give the conversation up at any other refusal.
    """
    yield from code_is_not(x, "conversation_locked")
