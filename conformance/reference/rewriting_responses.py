"""Tools for telling lies about Responses: rewriting a response, its items, or the events of its stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.response_stages import remade
from conformance.reference.rewriting import turn_down, without

Change = Callable[[Json], Json]
Events = Callable[[list[Json]], Iterable[Json]]


def is_plain(reply: Reply) -> bool:
    """A response in one piece."""
    return isinstance(reply.body, dict) and reply.body.get("object") == "response"


def is_told(reply: Reply) -> bool:
    """The stream of a response."""
    return bool(reply.chunks) and reply.named and reply.chunks[0].get("type") == "response.created"


def streamed(reply: Reply, change: Events, *, numbered: bool = True) -> Reply:
    """Change the events of a stream, which are numbered anew; other replies stay."""
    if not is_told(reply):
        return reply
    chunks = [without(chunk) for chunk in change(list(reply.chunks))]
    return replace(
        reply, chunks=tuple({**chunk, "sequence_number": n} if numbered else chunk for n, chunk in enumerate(chunks))
    )


def _lie(name: str, words: str, tell: Callable[[Call, Reply], Reply], more: dict[str, Any]) -> None:
    def lie(call: Call, reply: Reply) -> Reply:
        made = call.method == "POST" and call.path.endswith("/responses")
        return tell(call, reply) if made else reply

    lie.__doc__ = words
    says(name, **more)(lie)


def in_plain(name: str, words: str, change: Change, **more: Any) -> None:
    """Declare a lie about responses in one piece."""
    _lie(
        name,
        words,
        lambda _, reply: replace(reply, body=without(change(reply.body))) if is_plain(reply) else reply,
        more,
    )


def in_both(name: str, words: str, change: Change, **more: Any) -> None:
    """Declare a lie about responses, plain and streamed: all events are made of what it makes of the response."""
    _lie(name, words, lambda _, reply: remade(reply, lambda response: without(change(response))), more)


def in_stream(name: str, words: str, change: Events, *, numbered: bool = True, **more: Any) -> None:
    """Declare a lie about the events of a stream."""
    _lie(name, words, lambda _, reply: streamed(reply, change, numbered=numbered), more)


def refusing(name: str, words: str, test: Callable[[Json], object], message: str, **more: Any) -> None:
    """Declare a lie that turns down requests with such an input, though nothing is wrong with it."""

    def refuse(call: Call, reply: Reply) -> Reply:
        mine = call.path.endswith("/responses") and reply.status < 400
        return turn_down(reply, message, "input") if mine and test(call.json) else reply

    _lie(name, words, refuse, more)


def letting(name: str, words: str, change: Callable[[Json], Json], **more: Any) -> None:
    """Declare a lie that reads another request than was sent."""

    def let(call: Call) -> Call:
        return call.asking(**change(call.json)) if call.path.endswith("/responses") and call.json else call

    let.__doc__ = words
    lets(name, **more)(let)


def each_item(change: Change, *kinds: str) -> Change:
    """Changes every item of these types, or of all."""

    def of(response: Json) -> Json:
        output = [without(change(item)) if not kinds or item["type"] in kinds else item for item in response["output"]]
        return {**response, "output": output}

    return of


def each_part(change: Change, kind: str = "output_text") -> Change:
    """Changes every part of that type in the messages."""

    def of(item: Json) -> Json:
        return {
            **item,
            "content": [without(change(part)) if part["type"] == kind else part for part in item["content"]],
        }

    return each_item(of, "message")


def each_event(change: Change, *kinds: str) -> Events:
    """Changes every event of these types."""
    return lambda events: [change(event) if event["type"] in kinds else event for event in events]


def drop(*kinds: str) -> Events:
    """Leaves out the events of these types."""
    return lambda events: [event for event in events if event["type"] not in kinds]


def in_final(change: Change) -> Events:
    """Changes the response of the last event."""
    return lambda events: [
        {**event, "response": without(change(event["response"]))}
        if event is events[-1] and "response" in event
        else event
        for event in events
    ]
