"""Exchanges with the reference server without a socket: for proving checks, by thousands, in no time.

The same probes, the same replies, the same bytes as over a socket (a test compares them); only connections, which do not
exist here, cannot be judged.
"""

from __future__ import annotations

from collections.abc import Iterable

from conformance.areas.catalogue import probes, routes
from conformance.exchange import SERVED, Exchange, Unreadable
from conformance.exchange.probe import WRONG_KEY, Probe
from conformance.reference.app import parse
from conformance.reference.lies import Lie
from conformance.reference.replies import Call, Reply
from conformance.reference.respond import Server
from conformance.send.burst import STAGED, Wait, plan
from conformance.send.requests import Request, built, onward, requests
from conformance.send.retries import set_aside
from conformance.wire.coding import Decoder, Undecodable

EPOCH = 1_790_000_000.0
"""The Unix time at which these exchanges happen."""
PACE = 0.01
"""Seconds in which the reference generates one event here; what is sent in one piece arrives when its last event is there."""
MOST = 1 << 30
"""Bytes of a body: more than any of the reference."""
BASE_URL = "http://reference.invalid/v1"


def exchanges(lie: Lie | None = None, only: Iterable[Probe] | None = None) -> list[Exchange]:
    """The answers of a reference server, telling one lie or none, to all probes or those given, in order."""
    server = Server(routes(), lie=lie, now=lambda: EPOCH)
    done: dict[str, Exchange] = {}
    for probe in probes() if only is None else only:
        for request in requests(probe, server.model):
            if probe.build is not None:
                try:
                    request = built(request, server.model, done.get(request.after or ""))
                except Unreadable:
                    continue
                if request is None:
                    continue
            x = ask(server, request)
            while (following := onward(request, server.model, x)) is not None:
                done[f"{request.id}{SERVED}"] = set_aside(x)
                x = ask(server, following)
            done[request.id] = x
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


def ask(server: Server, request: Request) -> Exchange:
    """The exchange of one request with a server in this process."""
    probe = request.probe
    headers = {"accept": "application/json", "accept-encoding": "gzip, deflate"}
    if request.body is not None:
        headers["content-type"] = "application/json"
    if probe.key != "none":
        scheme = "bearer" if "lowercase-scheme" in probe.intent else "Bearer"
        headers["authorization"] = f"{scheme} {WRONG_KEY if probe.key == 'wrong' else server.key}"
    headers |= {name.lower(): value for name, value in request.headers}
    capital = "authorization" if "capital-header" in probe.intent else None
    sent = tuple((name.upper() if name == capital else name, value) for name, value in headers.items())
    call = Call(request.method, f"/v1{request.path}", sent, request.body or b"", parse(request.body or b""))
    reply, pieces = server.wire(call, server.respond(call))
    body = b"".join(pieces)
    framing = (("transfer-encoding", "chunked") if reply.chunks is not None else ("content-length", str(len(body))),)
    if reply.chunks is not None and reply.header("connection") == "close":
        framing = ()  # the end of the connection is then the end of the body, RFC 9112 section 6.3
    total, generated, arrivals = 0, 0, []
    for piece in pieces:
        total += len(piece)
        generated += max(1, piece.count(b"\n\n"))
        arrivals.append((round(PACE * generated, 6), total))
    ended = {"clean": "complete", "cut": "cut", "hang": "timeout"}[reply.ending]
    failure = None if ended == "complete" else f"the server left the answer unfinished ({ended})"
    try:
        body = _unpacked(reply, body)
    except Undecodable as reason:
        ended, failure, body, arrivals = "undecodable", str(reason), b"", []
    return Exchange(
        id=request.id,
        method=request.method,
        url=f"{BASE_URL}{request.path}",
        request_headers=tuple((k, v if k.lower() != "authorization" else "[redacted]") for k, v in sent),
        request_body=request.body or b"",
        status=reply.status,
        headers=(*reply.headers, *framing),
        body=body,
        arrivals=tuple(arrivals),
        ended=ended,
        failure=failure,
        intent=probe.intent,
        started=EPOCH,
    )


def _unpacked(reply: Reply, body: bytes) -> bytes:
    """The body without its content coding. Raises Undecodable."""
    decoder = Decoder(reply.header("content-encoding"))
    data = decoder.feed(body, MOST)
    decoder.close()
    return data
