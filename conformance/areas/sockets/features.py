"""Whether Responses can be had over a WebSocket."""

from __future__ import annotations

from conformance.areas.sockets.conditions import over_socket
from conformance.exchange import Exchange
from conformance.judge.conditions import intent
from conformance.judge.features import HONOURED, Finding, feature, wrong
from conformance.judge.mistakes import mistaken


@feature("responses_websocket", words="WebSocket mode of /responses", when=over_socket & ~mistaken & ~intent("two"),
         names=("websocket", "upgrade"), probes="socket.hello", route=True)  # fmt: skip
def _(x: Exchange) -> Finding:
    """The handshake is accepted, and a turn is answered by events."""
    kinds = [value.get("type") for _, value in x.messages if isinstance(value, dict)]
    return HONOURED if "response.created" in kinds else wrong("no response.created came")
