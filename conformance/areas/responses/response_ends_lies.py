"""Lies about how a stream ends, and how it fails."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting_responses import Events, drop, each_event, in_final, in_stream, is_told

ENDS = ("response.completed", "response.incomplete", "response.failed")


def _failing(of: Events) -> Events:
    """Of streams that fail alone."""
    return lambda events: of(events) if events[-1]["type"] == "response.failed" else events


def _whole(of: Events) -> Events:
    return lambda events: events if events[-1]["type"] == "response.failed" else of(events)


def _again(events: list[Json]) -> list[Json]:
    return [*events, events[-1]]


in_stream("response-no-end", "A stream ends with its last item.", _whole(lambda events: events[:-1]))
in_stream("response-ends-as-done", 'The last event is called "response.done".',
          _whole(lambda events: [*events[:-1], {**events[-1], "type": "response.done"}]))  # fmt: skip
in_stream("response-ends-twice", "A stream says twice that it is complete.", _whole(_again))
in_stream(
    "response-more-after-end", "A progress event comes behind the end.", _whole(lambda events: [*events, events[1]])
)


@says("response-hangs")
def _(call: Call, reply: Reply) -> Reply:
    """The connection stays open behind the last event of a stream."""
    return (
        replace(reply, ending="hang") if is_told(reply) and reply.chunks[-1]["type"] == "response.completed" else reply
    )


in_stream("response-end-status", "The response in the last event is still in progress.",
          _whole(lambda events: in_final(lambda r: {**r, "status": "in_progress"})(events)))  # fmt: skip
in_stream("response-incomplete-as-completed", "A response that was cut short ends with response.completed.",
          each_event(lambda event: {**event, "type": "response.completed"}, "response.incomplete"))  # fmt: skip
in_stream(
    "response-id-changes",
    "The response has another id in the end.",
    in_final(lambda r: r if r["store"] else {**r, "id": f"{r['id'][:-1]}x"}),
)
in_stream("response-completed-without-id", "The final response has no id, as in its first events.",
          lambda events: [{**event, "response": {**event["response"], "id": f"resp_{n}"}} if "response" in event else event
                          for n, event in enumerate(events)])  # fmt: skip


def _nested(event: Json) -> Json:
    inner = {name: event[name] for name in ("code", "message", "param")}
    return {"type": "error", "error": {"type": "server_error", **inner}}


in_stream("response-error-nested", "An error event has its words within `error`.", each_event(_nested, "error"))
in_stream(
    "response-error-wordless",
    "An error event says nothing but that it is one.",
    each_event(lambda event: {"type": "error"}, "error"),
)


def _as_chat(events: list[Json]) -> list[Json]:
    error = {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}
    return [*(event for event in events if event["type"] not in ("error", "response.failed")), {"error": error}]


in_stream("response-failure-as-chat", "A failure is the envelope of chat, without a type.", _failing(_as_chat))
in_stream("response-failed-unsaid", "A stream that failed ends with its error.", _failing(drop("response.failed")))
