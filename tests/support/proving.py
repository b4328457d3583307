"""Proving a check: what the reference server's lies make fail. Used by the tests and the benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from conformance.areas.catalogue import catalogue, judge
from conformance.clients import outcomes
from conformance.clients.replay import Client
from conformance.exchange import Exchange
from conformance.judge.verdicts import Verdict
from conformance.reference.lies import Lie
from conformance.send.inprocess import burst, exchanges
from tests.support import wording
from tests.support.remembering import Remembering


@cache
def honest() -> dict[str, Exchange]:
    """The answers of the honest reference, by id, and what the official client makes of them."""
    return {x.id: x for x in replayed((*exchanges(serving=Remembering), *burst()))}


def replayed(these: Sequence[Exchange]) -> Sequence[Exchange]:
    """The same exchanges, replayed through the official client."""
    with Client() as client:
        for x in these:
            outcomes.remember(x, client.outcomes(x))
    return these


@lru_cache(maxsize=1)
def lying(lie: Lie) -> list[Exchange]:
    """The answers of the reference telling a lie: the very same objects where they are those of the honest one."""
    return [
        honest()[x.id] if x == honest().get(x.id) else x for x in (*exchanges(lie, serving=Remembering), *burst(lie))
    ]


def verdicts(lie: Lie) -> list[Verdict]:
    """The verdicts that a lie can change: by checks of one exchange on the answers that it changed, by the others on all.

    What stays the same was judged with the honest answers, which pass (a test of its own), so it is not judged again. The official
    client notices most lies in one way or another: only those that prove what it makes of them are replayed through it.
    """
    changed = [x for x in lying(lie) if x is not honest().get(x.id)]
    if any(id.startswith("sdk.") for id in named(lie.name)):
        replayed(changed)
    alone = [check for check in catalogue().values() if check.together is None]
    together = [check for check in catalogue().values() if check.together is not None]
    return [*judge(changed, alone), *judge(lying(lie), together)]


def named(lie: str) -> set[str]:
    """The checks that name this lie as their proof."""
    return {check.id for check in catalogue().values() if lie in check.breaks}


def unhelpful(lie: Lie, verdicts: Sequence[Verdict]) -> dict[str, list[str]]:
    """The messages that a reader cannot use, with what is wrong with them, or that blame an answer which the lie left alone."""
    changed = {x.id for x in lying(lie) if x is not honest().get(x.id)}
    found: dict[str, list[str]] = {}
    for verdict in verdicts:
        for ids, message in verdict.problems:
            amiss = list(wording.faults(verdict.check.id, message))
            if any(wording.blames_the_other(message, tuple(group.split(" + ")), changed) for group in ids):
                amiss.append("it blames the answer that is right")
            if amiss:
                found[f"{verdict.check.id}: {message}"] = amiss
    return found
