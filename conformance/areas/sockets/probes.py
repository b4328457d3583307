"""Turns over WebSockets: an agent's loop that is stored nowhere, refusals and what comes after them, two messages at once, reconnecting."""

from __future__ import annotations

import json
from contextlib import suppress

from conformance.areas.questions import HELLO, LIMIT, STAGE_HEADER, WEATHER
from conformance.exchange import Exchange, Unreadable, find
from conformance.exchange.probe import Body, Manner, Probe
from conformance.judge.final_response import final_response, response_id

DOOR = "socket.hello"
NOBODY = "resp_conformance_no_such_response"
QUESTION = "What is the weather in Paris right now? Use the tool."
RESULT = '{"city": "Paris", "temperature_celsius": 17, "sky": "violet fog"}'
TOOL = {"type": "function", **WEATHER["function"]}


def _create(given: object, **more: object) -> Body:
    return {
        "type": "response.create",
        "input": given,
        "store": False,
        "temperature": 0,
        "max_output_tokens": LIMIT,
        **more,
    }


def _after(earlier: Exchange | None) -> Body | None:
    """A turn that goes on from the earlier one."""
    id = response_id(earlier) if earlier is not None else None
    return id and _create(HELLO, previous_response_id=id)


def _bare(earlier: Exchange | None) -> Body | None:
    """A turn that has nothing to add to the earlier one."""
    id = response_id(earlier) if earlier is not None else None
    return id and _create([], previous_response_id=id)


def _result(earlier: Exchange | None) -> Body | None:
    """The results of the calls of the earlier turn, and nothing else."""
    output = None
    if earlier is not None and earlier.ok:
        with suppress(Unreadable):
            output = find(final_response(earlier), "output")
    calls = [item for item in output or () if find(item, "type") == "function_call"]
    results = [{"type": "function_call_output", "call_id": call.get("call_id"), "output": RESULT} for call in calls]
    return _create(results, previous_response_id=response_id(earlier), tools=[TOOL]) if results else None


def _probe(name: str, body: Body | bytes, *intents: str, **more: object) -> Probe:
    """A turn over a connection of its own."""
    return Probe(f"socket.{name}", body, "GET", "/responses", task="responses", socket=True, intent=frozenset({"optional", *intents}),
                 door=None if f"socket.{name}" == DOOR else DOOR, **more)  # fmt: skip


def _next(name: str, after: str, body: Body | bytes, *intents: str, **more: object) -> Probe:
    """A turn over the connection of the first, after that one."""
    return _probe(name, body, "over-kept", *intents, after=f"socket.{after}", manner=Manner(over=DOOR), **more)


def _two() -> bytes:
    lines = (json.dumps({"model": "{model}", **_create(f"{HELLO} {n}")}) for n in ("First.", "Second."))
    return "\n".join(lines).encode()


PROBES = (
    _probe("hello", _create(HELLO)),
    _next("continued", "hello", {}, build=_after),
    _next("unknown", "continued", _create(HELLO, previous_response_id=NOBODY), "mistake", "lost"),
    _next("after-error", "unknown", _create(HELLO)),
    _next("call", "after-error", _create([{"type": "message", "role": "user", "content": QUESTION}], tools=[TOOL]), "must-call"),
    _next("result", "call", {}, build=_result),
    _next("no-json", "result", b'{"type": "response.create", ', "mistake", "bad-message", depth="normal"),
    _next("no-type", "no-json", {"type": "response.make", "input": HELLO}, "mistake", "bad-message", depth="normal"),
    _next("after-mistakes", "no-type", _create(HELLO), depth="normal"),
    _probe("gone", {}, "mistake", "lost", after=DOOR, build=_after),
    _probe("two", _two(), "two", depth="normal"),
    _probe("prewarmed", _create(HELLO, generate=False), "prewarm", depth="normal"),
    _probe("warm", {}, "over-kept", after="socket.prewarmed", build=_bare, manner=Manner(over="socket.prewarmed"), depth="normal"),
    _probe("too-old", _create(HELLO), "mistake", "staged", headers=((STAGE_HEADER, "socket-too-old"),), stage="socket-too-old"),
    _probe("wrong-key", _create(HELLO), "mistake", "wrong-key", key="wrong", depth="normal"),
)  # fmt: skip
