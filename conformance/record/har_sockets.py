"""The turns over a WebSocket in an entry of a HAR file: what was sent, and what came up to the turn's end, is one call each.

Chromium keeps the messages of a connection in `_webSocketMessages`, in their order: `type` is "send" or "receive", `data` the text,
or base64 where `opcode` is 2, and `time` the Unix time in seconds. That a connection was closed is not kept, so a turn without an
end may be one that was going on when the recording was saved: it is left out.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.record.entries import Entry, LeftOut
from conformance.wire.turns import Turn

MESSAGES = "_webSocketMessages"
_BINARY = 2


def calls(value: dict[str, Any], handshake: Entry) -> Iterator[Entry | LeftOut]:
    """Every turn of a connection that began with this handshake. Raises what a misshapen value makes Python raise."""
    turn: Turn | None = None
    received: list[bytes] = []
    started = handshake.started
    for message in value[MESSAGES]:
        data = _data(message)
        if message["type"] == "send":
            if turn and turn.over:
                yield _entry(turn, received, started, handshake)
                turn = None
            if turn is None:
                turn, received, started = Turn(), [], float(message.get("time") or 0) or handshake.started
            turn.send(data)
        elif turn and message["type"] == "receive":
            received.append(turn.receive(data))
    if turn and turn.over:
        yield _entry(turn, received, started, handshake)
    elif turn:
        yield LeftOut("a turn over a WebSocket without its end", fault=False)


def _data(message: dict[str, Any]) -> str | bytes:
    data = message["data"]
    if not isinstance(data, str):
        raise TypeError("the data of a message is no text")
    return base64.b64decode(data) if message.get("opcode") == _BINARY else data


def _entry(turn: Turn, received: list[bytes], started: float | None, handshake: Entry) -> Entry:
    url = handshake.url
    return replace(
        handshake,
        method="GET",
        url=f"ws{url[4:]}" if url[:4].lower() == "http" else url,
        request_body=turn.asked,
        status=handshake.status or 101,
        body=b"".join(received),
        started=started,
    )
