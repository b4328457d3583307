"""Every check proves that it can fail: its lies make it fail, and nothing else; and it says so in words of use."""

from __future__ import annotations

import pytest

from conformance.areas.catalogue import catalogue, judge, lies
from tests.support import proving, snapshots


def test_the_honest_reference_passes_every_check():
    amiss = {
        v.check.id: (v.outcome, v.reason, v.problems) for v in judge(proving.honest().values()) if v.outcome != "pass"
    }
    assert amiss == {}


def test_every_check_names_a_lie_that_exists():
    unknown = {c.id: c.breaks for c in catalogue().values() if not c.breaks or not set(c.breaks) <= set(lies())}
    assert unknown == {}


def test_every_lie_is_named_by_a_check():
    named = {name for check in catalogue().values() for name in check.breaks}
    assert set(lies()) - named == set()


@pytest.mark.parametrize("name", sorted(lies()))
def test_a_lie_makes_exactly_the_checks_that_name_it_fail(name):
    verdicts = proving.verdicts(lies()[name])
    assert {v.check.id: v.reason for v in verdicts if v.outcome == "broken"} == {}
    assert {v.check.id for v in verdicts if v.outcome == "fail"} == proving.named(name)
    assert proving.unhelpful(lies()[name], verdicts) == {}
    assert snapshots.words(verdicts) == snapshots.recorded_words().get(name), f"if meant: nox -s snapshots -- {name}"
