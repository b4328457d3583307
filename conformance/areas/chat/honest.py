"""What the honest reference answers to a chat completion, and to the request for a stored one."""

from __future__ import annotations

from conformance.areas.parameter_table import schemas
from conformance.reference import rules
from conformance.reference.bounds import check_bounds
from conformance.reference.chat import complete
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route
from conformance.reference.staging import STAGE_HEADER, stage

STORED = 200
"""Completions that are kept; the oldest goes first."""


@route("POST", r"/chat/completions")
def chat(server: Server, call: Call) -> Reply:
    asked = server.read(call)
    rules.check_chat(asked)
    check_bounds(asked, schemas("chat"))
    id = f"chatcmpl-{server.hash('chat', 29)}"
    completion = complete(asked, id, int(server.now()), f"{server.model}-2026-01-01")
    if asked.get("store"):
        server.stored[id] = completion.body()
        if len(server.stored) > STORED:
            del server.stored[next(iter(server.stored))]
    streamed = asked.get("stream")
    reply = Reply(200, (), chunks=completion.chunks()) if streamed else Reply(200, (), completion.body())
    return stage(call.header(STAGE_HEADER), reply)


@route("GET", r"/chat/completions/([^/]+)")
def stored(server: Server, call: Call, id: str) -> Reply:
    if id not in server.stored:
        raise Refusal(404, f"Chat completion with id '{id}' not found.")
    return Reply(200, (), server.stored[id])
