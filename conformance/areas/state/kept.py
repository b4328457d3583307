"""STATE: a response that is kept is there under its id, as it was made, until it is deleted; one that is not to be kept is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.areas.citations import oas
from conformance.areas.state.conditions import (
    after_deletion,
    declined,
    deleting,
    fetched_again,
    fetching,
    finished,
    made,
    named_in,
)
from conformance.exchange import ABSENT, Exchange, find
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import ok, streaming
from conformance.judge.final_response import final_response, written
from conformance.wire.jsontext import show

GET_RESPONSE = oas("GET /responses/{response_id}", 18595)
DELETE_RESPONSE = oas("DELETE /responses/{response_id}", 18744)
STORE = oas("CreateResponse.store", 36348)
KEPT_STATE = "https://developers.openai.com/api/docs/guides/conversation-state"


@response("that is told from a server too busy to look")
def told(x: Exchange) -> bool:
    """There, or not there: no other status says which."""
    return x.ok or x.status in (404, 405, 501)


@response("that says it was stored")
def says_stored(x: Exchange) -> bool:
    return find(final_response(x), "store") is True


asked_for = fetching & told & ~streaming


# MAY: who stores nothing may do so, and the table of features says it.
@check("state.kept", MAY, together=fetched_again, when=(made & finished & ~declined) | asked_for, source=(STORE, GET_RESPONSE),
       breaks=("state-forgets", "state-nothing-kept"), covers="RESP-019")  # fmt: skip
def response_is_kept(made: Exchange, fetched: Exchange) -> Problems:
    """A response can be fetched by its id, unless storing it was declined.

    Dashboards and evaluations fetch what was answered, and who lost the connection fetches what was missed.
    """
    if not fetched.ok:
        yield differs(
            f"status of GET by the id of {made.id}", fetched.status, "200, as `store` is true unless it is declined"
        )


@check("state.kept-as-said", SHOULD, together=fetched_again, source=(GET_RESPONSE, KEPT_STATE), breaks="state-forgets",
       when=(made & finished & ~declined & says_stored) | asked_for, covers="RESP-019")  # fmt: skip
def what_is_said_to_be_stored_is_stored(made: Exchange, fetched: Exchange) -> Problems:
    """A response that says `store: true` can be fetched by its id.

    Who relies on it sends no history, and loses the conversation with the next request.
    """
    if not fetched.ok:
        yield differs(f"status of GET by the id of {made.id}, which says store: true,", fetched.status, "200")


@check(
    "state.not-kept",
    MUST,
    together=fetched_again,
    when=(made & finished & declined) | asked_for,
    source=(STORE, KEPT_STATE),
    breaks="state-keeps-all",
    covers="RESP-057",
)
def response_is_not_kept_where_declined(made: Exchange, fetched: Exchange) -> Problems:
    """A response that was made with `store: false` cannot be fetched.

    Users decline storage for what must not be stored, and are told that it is not.
    """
    if fetched.ok:
        yield differs(f"status of GET by the id of {made.id}, which declined to be stored,", fetched.status, "404")


def _essence(response: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a client takes from a response, by name: what is said again may lack what `include` adds."""
    for name in ("id", "object", "created_at", "status", "model"):
        yield name, find(response, name)
    output = find(response, "output")
    for n, item in enumerate(output if isinstance(output, list) else ()):
        for name in ("id", "type", "call_id", "name", "arguments"):
            yield f"output.{n}.{name}", find(item, name)
    yield "the text", written(response) if isinstance(output, list) else ABSENT
    for name in ("input_tokens", "output_tokens", "total_tokens"):
        yield f"usage.{name}", find(response, f"usage.{name}")


@check("state.same", MUST, together=fetched_again, when=(made & finished) | (fetching & ok & ~streaming), source=GET_RESPONSE,
       breaks=("state-other-text", "state-wrapped", "state-new-id", "state-background-waits", "usage-responses-total"),
       covers="RESP-019")  # fmt: skip
def kept_response_is_what_was_made(made: Exchange, fetched: Exchange) -> Problems:
    """GET /responses/{id} answers with the response as it was made: the same id, status, items, text and usage.

    Who lost the connection takes it for the answer; what agents were told before hangs on its items.
    """
    again = dict(_essence(fetched.answer))
    for name, value in _essence(final_response(made)):
        if value is not ABSENT and again.get(name, ABSENT) != value:
            yield differs(
                f"{name} of the response fetched", again.get(name, ABSENT), f"{show(value, 80)}, as in {made.id}"
            )
            return


@check(
    "state.deleted",
    SHOULD,
    when=deleting & ok,
    source=DELETE_RESPONSE,
    breaks=("state-deletes-silently", "state-deletes-nothing", "files-deleted-bare", "files-deleted-empty"),
    covers="RESP-020",
)
def deletion_says_what_is_deleted(x: Exchange) -> Problems:
    """DELETE /responses/{id} answers with the id and `deleted: true`.

    Typed clients read both, and tell their users that nothing was deleted. `object` differs between OpenAI's document and its answers.
    """
    if find(x.answer, "deleted") is not True:
        yield differs("deleted", find(x.answer, "deleted"), "true")
    if find(x.answer, "id") != named_in(x):
        yield differs("id", find(x.answer, "id"), f"{show(named_in(x), 80)}, which was to be deleted")


@check("state.gone", MUST, together=after_deletion, when=(deleting & ok) | asked_for, source=DELETE_RESPONSE,
       breaks="state-deletes-nothing", covers="RESP-020")  # fmt: skip
def deleted_response_is_gone(deleted: Exchange, fetched: Exchange) -> Problems:
    """A response that was deleted is answered 404.

    Who deletes what a user said has promised that it is gone.
    """
    if fetched.ok:
        yield differs("status of GET after it was deleted", fetched.status, "404")
