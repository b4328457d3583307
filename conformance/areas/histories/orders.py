"""HISTORY: roles in every order, results of every kind, and contents that must make no server fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.areas.citations import ASSISTANT_MESSAGE, ERROR_CODES, REQUEST, REQUEST_MESSAGE, TOOL_RESULT, rfc
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import chat_request, intent, looked_at
from conformance.judge.mistakes import too_long
from conformance.judge.refusals import judged, sent_messages
from conformance.judge.verdicts import Relation
from conformance.wire.jsontext import show

ruled_on = judged & ~too_long


def _roles(x: Exchange) -> set[tuple[str, bool]]:
    """The roles in a conversation, each with whether it calls tools."""
    return {(str(message.get("role")), bool(message.get("tool_calls"))) for message in sent_messages(x)}


def beside(mark: str, base: str) -> Relation:
    """Each request with this intent, and before it the plain one that it differs from, where that and all its roles are served."""

    def groups(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
        plain = next((x for x in exchanges if x.name == base and x.ok), None)
        known = set().union(*(_roles(x) for x in exchanges if x.ok and mark not in x.intent))
        yield from ((plain, x) for x in exchanges if plain and mark in x.intent and _roles(x) <= known)

    return Relation(f"history of the kind {mark}, where {base} is served", groups)


def shown(x: Exchange) -> str:
    """The roles of a conversation as one line."""
    return ", ".join(str(message.get("role")) for message in sent_messages(x))


def _not_served(x: Exchange, what: str) -> Problems:
    if not x.ok:
        yield differs(f"the status of {what}", x.status, "200")


@check("history.ends", MUST, when=ruled_on, together=beside("ends", "chat.hello"), source=(REQUEST, ASSISTANT_MESSAGE),
       breaks=("history-prefill-refused", "history-system-alone-refused"), covers="HISTORY-001")  # fmt: skip
def conversations_end_with_any_role(_: Exchange, x: Exchange) -> Problems:
    """A conversation may end with a message of the assistant, or be one of the system alone.

    Agents that were interrupted send what there is of the answer and go on; each such conversation is stuck.
    """
    yield from _not_served(x, f"a conversation of {shown(x)}")


@check("history.order", SHOULD, when=ruled_on, together=beside("order", "chat.hello"),
       source=(REQUEST, REQUEST_MESSAGE), covers="HISTORY-002",
       breaks=("history-second-system-refused", "history-assistants-refused", "chat-refuses-order",
               "chat-refuses-late-system"))  # fmt: skip
def roles_come_in_any_order(_: Exchange, x: Exchange) -> Problems:
    """Roles may come in any order: systems twice and in the middle, several of one role in a row, and empty ones.

    Agents add instructions as they go, and memories leave messages out.
    """
    yield from _not_served(x, f"a conversation of {shown(x)}")


@check("history.results", MUST, when=ruled_on, together=beside("result", "tools.result"), source=TOOL_RESULT,
       breaks=("history-empty-result-refused", "history-json-result-refused"), covers="HISTORY-003")  # fmt: skip
def results_of_any_form_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """What a tool said may be any text, of JSON or none, empty or long.

    Tools say nothing when there is nothing to say, and the agent can't go on without an answer to each call.
    """
    yield from _not_served(x, f"a tool that said {show(sent_messages(x)[-1].get('content'), 40)}")


@check("history.no-failure", MUST, when=chat_request & intent("odd-history") & looked_at,
       source=(rfc(9110, "15.6"), ERROR_CODES), breaks=("history-null-500", "history-part-500"), covers="HISTORY-004")  # fmt: skip
def no_history_makes_it_fail(x: Exchange) -> Problems:
    """No conversation makes the server fail, whatever is null, empty or left out in it: what it does not take it refuses with 400.

    A 500 says that trying again may help: both SDKs do, twice, and users see an outage where a message of theirs is at fault.
    """
    if x.status >= 500:
        yield differs(f"the status of a conversation of {shown(x)}", x.status, "200, or 400")
