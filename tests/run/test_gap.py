"""The gap of two runs: worse, better, the same or not compared, and which checks only one of them was judged by."""

from __future__ import annotations

from itertools import product

import pytest

from conformance.run.gap import gap
from conformance.run.run_file import Run

OUTCOMES = ("pass", "fail", "broken", "untestable", "not-exercised")
EXPECTED = {
    ("pass", "pass"): "same",
    ("fail", "fail"): "same",
    ("untestable", "untestable"): "same",
    ("not-exercised", "not-exercised"): "same",
    ("fail", "pass"): "worse",
    ("untestable", "pass"): "worse",
    ("pass", "fail"): "better",
}
"""(target, baseline); every other pair is not compared, and says why."""


def verdict(check, outcome, **more):
    return {"check": check, "level": "must", "outcome": outcome, "requirement": f"{check} holds."} | more


def run(*verdicts, version="1.0"):
    return Run({"version": version}, verdicts=list(verdicts))


@pytest.mark.parametrize(("mine", "theirs"), list(product(OUTCOMES, OUTCOMES)))
def test_two_outcomes_compare(mine, theirs):
    (row,) = gap(run(verdict("a.b", mine)), run(verdict("a.b", theirs, reason="no such probe"))).rows
    assert (row.target, row.baseline) == (mine, theirs)
    assert row.gap == EXPECTED.get((mine, theirs), "not-compared")
    assert bool(row.why) == (row.gap == "not-compared")


def test_a_run_beside_itself_has_no_gap():
    some = run(*(verdict(f"a.{outcome}", outcome) for outcome in OUTCOMES if outcome != "broken"))
    found = gap(some, some)
    assert {row.gap for row in found.rows} == {"same"}
    assert not found.versions


def test_a_known_deviation_is_worse_and_does_not_count():
    found = gap(run(verdict("a.b", "fail", known="accepted"), verdict("a.c", "fail")),
                run(verdict("a.b", "pass"), verdict("a.c", "pass")))  # fmt: skip
    assert found.ids("worse") == ["a.b", "a.c"]
    assert found.counted == ["a.c"]


def test_a_baseline_of_another_version_says_which_checks_differ():
    new = run(verdict("a.new", "fail"), verdict("a.b", "pass"), verdict("a.level", "pass"), version="2.0")
    old = run(verdict("a.b", "pass"), verdict("a.gone", "pass"), verdict("a.level", "pass", level="may"), version="1.0")
    found = gap(new, old)
    assert [(row.check, row.gap, row.why) for row in found.rows] == [
        ("a.new", "not-compared", "the baseline was not judged by it"),
        ("a.b", "same", ""),
        ("a.level", "same", ""),
        ("a.gone", "not-compared", "the target was not judged by it"),
    ]
    said = found.versions
    assert (said.target, said.baseline, said.added, said.removed, said.changed) == (
        "2.0", "1.0", ("a.new",), ("a.gone",), ("a.level",),
    )  # fmt: skip
    assert said.words == (
        "the baseline was judged by version 1.0, the target by 2.0: "
        "only the target was judged by a.new; only the baseline by a.gone; other words have a.level"
    )
