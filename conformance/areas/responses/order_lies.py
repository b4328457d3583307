"""Lies about the events of a stream one by one: names, types, numbers, and how it begins."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import says, sends
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting_responses import drop, each_event, in_stream, is_told

Pieces = tuple[bytes, ...]


@says("response-stream-as-json")
def _(call: Call, reply: Reply) -> Reply:
    """The stream of a response is said to be JSON lines."""
    return reply.with_headers(content_type="application/x-ndjson") if is_told(reply) else reply


@says("response-event-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """Events have no names."""
    return replace(reply, named=False) if is_told(reply) else reply


@sends("response-delta-unnamed")
def _(call: Call, pieces: Pieces) -> Pieces:
    """Deltas have no names."""
    return tuple(b"data: " + piece.partition(b"\ndata: ")[2] if piece.startswith(b"event: ") and b".delta\n" in piece else piece
                 for piece in pieces)  # fmt: skip


@sends("response-event-misnamed")
def _(call: Call, pieces: Pieces) -> Pieces:
    """Every event is named "message"."""
    return tuple(b"event: message\ndata: " + piece.partition(b"\ndata: ")[2] if piece.startswith(b"event: response.") else piece
                 for piece in pieces)  # fmt: skip


@sends("response-event-untyped")
def _(call: Call, pieces: Pieces) -> Pieces:
    """Deltas of a text have their type in their name alone."""
    return tuple(piece.replace(b'"type":"response.output_text.annotation.added",', b"") for piece in pieces)


def _odd(events: list[Json]) -> list[Json]:
    return [*events[:2], {"type": "response.warming_up"}, *events[2:]]


in_stream("response-event-unknown", "An event has a type of the server's own, without a prefix.", _odd)


def numbers(change):
    """The numbers of all events, changed."""
    return lambda events: [{**event, "sequence_number": change(n, event)} for n, event in enumerate(events)]


KNOWN = {
    "responses-no-sequence-number": "https://github.com/onyx-dot-app/onyx/pull/13624",
    "responses-sequence-not-monotonic": "https://github.com/BerriAI/litellm/pull/28899",
}


def _told(name: str, words: str, change, bug: str) -> None:
    in_stream(name, words, change, numbered=False, bugs=bug, link=KNOWN[bug])


_told(
    "response-sequence-absent",
    "Events are not numbered.",
    numbers(lambda n, event: ...),
    "responses-no-sequence-number",
)
_told("response-sequence-some", "Only the events of the response are numbered.",
      numbers(lambda n, event: n if "response" in event else ...), "responses-no-sequence-number")  # fmt: skip
in_stream("response-sequence-text", "Numbers of events are texts.", numbers(lambda n, event: str(n)), numbered=False)
_told("response-sequence-restarts", "What is done has the number 0.",
      numbers(lambda n, event: 0 if event["type"].endswith(".done") else n), "responses-sequence-not-monotonic")  # fmt: skip
in_stream("response-sequence-skips", "Numbers go up by two.", numbers(lambda n, event: 2 * n), numbered=False)
in_stream("response-sequence-constant", "Every event has the number 0.", numbers(lambda n, event: 0), numbered=False)
in_stream("response-sequence-from-nine", "Numbers begin at 9.", numbers(lambda n, event: n + 9), numbered=False)
in_stream("response-not-created", "A stream begins in progress.", drop("response.created"))
in_stream(
    "response-created-late",
    "A stream is created after it is in progress.",
    lambda events: [events[1], events[0], *events[2:]],
)
in_stream("response-created-completed", "A response is created completed.",
          each_event(lambda event: {**event, "response": {**event["response"], "status": "completed"}}, "response.created"))  # fmt: skip
in_stream("response-created-full", "A response is created with its usage.",
          lambda events: [{**event, "response": {**event["response"], "usage": events[-1]["response"].get("usage")}}
                          if event["type"] == "response.created" else event for event in events])  # fmt: skip
in_stream("response-created-written", "A response is created with its output.",
          lambda events: [{**event, "response": {**event["response"], "output": events[-1]["response"]["output"]}}
                          if event["type"] == "response.created" else event for event in events])  # fmt: skip


def _bare(*names: str):
    """The response of the events that begin it, with these members alone."""
    return lambda event: {**event, "response": {name: event["response"][name] for name in names}}


in_stream("response-begins-bare", "A response begins with its id and status alone.",
          each_event(_bare("id", "object", "status"), "response.created", "response.in_progress"),
          link="https://github.com/ggml-org/llama.cpp/pull/21174")  # fmt: skip
in_stream("response-progress-bare", "A response in progress has no output.",
          each_event(_bare("id", "object", "status", "created_at", "model"), "response.in_progress"),
          link="https://github.com/diegosouzapw/OmniRoute/issues/13964")  # fmt: skip
in_stream("response-no-progress", "A stream is never said to be in progress.", drop("response.in_progress"))
