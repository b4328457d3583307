"""Facts about every check, computed from the code: what it judges at the honest reference, and its explanation.

A build computes each once, on all cores; `mkdocs serve` keeps them for its next builds.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import Any, NamedTuple

from conformance.areas.catalogue import area_of, catalogue, features, judge, probes
from conformance.cli.explain import explanation
from conformance.exchange import Exchange
from conformance.exchange.documented import ENDPOINTS, ROUTES, route_of
from conformance.send.inprocess import burst, exchanges
from conformance.send.requests import TWIN

PLAIN = "chat.hello"
"""A request that asks for nothing optional but headers, as every request does."""
AT_ONCE = 12
"""Checks that a process takes at a time."""


class Judged(NamedTuple):
    """What a check judges of the honest reference's answers: the probes behind them, the endpoints, the features they ask for."""

    probes: tuple[str, ...]
    endpoints: tuple[str, ...]
    features: tuple[str, ...]


@cache
def judged() -> dict[str, Judged]:
    """By check. One whose answers another must read first (those of the official client) judges none here."""
    answers = {x.id: x for x in (*exchanges(), *burst())}
    asked = {id: _asked(x) for id, x in answers.items()}
    always = asked[PLAIN]
    found = {}
    for verdict in judge(answers.values()):
        these = [answers[id] for id in verdict.exchanges]
        routes = {ROUTES[route].endpoint for x in these if (route := route_of(x.url))}
        own = [
            each for each in features().values() if each.name not in always or area_of(each) == area_of(verdict.check)
        ]
        share = {each.name: sum(each.name in asked[x.id] for x in these) for each in own}
        found[verdict.check.id] = Judged(
            tuple(dict.fromkeys(x.id.removesuffix(TWIN) for x in these)),
            tuple(name for name in ENDPOINTS if name in routes),
            tuple(name for name, count in share.items() if 2 * count > len(these)),
        )
    return found


def _asked(x: Exchange) -> frozenset[str]:
    """The features that a request asks for, and those that they are a part of."""
    named = {name for name, feature in features().items() if feature.when(x) is True}
    return frozenset(named | {features()[name].part_of for name in named} - {None})


@cache
def explanations() -> dict[str, dict[str, Any]]:
    """All that `explain` says of each check, with an example made on the spot."""
    by_name = {probe.name for probe in probes()}
    known = {id: [name for name in facts.probes if name in by_name] for id, facts in judged().items()}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        told = pool.map(_explained, catalogue(), (known[id] for id in catalogue()), chunksize=AT_ONCE)
        return dict(zip(catalogue(), told, strict=True))


def _explained(id: str, names: Sequence[str]) -> dict[str, Any]:
    """The explanation of one check, which these probes bring about; where none is known, it is found out."""
    by_name = {probe.name: probe for probe in probes()}
    return explanation(catalogue()[id], [by_name[name] for name in names] or None)
