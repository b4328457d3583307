"""Exchanges with the reference server without a socket: for proving checks, by thousands, in no time.

The same probes, the same replies, the same bytes as over a socket (a test compares them); only connections, which do not
exist here, cannot be judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from conformance.areas.catalogue import probes, routes
from conformance.exchange import SERVED, Exchange, Unreadable
from conformance.exchange.probe import Manner, Probe
from conformance.reference.app import parse
from conformance.reference.lies import Lie
from conformance.reference.replies import Call, Line, Reply
from conformance.reference.respond import Server
from conformance.send import apart, manners
from conformance.send.burst import STAGED, Wait, plan
from conformance.send.doors import behind_shut_door
from conformance.send.inprocess_turns import Connection, turn
from conformance.send.requests import ONWARD, Request, built, onward, requests, waited_for
from conformance.send.retries import set_aside
from conformance.send.sender import LEFT
from conformance.send.target import Target, request_headers
from conformance.wire.coding import Decoder, Undecodable

EPOCH = 1_790_000_000.0
"""The Unix time at which these exchanges happen."""
PACE = 0.01
"""Seconds in which the reference generates one event here; what is sent in one piece arrives when its last event is there."""
MOST = 1 << 30
"""Bytes of a body: more than any of the reference."""
APART = Line()
"""A connection that carries nothing else."""
BASE_URL = "http://reference.invalid/v1"


def exchanges(
    lie: Lie | None = None, only: Iterable[Probe] | None = None, serving: Callable[..., Server] = Server
) -> list[Exchange]:
    """The answers of a reference server, telling one lie or none, to all probes or those given, in order; and to what a run then
    asks on about those that it refused and should not have. `serving` makes the server."""
    server = serving(routes(), lie=lie, now=lambda: EPOCH)
    asked = [
        request
        for probe in (probes() if only is None else only)
        for request in requests(probe, model_of(server, probe))
    ]
    done: dict[str, Exchange] = {}
    closed: set[str] = set()
    replies: dict[str | None, Reply] = {}
    connections: dict[str, Connection] = {}
    for request in asked:
        if behind_shut_door(request, done, closed):
            closed.add(request.id)
            continue
        if request.probe.build is not None:
            try:
                request = built(request, model_of(server, request.probe), waited_for(request, done))
            except Unreadable:
                continue
            if request is None:
                continue
        if request.probe.socket:
            x = turn(server, request, connections, base_url=BASE_URL, started=EPOCH, pace=PACE)
            done |= {x.id: x} if x else {}
            continue
        x, replies[request.id] = _asked(server, request, _line(server, request, asked, replies))
        for _ in range(ONWARD):
            if (following := onward(request, model_of(server, request.probe), x)) is None:
                break
            done[f"{request.id}{SERVED}"] = set_aside(x)
            x = ask(server, following)
        done[request.id] = x
        server.left |= request.probe.manner.leaves == "midway"
    steps, got = apart.plan(done.values()), None
    while (asking := apart.following(steps, got)) is not None:
        got = [ask(server, request) for probe in asking for request in requests(probe, model_of(server, probe))]
        done |= {x.id: x for x in got}
    return list(done.values())


def burst(lie: Lie | None = None, most: int = 12) -> list[Exchange]:
    """The answers of a reference server, telling one lie or none, to a burst that runs into its limit; the clock is ours."""
    clock = EPOCH
    server = Server(routes(), key="sk-reference-burst", lie=lie, now=lambda: clock)
    steps, got, found = plan("burst", server.model, most, 8, headers=STAGED, now=lambda: clock), None, []
    while True:
        try:
            step = steps.send(got)
        except StopIteration:
            return found
        if isinstance(step, Wait):
            clock += step.seconds
        else:
            got = [ask(server, request) for request in step]
            found += got


def model_of(server: Server, probe: Probe) -> str:
    """The model of the server that a probe means."""
    return server.models.get(probe.task, server.model)


def ask(server: Server, request: Request) -> Exchange:
    """The exchange of one request with a server in this process."""
    return _asked(server, request, APART)[0]


def _call(server: Server, request: Request, line: Line = APART) -> Call:
    """What reaches the server."""
    usual = request_headers(request, Target(BASE_URL, server.model, server.key))
    (path, _, query), body = request.path.partition("?"), request.probe.manner.whole(request.body or b"")
    return Call(request.method, f"/v1{path}", manners.headers(request, usual), body, parse(body), line, query)


def _line(server: Server, request: Request, asked: Iterable[Request], replies: Mapping[str | None, Reply]) -> Line:
    """How it reaches the server: in which portions, over what, and beside which others."""
    manner = request.probe.manner
    company = (
        [r for r in asked if r.probe.manner.beside == manner.beside and r.id != request.id] if manner.beside else ()
    )
    beside = tuple(_call(server, other) for other in company)
    portions, before = tuple(manner.pieces(request.body or b"")), replies.get(manner.over)
    return Line(portions, before, manner.idle, beside, server.left, padding=manner.padding, http2=manner.http2)


def _asked(server: Server, request: Request, line: Line) -> tuple[Exchange, Reply]:
    call = _call(server, request, line)
    reply, pieces = server.wire(call, server.respond(call))
    body = b"".join(pieces)
    framing = (("transfer-encoding", "chunked") if reply.in_portions else ("content-length", str(len(body))),)
    if reply.in_portions and reply.header("connection") == "close":
        framing = ()  # the end of the connection is then the end of the body, RFC 9112 section 6.3
    total, generated, arrivals = 0, 0, []
    for piece in pieces:
        total += len(piece)
        generated += max(1, piece.count(b"\n\n"))
        arrivals.append((round(PACE * generated, 6), total))
    ended = {"clean": "complete", "cut": "cut", "hang": "timeout", "none": "cut", "silent": "timeout"}[reply.ending]
    failure = None if ended == "complete" else f"the server left the answer unfinished ({ended})"
    try:
        body = _unpacked(reply, body)
    except Undecodable as reason:
        ended, failure, body, arrivals = "undecodable", str(reason), b"", []
    x = Exchange(
        id=request.id,
        method=request.method,
        url=f"{BASE_URL}{request.path}",
        request_headers=tuple((k, v if k.lower() != "authorization" else "[redacted]") for k, v in call.headers),
        request_body=request.body or b"",
        status=reply.status,
        headers=(*reply.headers, *framing),
        body=body,
        arrivals=tuple(arrivals),
        ended=ended,
        failure=failure,
        intent=request.probe.intent,
        started=EPOCH,
    )
    return _seen(x, request.probe.manner, unanswered=reply.ending in ("none", "silent")), reply


def _seen(x: Exchange, manner: Manner, *, unanswered: bool) -> Exchange:
    """What has come of the exchange when the client leaves, or the server without an answer."""
    gone = {"ended": "left", "failure": LEFT} if manner.leaves else {}
    if unanswered or manner.leaves == "waiting":
        return replace(x, status=None, headers=(), body=b"", arrivals=(), **gone)
    if manner.leaves and x.arrivals and (portion := x.body[: x.arrivals[0][1]]) != x.body:
        return replace(x, body=portion, arrivals=x.arrivals[:1], **gone)
    return x


def _unpacked(reply: Reply, body: bytes) -> bytes:
    """The body without its content coding. Raises Undecodable."""
    decoder = Decoder(reply.header("content-encoding"))
    data = decoder.feed(body, MOST)
    decoder.close()
    return data
