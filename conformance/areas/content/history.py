"""CONTENT: histories: long ones, odd ones, and those with tool calls that began at another server."""

from __future__ import annotations

from conformance.areas.citations import (
    ASSISTANT_MESSAGE,
    FUNCTION_CALLING,
    REQUEST,
    REQUEST_MESSAGE,
    TOOL_RESULT,
    issue,
)
from conformance.areas.content.probes import WORD
from conformance.exchange import Exchange, need
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.blame import carries, carrying
from conformance.judge.condition import request
from conformance.judge.conditions import completion, counted, intent
from conformance.judge.mistakes import too_long
from conformance.judge.refusals import not_taken, sent_messages

MANY = 100
"""Messages from which their number alone says something of the tokens that they cost."""

FOREIGN = ("tool call", "no content (assistant)", "an empty content (assistant)", "content in parts (tool)")
"""What a history has that began at another server."""
many_messages = request(f"with {MANY} messages or more")(lambda x: len(sent_messages(x)) >= MANY)


@check("content.long-history", MUST, source=REQUEST, breaks="content-history-refused",
       when=~too_long, together=carrying(many_messages))  # fmt: skip
def takes_long_histories(x: Exchange) -> Problems:
    """A conversation of two hundred messages is accepted, unless it is too long for the context window.

    Agents get there within the hour; a bound on the number of messages ends them without a way out.
    """
    yield from not_taken(x, "two hundred messages are accepted")


@check("content.history-read", SHOULD, when=completion & counted & many_messages, source=REQUEST,
       breaks=("content-history-cut", "usage-prompt-zero", "usage-prompt-constant"))  # fmt: skip
def whole_history_is_read(x: Exchange) -> Problems:
    """Every message of a long conversation is read: none costs less than one token.

    A server that drops the oldest in silence forgets its instructions, and counts the rest.
    """
    used, count = need(x.usage, "prompt_tokens", int), len(sent_messages(x))
    if used < count:
        yield differs("usage.prompt_tokens", used, f"at least {count}, one for each message")


# 69 recorded requests with a system message in parts and 20 with an assistant's were served by OpenAI, none refused.
@check("content.parts-of-all", MUST, together=carrying(carries("content in parts (system)") & carries("content in parts (assistant)")),
       source=(REQUEST_MESSAGE, ASSISTANT_MESSAGE), breaks="content-refuses-system-parts", covers="CHAT-021")  # fmt: skip
def takes_parts_of_all_roles(x: Exchange) -> Problems:
    """System and assistant messages, too, may have their content in text parts.

    Frameworks that mark what is to be cached write all messages so.
    """
    yield from not_taken(x, "content in parts is accepted of the system and the assistant")


@check("content.name", SHOULD, together=carrying(carries("a name (user)")), source=REQUEST_MESSAGE,
       breaks="content-refuses-names")  # fmt: skip
def takes_names(x: Exchange) -> Problems:
    """A message may carry a `name`, which tells several users apart.

    Frameworks for several agents put one on every message.
    """
    yield from not_taken(x, "a name is accepted")


# Two recorded requests with an empty message were served by OpenAI, none refused.
@check("content.empty-message", SHOULD, together=carrying(carries("an empty content (user)")),
       source=REQUEST_MESSAGE, breaks="content-refuses-empty")  # fmt: skip
def takes_empty_messages(x: Exchange) -> Problems:
    """A message of the user may be empty.

    A click on "send" is enough for one; it stays in the history, and every request after it fails.
    """
    yield from not_taken(x, "an empty message is accepted")


# ---------------------------------------------------------------------- tools


@check("content.tool-history", MUST, together=carrying(intent("foreign-history"), *FOREIGN),
       source=(TOOL_RESULT, ASSISTANT_MESSAGE, issue("anomalyco/opencode", 1680)),
       breaks=("content-foreign-ids-refused", "content-absent-content-refused", "content-empty-content-refused",
               "content-result-parts-refused", "content-signature-demanded",
               "tool-result-refused"), covers=("CHAT-022", "TOOL-018"))  # fmt: skip
def takes_calls_of_another_server(x: Exchange) -> Problems:
    """A history is accepted whose calls have ids of another server and content absent or empty, and results in parts and any order.

    Users change the model in the middle of a conversation, and agents run tools at the same time.
    """
    yield from not_taken(x, "calls of another server are accepted in the history")


# Many chat templates write no ids, and the model has to guess. Which is a fault, but one of the model's files: no SHOULD.
@check("content.results-by-id", MAY, when=completion & intent("foreign-history"), source=(TOOL_RESULT, FUNCTION_CALLING),
       breaks=("content-results-by-place", "tool-result-unread"), covers="TOOL-018")  # fmt: skip
def results_belong_to_their_calls(x: Exchange) -> Problems:
    """A result belongs to the call whose id it names, whatever the order.

    Tools that end in another order than they began give the weather of one city as that of the other.
    """
    for choice in x.choices:
        if not choice.tool_calls and WORD not in (choice.content or "").lower():
            yield differs(f"the text of choice {choice.index}", choice.content, f'one with the word "{WORD}"')
