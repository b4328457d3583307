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
from conformance.wire import turns

MESSAGES = "_webSocketMessages"
_BINARY = 2


def calls(value: dict[str, Any], handshake: Entry) -> Iterator[Entry | LeftOut]:
    """Every turn of a connection that began with this handshake. Raises what a misshapen value makes Python raise."""
    turn: _Turn | None = None
    for message in value[MESSAGES]:
        data = _data(message)
        if message["type"] == "send":
            if turn and turn.over:
                yield turn.entry(handshake)
                turn = None
            turn = turn or _Turn(float(message.get("time") or 0) or handshake.started)
            turn.send(data)
        elif turn and message["type"] == "receive":
            turn.receive(data)
    if turn:
        yield turn.entry(handshake) if turn.over else LeftOut("a turn over a WebSocket without its end", fault=False)


def _data(message: dict[str, Any]) -> str | bytes:
    data = message["data"]
    if not isinstance(data, str):
        raise TypeError("the data of a message is no text")
    return base64.b64decode(data) if message.get("opcode") == _BINARY else data


class _Turn:
    """What was sent since the end of the last turn, and what came."""

    def __init__(self, started: float | None) -> None:
        self._started = started
        self._reading = turns.Reading(0)
        self._sent: list[str] = []
        self._received: list[bytes] = []

    @property
    def over(self) -> bool:
        return self._reading.over or self._reading.failing

    def send(self, data: str | bytes) -> None:
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        self._sent.append(" ".join(text.splitlines()))
        self._reading.ask()

    def receive(self, data: str | bytes) -> None:
        self._received.append(turns.message(data))
        self._reading.take(data)

    def entry(self, handshake: Entry) -> Entry:
        url = handshake.url
        return replace(
            handshake,
            method="GET",
            url=f"ws{url[4:]}" if url[:4].lower() == "http" else url,
            request_body="\n".join(self._sent).encode("utf-8", "surrogatepass"),
            status=handshake.status or 101,
            body=b"".join(self._received),
            started=self._started,
        )
