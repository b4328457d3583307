"""CONV: a conversation is made, told again, changed and deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.areas.citations import oas
from conformance.areas.conversations.conditions import (
    conversation_of,
    deleting,
    described,
    described_again,
    item_of,
    making,
    stories,
    taking_out,
)
from conformance.exchange import Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import asked, ok, post, route
from conformance.judge.objects import misfits
from conformance.judge.verdicts import Relation
from conformance.wire.jsontext import show

RESOURCE = oas("ConversationResource", 70884)
CREATE = oas("CreateConversationBody", 71309)
UPDATE = oas("UpdateConversationBody", 71332)
DELETED = oas("DeletedConversationResource", 71345)
DELETE_ITEM = oas("DELETE /conversations/{conversation_id}/items/{item_id}", 4386)
GONE = oas("DELETE /conversations/{conversation_id}", 23434)


@check("conversation.object", MUST, when=described, source=RESOURCE, covers="CONV-001",
       breaks=("conversation-wrapped", "conversation-untyped", "conversation-milliseconds"))  # fmt: skip
def a_conversation_has_its_members(x: Exchange) -> Problems:
    """A conversation is an object of that name with `id`, `created_at` in Unix seconds and `metadata`.

    All that is asked later hangs on the id; typed clients refuse what lacks the rest.
    """
    yield from misfits(x, "conversation")
    yield from misfits(x, "conversation", "id", "object", "created_at", "metadata")


@check("conversation.metadata", MUST, when=(making | route("conversation") & post) & ok & asked("metadata"), source=(CREATE, UPDATE),
       breaks=("conversation-metadata-lost", "conversation-update-ignored"), covers="CONV-002")  # fmt: skip
def metadata_come_back(x: Exchange) -> Problems:
    """`metadata` come back as they were sent, when a conversation is made and when it is changed.

    Applications find whose conversation it is by them.
    """
    if (seen := find(x.answer, "metadata")) != x.asked["metadata"]:
        yield differs("metadata", seen, f"{show(x.asked['metadata'], 80)}, as they were sent")


@check("conversation.same", MUST, together=described_again, when=described, source=RESOURCE,
       breaks=("conversation-new-id", "conversation-made-anew"), covers="CONV-001")  # fmt: skip
def it_stays_the_same(made: Exchange, x: Exchange) -> Problems:
    """A conversation that is asked for, or changed, has the id and the `created_at` with which it was made.

    Who stores the id of the last answer finds nothing under it.
    """
    for name in ("id", "created_at"):
        if (seen := find(x.answer, name)) != (wanted := find(made.answer, name)):
            yield differs(name, seen, f"{show(wanted, 80)}, as in {made.id}")


def _noted(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """What last noted something of a conversation, with the next that asks for it."""
    for made, later in stories(exchanges):
        last = made
        for x in later:
            if x.route == "conversation" and x.method == "POST" and x.ok:
                last = x
            elif x.route == "conversation" and x.method == "GET" and last.asked.get("metadata") is not None:
                yield last, x


@check("conversation.metadata-kept", MUST, together=Relation("metadata that were noted, and the conversation asked for", _noted),
       when=described, source=(CREATE, UPDATE), covers="CONV-002",
       breaks=("conversation-metadata-lost", "conversation-update-forgotten"))  # fmt: skip
def metadata_are_kept(noted: Exchange, x: Exchange) -> Problems:
    """A conversation that is asked for has the `metadata` that were noted of it last."""
    if (seen := find(x.answer, "metadata")) != noted.asked["metadata"]:
        yield differs("metadata", seen, f"{show(noted.asked['metadata'], 80)}, as in {noted.id}")


@check("conversation.deleted", SHOULD, when=deleting, source=DELETED, covers="CONV-003",
       breaks=("conversation-deletes-silently", "conversation-deletes-nothing", "files-deleted-bare", "files-deleted-empty"))  # fmt: skip
def deletion_says_what_is_deleted(x: Exchange) -> Problems:
    """Deleting a conversation is answered with its id, `object` "conversation.deleted" and `deleted: true`.

    Typed clients read them, and tell their users that nothing was deleted.
    """
    yield from misfits(x, "conversation-deleted")
    yield from misfits(x, "conversation-deleted", "object", "deleted", "id")
    if (seen := find(x.answer, "id")) != conversation_of(x):
        yield differs("id", seen, f"{show(conversation_of(x), 80)}, which was to be deleted")


@check("conversation.item-deleted", SHOULD, when=taking_out, source=DELETE_ITEM, breaks="conversation-item-deleted-silently",
       covers="CONV-006")  # fmt: skip
def deletion_of_an_item_tells_the_conversation(x: Exchange) -> Problems:
    """Deleting an item is answered with the conversation that it was in.

    Both SDKs hand it out as the conversation.
    """
    if (seen := find(x.answer, "id")) != conversation_of(x):
        yield differs("id", seen, f"{show(conversation_of(x), 80)}, the conversation")


def _after_deletion(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A request to delete a conversation, or an item of it, that was obeyed, with the next that asks for that."""
    for _, later in stories(exchanges):
        deleted: dict[object, Exchange] = {}
        for x in later:
            what = item_of(x)
            if x.method == "DELETE" and x.ok:
                deleted[what] = x
            elif x.method == "GET" and x.route in ("conversation", "conversation-item") and what in deleted:
                yield deleted[what], x


@check("conversation.gone", MUST, together=Relation("what was deleted and then asked for", _after_deletion), when=route(
           "conversation", "conversation-item"), source=(GONE, DELETE_ITEM), covers=("CONV-003", "CONV-006"),
       breaks=("conversation-deletes-nothing", "conversation-item-stays"))  # fmt: skip
def what_was_deleted_is_gone(deleted: Exchange, x: Exchange) -> Problems:
    """A conversation, or an item, that was deleted is answered 404.

    Who deletes what a user said has promised that it is gone.
    """
    if x.ok:
        yield differs(f"status of GET after {deleted.id}", x.status, "404")
