"""Tools for telling lies: rewriting the parts of a reply that a lie is about. Declares none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.replies import Call, Json, Reply, compact, event


def is_chat(reply: Reply) -> bool:
    """A plain chat completion."""
    return isinstance(reply.body, dict) and reply.body.get("object") == "chat.completion"


def is_stream(reply: Reply) -> bool:
    """A stream of chat. The events of other endpoints have a type, and the chunks of legacy completions another `object`."""
    return reply.chunks is not None and not (reply.chunks and _of_others(reply.chunks[0]))


def _of_others(chunk: Json) -> bool:
    return "type" in chunk or chunk.get("object") == "text_completion"


def is_of_others(pieces: tuple[bytes, ...]) -> bool:
    """The pieces of a stream that is not of chat."""
    head = pieces[0][:300] if pieces else b""
    return b'data: {"type"' in head or b'"object":"text_completion"' in head


def is_error(reply: Reply) -> bool:
    return reply.status >= 400


def body(reply: Reply, **changes: Any) -> Reply:
    """The reply with top-level members of its JSON body changed; `...` removes one."""
    return replace(reply, body=without({**reply.body, **changes}))


def without(value: Json) -> Json:
    """The object without the members that are `...`."""
    return {key: item for key, item in value.items() if item is not ...}


def chat_body(reply: Reply, **changes: Any) -> Reply:
    """Change members of a plain chat completion; other replies stay."""
    return body(reply, **changes) if is_chat(reply) else reply


def each_choice(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every choice of a plain chat completion; other replies stay."""
    if not is_chat(reply):
        return reply
    return body(reply, choices=[without(change(choice)) for choice in reply.body["choices"]])


def each_message(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every message of a plain chat completion; other replies stay."""
    return each_choice(reply, lambda choice: {**choice, "message": without(change(choice["message"]))})


def each_chunk(reply: Reply, change: Callable[[int, Json], Json]) -> Reply:
    """Change every chunk of a stream, given its position; other replies stay."""
    if reply.chunks is None:
        return reply
    return replace(reply, chunks=tuple(without(change(n, chunk)) for n, chunk in enumerate(reply.chunks)))


def each_part(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every element of `choices` in every chunk of a stream; other replies stay."""
    return each_chunk(
        reply,
        lambda _, chunk: (
            {**chunk, "choices": [without(change(part)) for part in chunk["choices"]]} if "choices" in chunk else chunk
        ),
    )


def each_delta(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every delta of a stream; other replies stay."""
    return each_part(reply, lambda part: {**part, "delta": without(change(part["delta"]))})


def error(reply: Reply, **changes: Any) -> Reply:
    """Change members of the `error` object of an error answer; other replies stay."""
    if not is_error(reply):
        return reply
    return body(reply, error=without({**reply.body["error"], **changes}))


def data(piece: bytes) -> Any:
    """The JSON value of a piece `data: {...}`, be it named or not; None for a comment or [DONE]."""
    text = piece.rpartition(b"\ndata: ")[2].removeprefix(b"data: ").strip()
    return json.loads(text) if text.startswith(b"{") else None


def resend(value: Any) -> bytes:
    """A value as an event."""
    return event(compact(value))


# ---------------------------------------------------------------------- what a call asks for, and other answers to it


def messages(call: Call) -> list[Json]:
    """The messages of a chat request; none where they are no list."""
    found = (call.json or {}).get("messages") if call.path.endswith("/chat/completions") else None
    return found if isinstance(found, list) else []


def position(call: Call, test: Callable[[Json], object]) -> int | None:
    """Where the first such message stands, None where there is none."""
    return next((n for n, each in enumerate(messages(call)) if isinstance(each, dict) and test(each)), None)


def turn_down(reply: Reply, message: str, param: str | None = None, code: str | None = None) -> Reply:
    """The reply as a refusal."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    refusal = replace(reply, status=400, body={"error": error}, chunks=None)
    return refusal.with_headers(content_type="application/json", cache_control=None)


def last_text(call: Call) -> str:
    """The content of the last message of a request, as JSON."""
    messages = (call.json or {}).get("messages")
    return json.dumps(messages[-1].get("content")) if isinstance(messages, list) and messages else ""


def asked(call: Call) -> dict[str, Any]:
    """The parameters of a chat request; none of any other."""
    return (call.json or {}) if call.path.endswith("/chat/completions") else {}


def crash(reply: Reply) -> Reply:
    """The reply as a failure of the server."""
    error = {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}
    failed = replace(reply, status=500, body={"error": error}, chunks=None)
    return failed.with_headers(content_type="application/json", cache_control=None)


def busy(call: Call) -> bool:
    """The staged stream of a model that thinks aloud: no plain answer belongs to it, so the lie contradicts nothing else."""
    return call.header("x-conformance-stage") == "busy-stream"


def form(call: Call) -> Json:
    """The response_format of a request; an empty object where it has none."""
    asked = (call.json or {}).get("response_format")
    return asked if isinstance(asked, dict) else {}


def schema(call: Call) -> Json:
    """The JSON Schema of a request; an empty one where it has none."""
    return form(call).get("json_schema", {}).get("schema", {})


def at_will(call: Call) -> bool:
    """A chat request that offers tools and leaves it to the model to call one."""
    return bool(call.json) and bool(call.json.get("tools")) and call.json.get("tool_choice") in (None, "auto")


def sent(call: Call, name: str) -> Any:
    return (call.json or {}).get(name)


def without_tools(call: Call, reply: Reply, message: str, param: str) -> Reply:
    """The reply as a refusal; what is one already stays."""
    return reply if is_error(reply) or not sent(call, "tools") else turn_down(reply, message, param)


def refuses(param: str) -> Callable[[Call, Reply], Reply]:
    """A lie that turns a parameter down, though nothing is wrong with it."""

    def refuse(call: Call, reply: Reply) -> Reply:
        served = asked(call).get(param) and reply.status < 400
        return turn_down(reply, f"'{param}' is not supported by this server.", param) if served else reply

    refuse.__doc__ = f"{param} is turned down."
    return refuse


def is_orphan(reply: Reply) -> bool:
    """The refusal of a tool message that answers no call: it has a param, no code, and no check of its code."""
    return is_error(reply) and reply.body["error"]["param"] == "messages.[0].role"


def unknown_url(reply: Reply) -> bool:
    return is_error(reply) and reply.body["error"]["message"].startswith("Invalid URL")
