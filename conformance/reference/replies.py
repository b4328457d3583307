"""What reaches the reference server and what it says: plain data, no behaviour of the API."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Json = dict[str, Any]
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """How a request came: its body in `portions`, over a connection that answered `before` (None: nothing yet) and was silent for
    `idle` seconds since; `beside` are those that are being answered at the same time, and `left` whether a client has ever gone
    away in the middle of an answer. Over a WebSocket `memory` is what that connection keeps of its own. `padding` are bytes of the file
    in a form that were left out of the body. It may be a stream of `http2`."""

    portions: tuple[bytes, ...] = ()
    before: Reply | None = None
    idle: float = 0.0
    beside: tuple[Call, ...] = ()
    left: bool = False
    memory: Any = None
    padding: int = 0
    http2: bool = False


@dataclass(frozen=True)
class Call:
    """One request. `json` is the parsed body, None where the body is not a JSON object. `trusted` is served whatever key it has."""

    method: str
    path: str
    headers: Headers
    body: bytes
    json: Json | None
    line: Line = Line()
    query: str = ""
    trusted: bool = False

    def header(self, name: str) -> str:
        """The value of a header, by name in any case; "" where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def asking(self, **changes: Any) -> Call:
        """The same call with parameters of its body changed; None removes one."""
        body = {**(self.json or {}), **changes}
        return replace(
            self, json={key: value for key, value in body.items() if value is not None or key not in changes}
        )

    def with_headers(self, **changes: str | None) -> Call:
        """The same call with headers set (underscores for dashes), or removed by None."""
        return replace(self, headers=changed(self.headers, changes))

    @property
    def socket(self) -> bool:
        """It came over a WebSocket: a message of it, or, as GET, its handshake."""
        return self.line.memory is not None

    @property
    def streaming(self) -> bool:
        return bool(self.json) and self.json.get("stream") is True


@dataclass(frozen=True)
class Reply:
    """One answer: `body` for a plain one (an object is sent as JSON, a tuple portion by portion), or `chunks` for a stream.

    `ending` says how the connection ends: "clean", "cut" (closed before the body's end), "hang" (left open), "none" (closed without
    an answer) or "silent" (left open without one).
    `before` are lines sent as SSE comments ahead of the chunk of that position; `done` whether [DONE] is sent;
    `named` whether each event is named as its chunk's `type`. Over a WebSocket chunks, or the portions of a body, are messages,
    in `binary` frames or in those of text.
    """

    status: int
    headers: Headers
    body: Json | bytes | tuple[bytes, ...] | None = None
    chunks: tuple[Json, ...] | None = None
    before: dict[int, str] = field(default_factory=dict)
    done: bool = True
    named: bool = False
    binary: bool = False
    ending: Literal["clean", "cut", "hang", "none", "silent"] = "clean"

    def with_headers(self, **changes: str | None) -> Reply:
        """The same reply with headers set (underscores for dashes), or removed by None."""
        return replace(self, headers=changed(self.headers, changes))

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def in_portions(self) -> bool:
        """Sent as it is made, its length not known before."""
        return self.chunks is not None or isinstance(self.body, tuple)


def changed(headers: Iterable[tuple[str, str]], changes: dict[str, str | None]) -> Headers:
    """Headers with some set or, by None, removed; names are compared in any case, underscores stand for dashes."""
    named = {name.replace("_", "-").lower(): value for name, value in changes.items()}
    kept = [(key, value) for key, value in headers if key.lower() not in named]
    return (*kept, *((name, value) for name, value in named.items() if value is not None))


def frames(reply: Reply) -> tuple[bytes, ...]:
    """The body as it is written to the wire: one piece for a plain answer, one for each portion or event of others."""
    if isinstance(reply.body, tuple):
        return reply.body
    if reply.chunks is None:
        return (reply.body if isinstance(reply.body, bytes) else pretty(reply.body or {}),)
    pieces = []
    for n, chunk in enumerate(reply.chunks):
        if n in reply.before:
            pieces.append(f": {reply.before[n]}\n\n".encode())
        name = chunk.get("type") if reply.named else None
        pieces.append((b"event: %s\n" % name.encode() if isinstance(name, str) else b"") + event(compact(chunk)))
    return (*pieces, event(b"[DONE]")) if reply.done else tuple(pieces)


def event(data: bytes) -> bytes:
    return b"data: " + data + b"\n\n"


def compact(value: Any) -> bytes:
    return _COMPACT.encode(value).encode("utf-8", "surrogatepass")


def pretty(value: Any) -> bytes:
    """JSON as OpenAI prints it: two spaces, UTF-8, a final line feed."""
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "surrogatepass") + b"\n"
