"""Lies about how a stream goes on and ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.lying_gateway import Passed, answers, edit_events
from conformance.reference.replies import Call, event

Json = dict[str, Any]
DONE = event(b"[DONE]")


@answers("done-lost")
def _(call: Call, passed: Passed) -> Passed:
    """data: [DONE] is left out."""
    return replace(passed, pieces=tuple(piece for piece in passed.pieces if piece != DONE))


@answers("comments-lost")
def _(call: Call, passed: Passed) -> Passed:
    """Comments are left out of streams."""
    if not passed.in_events:
        return passed
    return replace(passed, pieces=tuple(piece for piece in passed.pieces if not piece.startswith(b":")))


@answers("event-names-lost")
def _(call: Call, passed: Passed) -> Passed:
    """The names of events are left out."""
    return replace(
        passed,
        pieces=tuple(
            piece[piece.index(b"data: ") :] if piece.startswith(b"event:") else piece for piece in passed.pieces
        ),
    )


@answers("stream-error-swallowed")
def _(call: Call, passed: Passed) -> Passed:
    """An error in a stream is left out, and the stream ends there."""
    return edit_events(passed, lambda n, value: "error" not in value or value.get("error") is None)


@answers("stream-held")
def _(call: Call, passed: Passed) -> Passed:
    """A stream is handed on when it is whole."""
    return replace(passed, held=True) if passed.streams else passed


@answers("done-twice")
def _(call: Call, passed: Passed) -> Passed:
    """A [DONE] of the gateway's own follows that of the upstream."""
    return replace(passed, pieces=(*passed.pieces, DONE)) if passed.pieces[-1:] == (DONE,) else passed


@answers("events-named")
def _(call: Call, passed: Passed) -> Passed:
    """Events of a chat are named message."""
    if not passed.streams or b"chat.completion" not in passed.pieces[0]:
        return passed
    return replace(
        passed, pieces=tuple(b"event: message\n" + p if p.startswith(b"data: {") else p for p in passed.pieces)
    )


@answers("stream-error-reworded")
def _(call: Call, passed: Passed) -> Passed:
    """An error in a stream is one of the gateway's own."""
    return edit_events(
        passed, lambda n, value: value["error"].update(message="Upstream error") if "error" in value else None
    )


@answers("response-event-edited")
def _(call: Call, passed: Passed) -> Passed:
    """The usage of a streamed response is left out."""
    return edit_events(passed, lambda n, value: value.get("response", {}).pop("usage", None) and None)


@answers("response-event-extended")
def _(call: Call, passed: Passed) -> Passed:
    """Each event of a response has the model beside it."""
    return edit_events(passed, lambda n, value: value.update(model="gateway") if "sequence_number" in value else None)


@answers("stream-nulls-dropped")
def _(call: Call, passed: Passed) -> Passed:
    """A finish_reason that is null is left out."""

    def drop(n: int, chunk: Json) -> None:
        for part in chunk.get("choices", ()):
            if part.get("finish_reason", 0) is None:
                del part["finish_reason"]

    return edit_events(passed, drop)
