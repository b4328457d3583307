"""What the honest reference answers by the route of Responses."""

from __future__ import annotations

import itertools

from conformance.areas.parameter_table import schemas
from conformance.reference.bounds import check_bounds
from conformance.reference.kept_responses import KeptResponses
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.respond import Server
from conformance.reference.response import NewId, respond, unspoken
from conformance.reference.response_events import events
from conformance.reference.response_items import items
from conformance.reference.response_rules import check_conversation, check_model, check_response
from conformance.reference.routes import route
from conformance.reference.rules import check_json
from conformance.reference.staging import STAGE_HEADER, stage

UNDOCUMENTED = {"client_metadata": {"type": "object"}}
"""Parameters that OpenAI takes though it documents none: @openai/codex 0.171.0 sends this one with every request."""

OF_MESSAGES = {"generate": {"type": "boolean"}}
"""What a message over a WebSocket may have as well (https://developers.openai.com/api/docs/guides/websocket-mode)."""


@route("POST", r"/responses")
def response(server: Server, call: Call) -> Reply:
    """A response, plain or streamed, which is kept unless that is declined."""
    asked = read(server, call)
    body = answer(server, asked, call.line.memory)
    if asked.get("background") and not asked.get("stream"):
        body = server.responses[body["id"]].shown
    return stage(call.header(STAGE_HEADER), told(asked, body))


def read(server: Server, call: Call) -> Json:
    """The body of a request for a response. Raises Refusal."""
    asked = check_json(call)
    check_model(asked, server.model)
    known = {**UNDOCUMENTED, **schemas("responses"), **(OF_MESSAGES if call.socket else {})}
    check_bounds(asked, known)
    check_response(asked, known)
    return asked


def answer(server: Server, asked: Json, memory: KeptResponses | None = None) -> Json:
    """The finished response to a request that was read; it is kept, or, where that is declined, remembered by the WebSocket that it
    came over. Raises Refusal."""
    now, previous = server.now(), asked.get("previous_response_id")
    own = memory is not None and memory.find(previous, now) is not None
    conversation = server.conversations.asked(asked)
    before = list(conversation.items) if conversation else (memory if own else server.responses).before(previous, now)
    given = items(asked.get("input") or [])
    meant = [server.responses.item(item["id"], now) if item["type"] == "item_reference" else item for item in given]
    check_conversation([*before, *meant])
    body = respond(asked, [*before, *meant], ids(server), int(now), f"{server.model}-2026-01-01")
    if asked.get("generate") is False:
        body = unspoken(body)
    if conversation:
        body["conversation"] = {"id": conversation.id}
        conversation.add([*given, *body["output"]])
    if asked.get("store") is not False:
        kept = server.responses.keep(body, given, before, now)
        if conversation:
            conversation.last = kept
    elif memory is not None:
        memory.keep(body, given, before, now)
    return body


def told(asked: Json, body: Json) -> Reply:
    """A finished response as the request wants it: in one piece, or event by event."""
    if not asked.get("stream"):
        return Reply(200, (), body)
    obfuscated = (asked.get("stream_options") or {}).get("include_obfuscation", True)
    return Reply(200, (), chunks=events(body, obfuscated=obfuscated), done=False, named=True)


def ids(server: Server) -> NewId:
    """Makes the ids of one answer."""
    count = itertools.count()
    return lambda prefix: f"{prefix}{server.hash(f'{prefix}{next(count)}', 50)}"
