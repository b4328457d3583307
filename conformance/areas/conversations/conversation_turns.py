"""CONV: responses that are made in a conversation: what they are told, what they add to it, and which are refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.areas.citations import oas
from conformance.areas.conversations.conditions import (
    WORD,
    conversation_of,
    listing,
    making,
    queried,
    served,
    stories,
    turn,
    used,
)
from conformance.exchange import Exchange, Unreadable, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import intent, status
from conformance.judge.final_response import FINISHED, final_response, read_once, written
from conformance.judge.mistakes import UNTOLD_BY
from conformance.judge.verdicts import Relation, Untold
from conformance.wire.jsontext import show

PARAMETER = oas("ConversationParam", 32755)
FORMS = oas("ConversationParam-2", 71029)
ECHO = oas("ResponseConversation", 71116)


@response("of a response that has an end")
def finished(x: Exchange) -> bool:
    return find(final_response(x), "status") in FINISHED


@check("conversation.used", SHOULD, together=used, when=making | (turn & ~status(*UNTOLD_BY) & ~intent("meanwhile")),
       source=(PARAMETER, FORMS), breaks=("conversation-refused", "conversation-object-refused"), covers="CONV-007")  # fmt: skip
def a_response_is_made_in_it(made: Exchange, x: Exchange) -> Problems:
    """A response can be made in a conversation that is kept, named by its id or by an object that holds the id."""
    if not x.ok:
        yield differs(f"status of a response in the conversation of {made.id}", x.status, "200")


@check("conversation.echoed", MUST, when=served & finished, source=ECHO, covers="CONV-007",
       breaks=("conversation-ignored", "conversation-unsaid", "conversation-said-bare"))  # fmt: skip
def response_names_its_conversation(x: Exchange) -> Problems:
    """A response that is made in a conversation names it: `conversation` is an object with its `id`.

    What a server says that does not know the parameter is nothing.
    """
    if (seen := find(final_response(x), "conversation.id")) != conversation_of(x):
        yield differs("conversation.id", seen, show(conversation_of(x), 80))


def _one_after_another(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Two responses in a row in one conversation, between which nothing was taken out of it."""
    for _, later in stories(exchanges):
        before: Exchange | None = None
        for x in later:
            if x.route == "responses" and x.ok and "background" not in x.asked:
                same = before is not None and all(
                    before.asked.get(name) == x.asked.get(name) for name in ("tools", "text", "instructions")
                )
                if (
                    before is not None
                    and same
                    and read_once(before)
                    and read_once(x)
                    and x.asked.get("truncation") != "auto"
                ):
                    yield before, x
                before = x
            elif x.method == "DELETE":
                before = None


in_a_row = Relation("responses in a row in one conversation", _one_after_another)


@check("conversation.history", MUST, together=in_a_row, when=served & finished, source=PARAMETER, covers="CONV-008",
       breaks=("conversation-ignored", "conversation-history-uncounted"))  # fmt: skip
def prompt_grows_with_the_conversation(before: Exchange, x: Exchange) -> Problems:
    """The prompt of a response holds what is in its conversation, also the response before it: it has more input tokens.

    The model knows nothing of what was said, and the user is told so by a model that answers confidently.
    """
    old, new = (need(final_response(each), "usage.input_tokens", int) for each in (before, x))
    longest = max(len(str(each.asked.get("input")).encode()) for each in (before, x))
    shorter = before.asked.get("input") != x.asked.get("input")
    if new <= old - (longest if shorter else 0):  # no token is less than a byte
        yield differs(
            "usage.input_tokens", new, f"more than the {old} of {before.id}, which was made in the same conversation"
        )


def _asked_back(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The word that the conversation began with, and the question for it. Where the prompt had it, a model that forgets tells nothing."""
    for made, later in stories(exchanges):
        for x in later:
            if "asked-back" in x.intent and x.ok:
                forgetful = "the prompt held the conversation, so that it is the model which does not say it"
                yield Untold((made, x), forgetful) if _had_it(made, x) else (made, x)


def _had_it(made: Exchange, x: Exchange) -> bool:
    """Whether the model was told the word, and did not say it: the prompt is longer than the question alone can be."""
    try:
        end = final_response(x)
        used = find(end, "usage.input_tokens")
        return (
            WORD not in written(end).lower()
            and isinstance(used, int)
            and used > len(str(x.asked.get("input")).encode())
        )
    except Unreadable:
        return False


# SHOULD: it takes a model that can say a word again; where the count shows that it was given it, nothing is said.
@check("conversation.remembers", SHOULD, together=Relation("conversation, and the question for what it began with", _asked_back),
       covers="CONV-008", when=making | (served & finished), source=PARAMETER,
       breaks=("conversation-ignored", "conversation-items-dropped"))  # fmt: skip
def model_knows_what_is_in_it(made: Exchange, x: Exchange) -> Problems:
    """A word that the conversation began with is known to the model."""
    text = written(final_response(x))
    if WORD not in text.lower():
        yield differs("the answer", text, f"one that says {WORD}, which the conversation of {made.id} began with")


def _lists(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A response in a conversation, with the pages that were asked for next: all its items, from one end to the other."""
    for _, later in stories(exchanges):
        turns: list[Exchange] = []
        pages: list[Exchange] = []
        for x in later:
            if x.route == "responses" and x.ok and x.asked.get("background") is not True:
                turns, pages = [*turns, x], []
            elif x.route == "conversation-items" and x.method == "GET" and x.ok and x.not_json is None:
                pages = [*pages, x] if queried(x, "after") else [x]
                if find(x.json, "has_more") is False:
                    yield from ((each, *pages) for each in turns)
                    turns = []
            elif x.method == "DELETE":
                turns, pages = [], []


def _ids(x: Exchange, place: int) -> set[str]:
    """The ids under which the events of a stream tell of the item at this place of the output."""
    told = [value for _, value in x.messages if find(value, "output_index") == place] if x.streaming else []
    found = [find(value, name) for value in told for name in ("item.id", "item_id")]
    return {id for id in found if isinstance(id, str)}


@check("conversation.appended", MUST, together=Relation("response in a conversation, and all items of that", _lists),
       when=served | listing, covers="CONV-009", source=PARAMETER,
       breaks=("conversation-ignored", "conversation-appends-nothing", "conversation-input-emptied"))  # fmt: skip
def a_response_adds_its_items(made: Exchange, *pages: Exchange) -> Problems:
    """What a response was asked, and what it answered, are items of its conversation afterwards: each item of the output under its id.

    Where a stream gives an item several ids, any of them will do, and one without an id is not looked for: of that others speak.
    The next turn knows of neither, and who shows the conversation again shows half of it.
    """
    items = [item for page in pages for item in need(page.answer, "data", list)]
    ids = [find(item, "id") for item in items]
    for place, item in enumerate(need(final_response(made), "output", list)):
        told = _ids(made, place) | {find(item, "id")}
        if all(is_a(id, str) and id for id in told) and told.isdisjoint(ids):
            lost = f"without {show(find(item, 'id'), 60)}"
            yield differs("the items of the conversation", lost, f"all of the output of {made.id}")
            return
    given = made.asked.get("input")
    texts = [find(part, "text") for item in items for part in (find(item, "content") or ()) if isinstance(part, dict)]
    if isinstance(given, str) and given not in texts:
        yield differs("the items of the conversation", "without its input", f"the input of {made.id}, too")
