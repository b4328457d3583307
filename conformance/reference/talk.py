"""Responses over a WebSocket, as data: what each message asks, and how an answer is spoken there. No sockets.

A message is a request for a response like any other, streamed; a refusal is an event, and the connection stays.
"""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Headers, Json, Line, Reply, compact

PATH = "/responses"
ASKS = "response.create"
OWN = ("type", "stream_id")
"""What a message has beside the parameters of a response."""


def greeting(path: str) -> Reply:
    """What the handshake is answered, by who has a key. Raises Refusal."""
    if path != PATH:
        raise Refusal(404, f"Invalid URL (GET /v1{path})")
    return Reply(101, ())


def call_of(message: bytes, json: Json | None, path: str, headers: Headers, line: Line) -> Call:
    """The request that a message is: for a response, as a stream."""
    if json is not None and json.get("type") == ASKS:
        json = {name: value for name, value in json.items() if name not in OWN} | {"stream": True}
    return Call("POST", path, headers, message, json, line)


def check_message(call: Call) -> None:
    """Raises Refusal for a message that asks for no response."""
    kind = (call.json or {}).get("type")
    if call.json is not None and "type" in call.json:
        raise Refusal(
            400,
            f"Invalid value: {str(kind)[:80]!r}. Supported values are: {ASKS!r}.",
            param="type",
            code="invalid_value",
        )
    if (call.json or {}).get("background"):
        raise Refusal(400, "Responses in the background are not supported over a WebSocket.", param="background")


def spoken(reply: Reply) -> Reply:
    """The reply as messages: those of a stream, or one that is a refusal."""
    if reply.chunks is not None or not isinstance(reply.body, dict) or "error" not in reply.body:
        return reply
    event = {"type": "error", "status": reply.status, "error": reply.body["error"]}
    return replace(reply, body=None, chunks=(event,), done=False)


def messages(reply: Reply) -> tuple[str, ...]:
    """The messages of a reply as they are sent, each in a frame of text."""
    if isinstance(reply.body, tuple):
        return tuple(piece.decode("utf-8", "replace") for piece in reply.body)
    return tuple(compact(chunk).decode("utf-8", "replace") for chunk in reply.chunks or ())
