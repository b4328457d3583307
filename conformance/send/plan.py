"""Which requests are sent: the probes that checks need, in the order in which they depend on each other. A request is money.

It must not send or judge: a probe counts as needed as long as no chosen check can rule it out from the request alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from conformance.areas.catalogue import catalogue, probes
from conformance.clients.outcomes import OUTCOMES
from conformance.exchange import Exchange
from conformance.exchange.probe import EARLIER, Probe
from conformance.judge.condition import Condition, about_it, whole
from conformance.judge.conditions import answered, headers_known
from conformance.judge.verdicts import Check
from conformance.send import manners
from conformance.send.requests import TWIN, Request, built, requests
from conformance.send.target import Target, request_headers, url_of
from conformance.wire.redact import REDACTED

MODEL = "model"
"""Stands for the model's name, which no check's condition asks for."""


LIST = "models.list"
"""What is built from all answers may want to know what models there are."""


def needed(checks: Sequence[Check]) -> list[Probe]:
    """The probes that can bring about what these checks judge, and those whose answers they are built from."""
    if len(checks) == len(catalogue()):
        return list(probes())
    sent, imagined = _unsent()
    wanted: set[str] = set()
    for check in checks:
        groups = [(id,) for id in sent]
        if check.together:
            # Groups that only real answers show are missing here. Then every possible member is sent; otherwise those
            # whose body hangs on an answer, which may be in such a group.
            shown = [tuple(x.id for x in group) for run in imagined for group in check.together.groups(run)]
            unforeseen = [(id,) for id, (_, x) in sent.items() if vars(x)["request_body"] is None]
            groups = [*shown, *unforeseen] if shown else groups
        wanted |= {id for group in groups if all(_may_apply(check, sent[id][1]) for id in group) for id in group}
    return with_those_before({sent[id][0].name for id in wanted})


def with_those_before(names: Iterable[str]) -> list[Probe]:
    """The probes of these names, and those whose answers or connections they are built from."""
    by_name = {probe.name: probe for probe in probes()}
    names = {*names}
    waiting = list(names)
    while waiting:
        probe = by_name[waiting.pop()]
        for before in (probe.after, probe.manner.over, probe.door):
            before = LIST if before == EARLIER else (before or "").removesuffix(TWIN)
            if before in by_name and before not in names:
                names.add(before)
                waiting.append(before)
    return [probe for probe in probes() if probe.name in names]


@cache
def _unsent() -> tuple[dict[str, tuple[Probe, Exchange]], list[list[Exchange]]]:
    """Every request before its answer, by id, with its probe; and three runs as they may go, for relations to look at:
    all is answered, all is refused, and what has no good key is refused."""
    sent = {request.id: (probe, unanswered(request)) for probe in probes() for request in requests(probe, MODEL)}
    runs = [[_answered(x, status) for _, x in sent.values()] for status in (200, 400)]
    runs.append([_answered(x, 401 if probe.key != "given" else 200) for probe, x in sent.values()])
    return sent, runs


class _Unknown(Exception):
    """A condition asked for something that only the answer can tell."""


class Unanswered(Exchange):
    """An exchange before its answer, which nothing may read; nor its body where that hangs on an earlier answer."""

    def __getattribute__(self, name: str) -> Any:
        if name in _ANSWER or (name == "request_body" and super().__getattribute__(name) is None):
            raise _Unknown(name)
        return super().__getattribute__(name)


_ANSWER = frozenset(("status", "headers", "body", "arrivals", "ended", "failure", "headers_known", "started"))


def unanswered(request: Request, base_url: str = "http://endpoint.invalid/v1") -> Exchange:
    """The exchange of a request before there is any answer."""
    known = request.probe.build is None
    if not known and (made := built(request, MODEL, None)) is not None:
        request, known = made, True
    return Unanswered(
        id=request.id,
        method=request.method,
        url=url_of(base_url, request),
        request_headers=manners.headers(request, request_headers(request, Target(base_url, MODEL, REDACTED))),
        request_body=(request.body or b"") if known else None,
        status=None,
        headers=(),
        body=b"",
        intent=request.probe.intent,
        # These say for every exchange without an answer that there is none; here it is still to come.
        memo={whole: None, answered: None, headers_known: None, OUTCOMES: None},
    )


def _answered(x: Exchange, status: int) -> Exchange:
    """The same exchange as if answered with this status and nothing else, for relations that look no further."""
    body = vars(x)["request_body"] or b""
    return Exchange(x.id, x.method, x.url, x.request_headers, body, status, (), b"", intent=x.intent, started=0.0)


def _may_apply(check: Check, x: Exchange) -> bool:
    """No part of the check's condition says no, whatever those before it have to wait for."""
    return about_it(check.when, x) and not any(_rules_out(part, x) for part in check.when.parts)


def _rules_out(part: Condition, x: Exchange) -> bool:
    try:
        return part(x) is False
    except _Unknown:
        return False


def may_concern(check: Check, requests: Sequence[Request]) -> bool:
    """Whether nothing in these requests, which are sent one after the other, rules out that the check has something to judge."""
    unsent = {request.id: unanswered(request) for request in requests}
    groups = [(id,) for id in unsent]
    if check.together:
        imagined = [_answered(x, 200) for x in unsent.values()]
        groups = [tuple(x.id for x in group) for group in check.together.groups(imagined)]
    return any(all(_may_apply(check, unsent[id]) for id in group) for group in groups)


def _meant(probe: Probe, target: Target) -> bool:
    """Whether a probe is for this target: what is staged is for one that does so, and clients speak HTTP/2 over TLS alone."""
    encrypted = target.base_url.lower().startswith("https:")
    return (probe.stage is None or target.stages) and (encrypted or not probe.manner.http2)


def planned_requests(probes: Sequence[Probe], target: Target) -> list[Request]:
    """Every request of the probes that this target is sent, longest chains of `after` first, else in the probes' order; at the end
    what a client goes away from and what comes after that, for a server may not outlive it, and what is to be the last."""
    wanted = [r for p in probes if _meant(p, target) for r in requests(p, target.asked_by(p))]

    @cache
    def chain(id: str) -> int:
        return 1 + max((chain(r.id) for r in wanted if id in (r.after, r.probe.door)), default=0)

    left = {r.id for r in wanted if r.probe.manner.leaves}
    return sorted(wanted, key=lambda r: (r.probe.last, r.id in left or r.after in left, -chain(r.id)))
