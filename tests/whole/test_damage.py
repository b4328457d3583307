"""No answer, however damaged, breaks a check: it gets a verdict that is about the server, never `broken`."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.areas.catalogue import catalogue
from conformance.exchange import Exchange
from conformance.judge.judge import Judge
from conformance.send.inprocess import burst, exchanges
from tests.support import damage

HONEST = [x for x in (*exchanges(), *burst()) if "too-long" not in x.intent]
SAMPLE = 1500
"""Damaged answers tried on every run of the tests; `nox -s bench` tries all of them."""
TOGETHER = 4
"""Groups of more exchanges than this are left out: they are whole runs, which the proofs judge."""


def companions() -> dict[str, list[Exchange]]:
    """For each exchange, those that some relation puts together with it."""
    found: dict[str, dict[str, Exchange]] = {x.id: {} for x in HONEST}
    for relation in {check.together for check in catalogue().values() if check.together}:
        for group in relation.groups(HONEST):
            if len(group) <= TOGETHER:
                for x in group:
                    found[x.id] |= {other.id: other for other in group if other.id != x.id}
    return {id: list(others.values()) for id, others in found.items()}


COMPANIONS = companions()


def broken(x: Exchange) -> dict[str, str | None]:
    """The checks that break on this exchange among those that belong to it."""
    court = Judge(catalogue().values())
    for each in (*COMPANIONS[x.id], x):
        court.add(each)
    return {verdict.check.id: verdict.reason for verdict in court.finish() if verdict.outcome == "broken"}


def test_single_damages_never_break_a_check():
    every = [made for x in HONEST for made in damage.all_damages(x)]
    assert len(every) > 20_000
    amiss = {}
    for make in random.Random(20).sample(every, SAMPLE):
        x = make()
        amiss |= {(x.id, id, x.body[:200]): reason for id, reason in broken(x).items()}
    assert amiss == {}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_stacked_damages_never_break_a_check(data):
    x = data.draw(st.sampled_from(HONEST))
    for _ in range(data.draw(st.integers(1, 3))):
        damages = damage.all_damages(x)
        x = damages[data.draw(st.integers(0, len(damages) - 1))]()
    assert broken(x) == {}


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=300), status=st.integers(100, 599), x=st.sampled_from(HONEST))
def test_any_bytes_at_all_never_break_a_check(body, status, x):
    assert broken(replace(x, body=body, status=status, memo={})) == {}
