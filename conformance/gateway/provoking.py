"""Which requests have the upstream tell a lie so that a check sees it: found in this process, before anything is sent.

A plain and a streamed one of each, for gateways treat them apart; of those that would do, the first by the order of the probes, chat
before other routes. It must not send.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from conformance.areas.catalogue import catalogue, judge, probes, routes
from conformance.exchange import Exchange
from conformance.exchange.probe import USUAL, Probe
from conformance.gateway.broken_bodies import BROKEN
from conformance.judge.verdicts import Check
from conformance.reference.lies import Lie
from conformance.reference.respond import Server
from conformance.reference.upstream_stages import told_with
from conformance.send.inprocess import EPOCH, ask, model_of
from conformance.send.requests import Request, requests


@dataclass(frozen=True)
class Provoked:
    """A lie with the requests that have it told, by the checks that see it in each answer."""

    kind: str
    lie: Lie
    requests: tuple[Request, ...]
    checks: tuple[Check, ...]


def provoked(kind: str, lie: Lie) -> Provoked:
    """With no request where nothing that one alone can show is wrong with it: it takes several answers, or a connection."""
    own = BROKEN[lie.name][1] if lie.name in BROKEN else ()
    checks = [
        check for check in catalogue().values() if (lie.name in check.breaks or check.id in own) and _alone(check)
    ]
    found: dict[bool, Request] = {}
    for request, honest in _honest() if checks else ():
        streamed = _streams(request)
        if streamed not in found and _shows(lie, request, honest, checks):
            found[streamed] = request
    if len({request.path for request in found.values()}) > 1:  # one route is enough
        found = {key: request for key, request in found.items() if request.path == "/chat/completions"} or found
    return Provoked(kind, lie, tuple(found[each] for each in sorted(found)), tuple(checks))


def _alone(check: Check) -> bool:
    return check.together is None and not check.id.startswith("sdk.")


def _streams(request: Request) -> bool:
    return b'"stream": true' in (request.body or b"")


def _shows(lie: Lie, request: Request, honest: Exchange, checks: Sequence[Check]) -> bool:
    about = [check for check in checks if check.when(honest) is not False]
    if not about:
        return False
    x = ask(_server(lie), request)
    return x != honest and any(verdict.outcome == "fail" for verdict in judge([x], about))


def _server(lie: Lie | None) -> Server:
    return Server(routes(), lie=told_with(lie), now=lambda: EPOCH)


def _simple(probe: Probe) -> bool:
    """Sent as most are, by itself, and with a body that hangs on no other answer."""
    follows = probe.after or probe.build or probe.onward
    return not (follows or probe.socket or probe.last or probe.key != "given" or probe.manner != USUAL)


@cache
def _honest() -> tuple[tuple[Request, Exchange], ...]:
    server = _server(None)
    simple = sorted((each for each in probes() if _simple(each)), key=lambda each: each.path != "/chat/completions")
    asked = [request for probe in simple for request in requests(probe, model_of(server, probe))]
    return tuple((request, ask(server, request)) for request in asked)
