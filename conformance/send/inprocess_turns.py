"""Turns over WebSockets with the reference server without a socket: as send/sockets.py, and by the same messages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from conformance.exchange import Exchange
from conformance.reference.app import parse
from conformance.reference.kept_responses import KeptResponses
from conformance.reference.replies import Call, Line, Reply, frames
from conformance.reference.respond import Server
from conformance.reference.talk import call_of, messages
from conformance.send.requests import Request
from conformance.send.target import Target, request_headers, url_of
from conformance.wire import turns


@dataclass
class Connection:
    """One WebSocket: what the server remembers by it, what its handshake was answered, what it said that nobody has read yet, and
    whether it has closed it."""

    greeting: Reply
    memory: KeptResponses
    unread: list[str | bytes] = field(default_factory=list)
    before: Reply | None = None
    closed: bool = False


def turn(
    server: Server, request: Request, connections: dict[str, Connection], *, base_url: str, started: float, pace: float
) -> Exchange | None:
    """One turn, over a connection of its own or an earlier one; None where that one was refused."""
    over = request.probe.manner.over
    if over is not None and over not in connections:
        return None
    target = Target(base_url, server.model, server.key)
    headers = request_headers(request, target)
    connection = connections[over] if over else _opened(server, request, headers)
    x = Exchange(
        id=request.id,
        method=request.method,
        url=url_of(base_url, request),
        request_headers=tuple((k, v if k.lower() != "authorization" else "[redacted]") for k, v in headers),
        request_body=request.body or b"",
        status=connection.greeting.status,
        headers=connection.greeting.headers,
        body=b"",
        intent=request.probe.intent,
        started=started,
    )
    if connection.greeting.status != 101:
        body = b"".join(frames(connection.greeting))
        return replace(x, body=body, headers=(*x.headers, ("content-length", str(len(body)))))
    connections[request.id] = connection
    if connection.closed and not connection.unread:
        said = "the server closed the WebSocket with code 1011 before this turn"
        return replace(x, status=None, headers=(), body=turns.closed(1011), ended="cut", failure=said)
    _ask(server, request, headers, connection)
    return _read(x, connection, pace)


def _opened(server: Server, request: Request, headers: tuple) -> Connection:
    line = Line(memory=KeptResponses())
    return Connection(server.respond(Call("GET", f"/v1{request.path}", headers, b"", None, line)), line.memory)


def _ask(server: Server, request: Request, headers: tuple, connection: Connection) -> None:
    """Send the messages of a turn, and let the server answer one after the other."""
    lines = [Line(memory=connection.memory) for _ in turns.sent(request.body or b"")]
    calls = [
        call_of(message.encode(), parse(message.encode()), f"/v1{request.path}", headers, line)
        for message, line in zip(turns.sent(request.body or b""), lines, strict=True)
    ]
    for n, call in enumerate(calls):
        if connection.closed:
            return
        beside = tuple(other for m, other in enumerate(calls) if m != n)
        told = replace(call, line=replace(call.line, before=connection.before, beside=beside))
        reply = connection.before = server.respond(told)
        connection.unread += [text.encode() if reply.binary else text for text in messages(reply)]
        connection.closed = reply.ending != "clean"


def _read(x: Exchange, connection: Connection, pace: float) -> Exchange:
    """The turn up to its end, or as far as it came."""
    reading, body, arrivals = turns.Reading(len(turns.sent(x.request_body))), b"", []
    while connection.unread and not reading.over:
        message = connection.unread.pop(0)
        reading.take(message)
        body += turns.message(message)
        arrivals.append((round(pace * (len(arrivals) + 1), 6), len(body)))
    x = replace(x, body=body, arrivals=tuple(arrivals))
    if reading.over or (reading.failing and not connection.closed):
        return x
    if connection.closed:
        said = "the server closed the WebSocket with code 1011 before the turn was over"
        return replace(x, body=body + turns.closed(1011), ended="cut", failure=said)
    return replace(x, ended="timeout", failure="no byte came for 30 s (limit: silence)")
