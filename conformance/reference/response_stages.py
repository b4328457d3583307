"""Situations of Responses that the reference server brings about when a probe asks for them: a refusal, a filter, a failure, and
what its script never does by itself: thinking aloud, and searching the web. staging.py has those of chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.replies import Json, Reply
from conformance.reference.response import started
from conformance.reference.response_events import events

_REFUSAL = "I'm sorry, but I can't help with that."
_URL = "https://example.com/"


def remade(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """The reply with another response, plain or as the stream that it makes; what is no response stays."""
    if reply.chunks and reply.named:
        final = reply.chunks[-1].get("response")
        hidden = any("obfuscation" in chunk for chunk in reply.chunks)
        return replace(reply, chunks=events(change(final), obfuscated=hidden)) if final else reply
    told = isinstance(reply.body, dict) and reply.body.get("object") == "response"
    return replace(reply, body=change(reply.body)) if told else reply


def _in_message(response: Json, part: Json, **changes: Any) -> Json:
    message = {**response["output"][-1], "content": [part], **changes}
    return {**response, "output": [*response["output"][:-1], message]}


def _refused(reply: Reply) -> Reply:
    return remade(reply, lambda response: _in_message(response, {"type": "refusal", "refusal": _REFUSAL}))


def _filtered(reply: Reply) -> Reply:
    def cut(response: Json) -> Json:
        part = response["output"][-1]["content"][0]
        short = _in_message(response, {**part, "text": part["text"][:5]}, status="incomplete")
        return {
            **short,
            "status": "incomplete",
            "completed_at": None,
            "incomplete_details": {"reason": "content_filter"},
        }

    return remade(reply, cut)


def _failed(reply: Reply) -> Reply:
    """A generation that breaks down behind its first words."""
    error = {"code": "server_error", "message": "The model failed to generate a response."}
    if reply.chunks is None:
        return remade(reply, lambda response: {**started(response, "failed"), "error": error})
    begun = reply.chunks[:6]
    failed = {**begun[0]["response"], "status": "failed", "error": error}
    told = {"type": "error", **error, "param": None, "sequence_number": len(begun)}
    end = {"type": "response.failed", "response": failed, "sequence_number": len(begun) + 1}
    return replace(reply, chunks=(*begun, told, end))


def _thinking(reply: Reply) -> Reply:
    """A model that shows its reasoning as it is, as open ones do."""

    def think(response: Json) -> Json:
        thought = {"type": "reasoning_text", "text": "The user says hello."}
        item = {"id": f"rs_{response['id'][5:]}", "type": "reasoning", "content": [thought], "summary": []}
        return {**response, "output": [item, *response["output"]]}

    return remade(reply, think)


def _searching(reply: Reply) -> Reply:
    """A search of the web before the answer, which cites what was found."""

    def search(response: Json) -> Json:
        call = {"id": f"ws_{response['id'][5:]}", "type": "web_search_call", "status": "completed",
                "action": {"type": "search", "query": "hello"}}  # fmt: skip
        cited = {"type": "url_citation", "start_index": 0, "end_index": 5, "url": _URL, "title": "Example"}
        part = {**response["output"][-1]["content"][0], "annotations": [cited]}
        return _in_message({**response, "output": [call, *response["output"]]}, part)

    return remade(reply, search)


def _too_old(reply: Reply) -> Reply:
    """What a turn is answered over a WebSocket that has been open for an hour."""
    message = (
        "Responses websocket connection limit reached (60 minutes). Create a new websocket connection to continue."
    )
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": None,
        "code": "websocket_connection_limit_reached",
    }
    return Reply(400, (), {"error": error})


RESPONSE_STAGES: dict[str, Callable[[Reply], Reply]] = {
    "response-refused": _refused,
    "response-filtered": _filtered,
    "response-failed": _failed,
    "response-thought": _thinking,
    "response-search": _searching,
    "socket-too-old": _too_old,
}
