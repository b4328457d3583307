"""Both ends of a gateway in this process: the client's requests, a gateway as a function, the reference behind it. For proofs, by the
hundred, in no time; over sockets the same requests go the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from conformance.areas.catalogue import routes
from conformance.exchange import Exchange
from conformance.exchange.probe import Probe
from conformance.gateway.asked_through import PROBES
from conformance.gateway.keys_seen import seen_keys, told_keys
from conformance.gateway.pair import IN_VAIN, WAITED_FOR, Pair, upstream_id
from conformance.reference.app import parse
from conformance.reference.lies import Lie
from conformance.reference.lying_gateway import GatewayLie, Passed, passes
from conformance.reference.replies import Call
from conformance.reference.respond import Server
from conformance.reference.staging import STAGE_HEADER
from conformance.reference.upstream_stages import told_with
from conformance.send.requests import Request, requests
from conformance.send.sender import LEFT
from conformance.send.target import Target, request_headers

T = TypeVar("T")
GATEWAY, UPSTREAM = "http://gateway.invalid/v1", "http://upstream.invalid/v1"
CLIENT_KEY, UPSTREAM_KEY = "sk-client-0123456789abcdef", "sk-upstream-0123456789abcdef"
EPOCH = 1_790_000_000.0
PACE = 0.01
"""Seconds in which the upstream makes one event."""
ENDED = {"clean": "complete", "cut": "cut", "hang": "timeout", "none": "cut", "silent": "timeout"}


def both_ends(lie: GatewayLie | None = None, probes: Iterable[Probe] = PROBES) -> list[Exchange]:
    """The exchanges at both ends of a gateway that tells one lie, or none: the very same objects where they are those without."""
    target = Target(GATEWAY, Server({}).model, CLIENT_KEY)
    return [x for probe in probes for request in requests(probe, _model(probe)) for x in _asked(request, target, lie)]


def _model(probe: Probe) -> str:
    server = Server({})
    return server.models.get(probe.task, server.model)


def lied_through(request: Request, id: str, gateway: GatewayLie | None = None, lie: Lie | None = None) -> Pair:
    """Both ends of one request under an id, through a gateway that tells a lie or none, to an upstream that tells one or none."""
    target = Target(GATEWAY, Server({}).model, CLIENT_KEY)
    outer, *inners = _asked(replace(request, id=id), target, gateway, lie)
    return Pair(outer, tuple(inners))


def _asked(request: Request, target: Target, lie: GatewayLie | None, of_upstream: Lie | None = None) -> list[Exchange]:
    path, _, query = request.path.partition("?")
    body = request.body or b""
    call = Call(request.method, f"/v1{path}", request_headers(request, target), body, parse(body), query=query)
    inners: list[Exchange] = []

    def upstream(onward: Call) -> Passed:
        id = upstream_id(request.id, len(inners) + 1)
        x, passed = _once(
            (id, onward.method, onward.path, onward.query, onward.headers, onward.body),
            lambda: _answered(request.probe, id, onward, of_upstream),
        )
        inners.append(x)
        return passed

    passed = passes(call, upstream, UPSTREAM_KEY, lie)
    if request.probe.manner.leaves:
        inners = [x if passed.goes_on else _left(x) for x in inners]
    if passed.held and WAITED_FOR & request.probe.intent:
        inners = [_in_vain(x) for x in inners]
    return [_outer(request, call, passed), *inners]


_KEPT: dict[Any, Any] = {}


def _once(key: Hashable, make: Callable[[], T]) -> T:
    """What was made of the same before, so that it need be judged once alone."""
    if key not in _KEPT:
        _KEPT[key] = make()
    return _KEPT[key]


def _left(x: Exchange) -> Exchange:
    return _once((x.id, "left"), lambda: replace(x, ended="left", failure="the gateway went away", memo={}))


def _in_vain(x: Exchange) -> Exchange:
    return _once((x.id, x.ended, IN_VAIN), lambda: replace(x, intent=x.intent | {IN_VAIN}, memo={}))


def _outer(request: Request, call: Call, passed: Passed) -> Exchange:
    return _once((request.id, passed), lambda: _seen(request, call, passed))


def _seen(request: Request, call: Call, passed: Passed) -> Exchange:
    x = told_keys(UPSTREAM_KEY, _exchange(request.probe, request.id, GATEWAY, call, passed))
    if request.probe.manner.leaves == "waiting":
        return replace(x, status=None, headers=(), body=b"", arrivals=(), ended="left", failure=LEFT)
    if request.probe.manner.leaves and x.arrivals:
        portion = x.body[: x.arrivals[0][1]]
        return replace(x, body=portion, arrivals=x.arrivals[:1], ended="left", failure=LEFT)
    return x


def _answered(probe: Probe, id: str, call: Call, of_upstream: Lie | None) -> tuple[Exchange, Passed]:
    """The exchange upstream and what the gateway gets of it. A server of its own for each, so that all is the same each time."""
    server = Server(routes(), key=UPSTREAM_KEY, now=lambda: EPOCH, lie=told_with(of_upstream), served=_number(probe))
    told = replace(call, json=parse(call.body))
    told = told.with_headers(**{STAGE_HEADER.replace("-", "_"): probe.stage}) if probe.stage else told
    reply, pieces = server.wire(told, server.respond(told))
    passed = Passed(reply.status, reply.headers, pieces, reply.ending)
    return _exchange(probe, id, UPSTREAM, call, passed), passed


def _number(probe: Probe) -> int:
    return 10 * next((n for n, each in enumerate(PROBES) if each.name == probe.name), len(PROBES))


def _exchange(probe: Probe, id: str, base_url: str, call: Call, passed: Passed) -> Exchange:
    body = b"".join(passed.pieces)
    total, arrivals = 0, []
    for n, piece in enumerate(passed.pieces, 1):
        total += len(piece)
        arrivals.append((round(PACE * (len(passed.pieces) + 1 if passed.held else n), 6), total))
    at_upstream = base_url == UPSTREAM
    keys = seen_keys(CLIENT_KEY, UPSTREAM_KEY, call.query, call.headers, call.body) if at_upstream else frozenset()
    unanswered = passed.ending in ("none", "silent")
    ended = ENDED[passed.ending]
    return Exchange(
        id=id,
        method=call.method,
        url=f"{base_url}{call.path.removeprefix('/v1')}" + (f"?{call.query}" if call.query else ""),
        request_headers=call.headers,
        request_body=call.body,
        status=None if unanswered else passed.status,
        headers=() if unanswered else passed.headers,
        body=b"" if unanswered else body,
        arrivals=() if unanswered else tuple(arrivals),
        ended=ended,
        failure=None if ended == "complete" else f"the answer was left unfinished ({ended})",
        intent=probe.intent | keys,
        started=EPOCH,
    )
