"""How far two sides' times are apart: the interval holds the truth about as often as it says, and too few values say nothing."""

from __future__ import annotations

import random

import pytest

from conformance.parity import intervals
from conformance.parity.gates import gates
from conformance.parity.intervals import beside
from conformance.parity.totals import totals
from tests.parity.test_comparing import OPTIONS, answer


def side(draw: random.Random, number: int, factor: float = 1.0) -> dict:
    return {f"a.{n}": [answer(times=(factor * draw.lognormvariate(-2, 0.4),), started=None)] for n in range(number)}


def gate(found, most=1.5):
    nothing = totals([]) | {"target": {"usable": 1}}
    (row,) = [
        row for row in gates(OPTIONS | {"max_ttft_p95": most}, nothing, None, found) if row["gate"] == "--max-ttft-p95"
    ]
    return row


@pytest.mark.parametrize("number", [0, 1, 19])
def test_of_fewer_than_twenty_prompts_nothing_is_told_and_the_gate_is_not_green(number):
    draw = random.Random(1)
    found = beside(side(draw, number), side(draw, number))
    assert found["first"] == {"prompts": number, "target": number, "baseline": number, "p50": None, "p95": None}
    assert gate(found)["holds"] is None
    assert f"{number} prompts" in gate(found)["seen"]


def test_prompts_that_one_side_alone_answered_are_left_out():
    draw = random.Random(1)
    assert beside(side(draw, 30), side(draw, 19))["first"]["p50"] is None


def test_a_slower_side_is_told_with_an_interval_that_holds_the_truth():
    draw = random.Random(2)
    found = beside(side(draw, 60, 3.0), side(draw, 60))["first"]
    for name in ("p50", "p95"):
        middle, low, high = found[name]["ratio"]
        assert low <= middle <= high
        assert low < 3.0 < high
        assert found[name]["difference"][1] > 0
    assert gate({"first": found}, 1.5)["holds"] is False
    assert gate({"first": found}, 9.0)["holds"] is True
    assert gate({"first": found}, 3.0)["holds"] is None  # the truth itself: no sample tells


def test_two_equal_sides_are_seldom_said_to_differ():
    """Of 60 pairs of equal servers, 20 prompts each, the worst case."""
    draw = random.Random(3)
    rows = [beside(side(draw, 20), side(draw, 20))["first"] for _ in range(60)]
    for name in ("p50", "p95"):
        apart = sum(not row[name]["difference"][1] <= 0 <= row[name]["difference"][2] for row in rows)
        assert apart <= 6, name  # 3 are to be expected; more than 6 in one case of 30
    assert sum(gate({"first": row}, 1.0)["holds"] is not None for row in rows) <= 6


def test_the_same_answers_give_the_same_numbers():
    one, other = (beside(side(random.Random(4), 25), side(random.Random(5), 25)) for _ in "12")
    assert one == other


@pytest.mark.parametrize(("work", "draws"), [(400_000, 2000), (24_000, 800), (6_000, 200), (60, 200)])
def test_of_many_prompts_fewer_draws_are_made(work, draws, monkeypatch):
    counted = []
    monkeypatch.setattr(intervals, "WORK", work)
    monkeypatch.setattr(intervals, "_told", lambda seen, drawn: counted.append(len(drawn)))
    draw = random.Random(1)
    beside(side(draw, 30), side(draw, 30))
    assert set(counted) == {draws}
