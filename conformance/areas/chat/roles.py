"""CHAT: what the messages of a request may be, and storing: roles, content in parts, history, the answer fetched again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.areas.citations import (
    ASSISTANT_MESSAGE,
    FUNCTION_CALLING,
    REQUEST,
    REQUEST_MESSAGE,
    STORED_COMPLETION,
    USER_MESSAGE,
    issue,
)
from conformance.exchange import Exchange, Unreadable, find, need
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.blame import carries, carrying
from conformance.judge.condition import Condition, request, response
from conformance.judge.conditions import chat_request, completion, intent, ok, streaming
from conformance.judge.refusals import TURNED_DOWN, not_taken, sent_messages, texts_sent
from conformance.judge.relations import stored
from conformance.judge.shared import apart
from conformance.judge.verdicts import Relation, Untold
from conformance.wire.jsontext import show


def with_role(role: str) -> Condition:
    return request(f"with a message of the role {role}")(
        lambda x: any(message.get("role") == role for message in sent_messages(x))
    )


own_message = with_role("assistant") & intent("history") & ~streaming
QUESTION, ANSWER = "What is the capital of France?", "paris"
with_parts = request("with content in parts")(
    lambda x: any(isinstance(m.get("content"), list) for m in sent_messages(x))
)


@check("chat.role-developer", MUST, together=carrying(with_role("developer")),
       source=REQUEST_MESSAGE, breaks="chat-refuses-developer", covers="CHAT-020")  # fmt: skip
def takes_developer_messages(x: Exchange) -> Problems:
    """A message of the role developer is accepted.

    Clients that follow OpenAI's naming fail on their first request.
    """
    yield from not_taken(x, "a developer message is accepted")


@check("chat.role-system", MUST, together=carrying(with_role("system")),
       source=REQUEST_MESSAGE, breaks="chat-refuses-system", covers="CHAT-020")  # fmt: skip
def takes_system_messages(x: Exchange) -> Problems:
    """A message of the role system is accepted.

    Some chat templates raise on it, and nearly every application sends one.
    """
    yield from not_taken(x, "a system message is accepted")


@check("chat.role-assistant", MUST, together=carrying(carries("an earlier answer")),
       source=REQUEST_MESSAGE, breaks="chat-refuses-assistant", covers="CHAT-020")  # fmt: skip
def takes_assistant_messages(x: Exchange) -> Problems:
    """Messages of the role assistant are accepted as history.

    No conversation goes beyond its first turn.
    """
    yield from not_taken(x, "an assistant message is accepted")


@check("chat.parts", MUST, together=carrying(carries("content in parts (user)")), source=USER_MESSAGE,
       breaks="chat-refuses-parts", covers="CHAT-021")  # fmt: skip
def takes_content_in_parts(x: Exchange) -> Problems:
    """The content of a user message may be an array of text parts.

    Agent frameworks send nothing else, and fail on every request.
    """
    yield from not_taken(x, "content in parts is accepted")


def _names_it(x: Exchange) -> bool:
    try:
        return x.ok and any(ANSWER in (choice.content or "").lower() for choice in x.choices)
    except Unreadable:
        return False


def _asked_in_parts(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The question in two parts; what a model that does not know the answer says to it tells nothing."""
    questions = [x for x in exchanges if x.route == "chat" and QUESTION in " ".join(texts_sent(x))]
    known = any(_names_it(x) for x in questions)
    for x in questions:
        if with_parts(x) and x.ok and "natural-end" in x.intent:
            yield (x,) if known else Untold((x,), "no answer shows that this model knows the capital of France")


@check("chat.parts-read", SHOULD, when=completion, source=USER_MESSAGE, breaks="chat-drops-parts", covers="CHAT-021",
       together=Relation("question in two parts", _asked_in_parts))  # fmt: skip
def reads_all_parts(x: Exchange) -> Problems:
    """Text parts mean the same as their texts in one string: none is dropped.

    The question is in two parts, and only who reads both can answer it. It takes some knowledge, which another answer must show: no MUST.
    """
    for choice in x.choices:
        if ANSWER not in (choice.content or "").lower():
            yield differs("the answer to a question in two parts", choice.content, "one that names Paris")


@check("chat.content-null", MUST, together=carrying(carries("content: null (assistant)")),
       source=ASSISTANT_MESSAGE, breaks="chat-refuses-null-content", covers="CHAT-022")  # fmt: skip
def takes_calls_without_content(x: Exchange) -> Problems:
    """An assistant message with tool calls may have null for content.

    Templates that join texts crash on it, and every agent fails on its second round.
    """
    yield from not_taken(x, "null content beside tool calls is accepted")


@check("chat.history", MUST, source=(ASSISTANT_MESSAGE, FUNCTION_CALLING), covers="CHAT-023",
       together=carrying(own_message, "further members of a message (assistant)"),
       breaks=("chat-refuses-own-message", "chat-refuses-assistant"))  # fmt: skip
def takes_its_own_message_back(x: Exchange) -> Problems:
    """A message that the server gave is accepted unchanged as history, null members included.

    Users of the SDKs append the message as it came, refusal, annotations and all, and fail on every second turn; so does LiteLLM.
    """
    yield from not_taken(x, "the server's own message is accepted")


# SHOULD: nothing says that it must, and chat templates of good models refuse it; OpenAI takes any order.
@check("chat.any-order", SHOULD, source=(REQUEST, issue("simular-ai/Agent-S", 70)),
       together=carrying(carries("messages in any order")),
       breaks=("chat-refuses-order", "chat-refuses-late-system"))  # fmt: skip
def takes_messages_in_any_order(x: Exchange) -> Problems:
    """Messages may come in any order: the assistant first, two of the user in a row, the system in the middle.

    Agents, group chats and memories write such conversations, and fail on servers that demand turns.
    """
    yield from not_taken(x, "messages in any order are accepted")


@check("chat.messages-empty", MUST, source=REQUEST, breaks="chat-takes-no-messages", covers="CHAT-024",
       when=chat_request & request("without any message", special=True)(lambda x: x.asked.get("messages") == [])
       & response("taken or turned down")(lambda x: x.ok or x.status in TURNED_DOWN))  # fmt: skip
def refuses_no_messages(x: Exchange) -> Problems:
    """A request whose `messages` are empty is refused as the client's mistake.

    An answer to nothing hides that the application lost the conversation, and is paid for. OpenAI's status is 400.
    """
    if x.status not in (400, 422):
        yield differs("the status for empty messages", x.status, "400")


@check("chat.stored", MAY, together=stored, source=STORED_COMPLETION, breaks="chat-store-ignored", covers="CHAT-029")
def stored_can_be_fetched(made: Exchange, fetched: Exchange) -> Problems:
    """A completion made with `store: true` can be fetched by its id.

    Evaluations and distillation work on stored completions. Most servers store nothing, which is their right.
    """
    if not fetched.ok:
        yield differs(f"the status of {fetched.method} by the id of {made.id}", fetched.status, "200")


@check("chat.stored-same", MAY, together=stored, when=ok, source=STORED_COMPLETION,
       breaks=("chat-store-changes", "chat-store-renames"), covers="CHAT-029")  # fmt: skip
def stored_is_what_was_made(made: Exchange, fetched: Exchange) -> Problems:
    """What is fetched by the id is the completion that was made: the same id and choices.

    An evaluation of other texts than the user saw is worth nothing.
    """
    if find(fetched.answer, "id") != need(made.answer, "id", str):
        yield differs("the id of the stored completion", find(fetched.answer, "id"), made.answer["id"])
    texts = [[choice.content for choice in x.choices] for x in (made, fetched)]
    if texts[0] != texts[1]:
        where, wanted, seen = apart(*texts)
        yield differs(f"the text{where} of the stored completion", seen, show(wanted))
