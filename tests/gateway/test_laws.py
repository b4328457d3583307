"""Every law over both ends proves that it can fail: its lies make it fail, and no other; a gateway that changes nothing passes all."""

from __future__ import annotations

from functools import cache

import pytest

from conformance.gateway.laws import laws, lies
from conformance.gateway.pair import pairs
from conformance.gateway.without_sockets import CLIENT_KEY, both_ends
from conformance.judge.judge import Judge
from tests.support import wording


def verdicts(exchanges):
    court = Judge(laws().values())
    for x in exchanges:
        court.add(x)
    return court.finish()


@cache
def honest():
    """The exchanges of a gateway that changes nothing."""
    return both_ends()


def changed(lie):
    """The pairs that a lie changed; the others were judged without it."""
    same = {id(x) for x in honest()}
    before = {pair.outer.id: len(pair.inners) for pair in pairs(honest())}
    for pair in pairs(both_ends(lie)):
        group = (pair.outer, *pair.inners)
        if len(pair.inners) != before[pair.outer.id] or not all(id(x) in same for x in group):
            yield from group


def test_a_gateway_that_changes_nothing_passes_every_law():
    amiss = {v.check.id: (v.outcome, v.reason, v.problems[:2]) for v in verdicts(honest()) if v.outcome != "pass"}
    needs_a_lie = {"gateway.no-fallback", "gateway.own-refusal"}
    assert {id: said for id, said in amiss.items() if id not in needs_a_lie} == {}
    assert {amiss[id][0] for id in needs_a_lie} == {"not-exercised"}


def test_every_law_names_lies_that_exist_and_every_lie_is_named():
    named = {name for law in laws().values() for name in law.breaks}
    assert named == set(lies())
    assert len(laws()) >= 60


@pytest.mark.parametrize("name", sorted(lies()))
def test_a_lie_makes_exactly_the_laws_that_name_it_fail(name):
    found = verdicts(changed(lies()[name]))
    assert {v.check.id: v.reason for v in found if v.outcome == "broken"} == {}
    failing = {v.check.id: [words for _, words in v.problems][:2] for v in found if v.outcome == "fail"}
    assert set(failing) == {law.id for law in laws().values() if name in law.breaks}, failing
    unhelpful = [words for id, said in failing.items() for words in said if [*wording.faults(id, words)]]
    assert unhelpful == []
    assert all(CLIENT_KEY not in words for said in failing.values() for words in said)
