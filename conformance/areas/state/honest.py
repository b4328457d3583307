"""What the honest reference answers about the responses that it keeps, and about a conversation that is counted or compacted."""

from __future__ import annotations

import base64
import itertools
import json
from urllib.parse import parse_qsl

from conformance.reference import tokens
from conformance.reference.item_lists import listed, page
from conformance.reference.kept_responses import Kept
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.respond import Server
from conformance.reference.response_events import events
from conformance.reference.response_items import chat_form, items
from conformance.reference.response_rules import SEAL, check_model
from conformance.reference.routes import route
from conformance.reference.rules import check_json, prompt_tokens


@route("POST", r"/responses/input_tokens")
def counted(server: Server, call: Call) -> Reply:
    """How many tokens the same request would read."""
    asked, context = _read(server, call)
    return Reply(200, (), {"object": "response.input_tokens", "input_tokens": prompt_tokens(chat_form(asked, context))})


@route("POST", r"/responses/compact")
def compacted(server: Server, call: Call) -> Reply:
    """The conversation as its user's messages, and all the rest in one item that only this server reads."""
    asked, context = _read(server, call)
    said = [item for item in context if item["type"] == "message" and item["role"] == "user"]
    rest = json.dumps([item for item in context if item not in said]).encode()
    count = itertools.count()
    sealed = base64.urlsafe_b64encode(SEAL + rest).decode()
    output = [listed({"id": _id(server, "msg_", next(count)), "status": "completed", **item}) for item in said]
    output.append({"id": _id(server, "cmp_", next(count)), "type": "compaction", "encrypted_content": sealed})
    used, made = prompt_tokens(chat_form(asked, context)), tokens.count(sealed)
    usage = {
        "input_tokens": used,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
        "output_tokens": made,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": used + made,
    }
    id = _id(server, "resp_", next(count))
    body = {
        "id": id,
        "object": "response.compaction",
        "created_at": int(server.now()),
        "output": output,
        "usage": usage,
    }
    return Reply(200, (), body)


@route("GET", r"/responses/([^/]+)")
def fetched(server: Server, call: Call, id: str) -> Reply:
    """A response as far as it is, or the events of it that come after a number."""
    kept, asked = _kept(server, id), dict(parse_qsl(call.query))
    if asked.get("stream") != "true":
        return Reply(200, (), kept.look())
    after = int(asked.get("starting_after", -1))
    hidden = asked.get("include_obfuscation") != "false"
    chunks = tuple(event for event in events(kept.body, obfuscated=hidden) if event["sequence_number"] > after)
    return Reply(200, (), chunks=chunks, done=False, named=True)


@route("DELETE", r"/responses/([^/]+)")
def deleted(server: Server, call: Call, id: str) -> Reply:
    _kept(server, id)
    del server.responses[id]
    return Reply(200, (), {"id": id, "object": "response.deleted", "deleted": True})


@route("POST", r"/responses/([^/]+)/cancel")
def cancelled(server: Server, call: Call, id: str) -> Reply:
    return Reply(200, (), _kept(server, id).cancel())


@route("GET", r"/responses/([^/]+)/input_items")
def items_listed(server: Server, call: Call, id: str) -> Reply:
    """What the response was made of, a page of it."""
    kept = _kept(server, id)
    return Reply(200, (), page([*kept.before, *kept.input], call.query))


def _kept(server: Server, id: str) -> Kept:
    return server.responses.get_or_refuse(id, server.now())


def _id(server: Server, prefix: str, n: int) -> str:
    return f"{prefix}{server.hash(f'{prefix}{n}', 50)}"


def _read(server: Server, call: Call) -> tuple[Json, list[Json]]:
    """The body of a request about a conversation, and all items of that. Raises Refusal."""
    asked = check_json(call)
    check_model(asked, server.model)
    before = server.responses.before(asked.get("previous_response_id"), server.now())
    return asked, [*before, *items(asked.get("input") or [])]
