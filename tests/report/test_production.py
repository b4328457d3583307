"""What is said to operators follows from the counts of days: what began, what got worse, and nothing by chance."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from conformance.areas.catalogue import catalogue
from conformance.report.operators import operators
from conformance.report.production import RULE, TOOL_ERRORS, Production, Rate, percent
from conformance.run.run_file import Run, read
from conformance.run.traffic import DAY, Model, Traffic
from conformance.run.traffic_count import NEVER, Count, Failures
from tests.support import production as made

M = Model("m", "h")


def said(*days, law="tool.arguments-fit", model=M, also=()):
    """The production of one law: (failed, judged) of each day, None for a day without traffic, "none" last for what has no day."""
    traffic = Traffic()
    for n, each in enumerate(days):
        if each is not None:
            failed, judged = each
            first = {law: Failures(failed, ((n + 20_000.0) * DAY, (), f"x{n}"))} if failed else {}
            traffic._at((20_000 + n, model)).add(Count(exchanges=judged, judged=Counter({law: judged}), failed=first))
    for count in also:
        traffic._at((None, model)).add(count)
    run = Run({"target": {}}, verdicts=[{"check": law, "level": "should", "requirement": "It fits."}])
    run.traffic = list(traffic.records())
    return Production(run)


@pytest.mark.parametrize(
    "days",
    [
        ((10, 1000), (12, 1000)),  # as it was
        ((0, 3), (3, 3)),  # too few to tell
        ((20_000, 100_000), (21_000, 100_000)),  # sure, and next to nothing
        ((200, 1000), (10, 1000)),  # better
        ((0, 1000), (0, 1000)),
        ((100, 1000),),
    ],
)
def test_what_may_be_chance_or_is_next_to_nothing_is_no_regression(days):
    assert said(*days).regressions == []


def test_a_regression_is_held_against_the_last_day_that_judged_any():
    [found] = said((10, 1000), None, (0, 0), (80, 1000), (82, 1000)).regressions
    assert (found.day, found.before) == (20_003, 20_000)
    assert (found.now, found.then) == (Rate(80, 1000), Rate(10, 1000))
    assert found.chance < 0.01
    assert found.law.requirement == "It fits."


def test_many_laws_by_chance_alone_are_none_that_got_worse():
    """Sixty days of the same rate, thirty models: of 1,770 comparisons, none is worse."""
    chance, traffic = random.Random(7), Traffic()
    for n in range(30):
        for day in range(60):
            failed = sum(chance.random() < 0.05 for _ in range(120))
            first = {"a.b": Failures(failed, (NEVER, (), "x"))} if failed else {}
            traffic._at((20_000 + day, Model(f"m{n}", "h"))).add(Count(120, judged=Counter({"a.b": 120}), failed=first))
    run = Run({"target": {}})
    run.traffic = list(traffic.records())
    assert Production(run).regressions == []


def test_what_began_is_told_with_what_held_before():
    [found] = said((0, 500), (0, 400), (3, 100), (9, 100)).begun
    assert (found.day, found.at, found.ids, found.clean) == (20_002, 20_002.0 * DAY, "x2", 900)
    [always] = said((1, 500), (5, 400)).begun
    assert always.clean == 0
    law = "tool.arguments-fit"
    undated = Count(exchanges=9, judged=Counter({law: 9}), failed={law: Failures(2, (NEVER, (), "z"))})
    [unknown] = said((0, 500), also=[undated]).begun
    assert (unknown.day, unknown.at, unknown.clean) == (None, None, 0)


def test_the_made_traffic_has_its_regression_and_its_beginning(tmp_path):
    found = Production(read(made.run_file(tmp_path / "run.jsonl")))
    assert [(each.law.id, each.model.name, each.day - made.FIRST) for each in found.regressions] == [
        (made.BEGAN, "qwen-3-32b", 2),
        (made.WORSE, "llama-4-70b", 3),
    ]
    assert [each.law.id for each in found.begun if each.clean > 1000] == [made.BEGAN]
    assert found.laws[0].id == made.BEGAN
    two = Production(*[read(tmp_path / "run.jsonl")] * 2)
    assert two.exchanges == 2 * found.exchanges
    assert two.in_all(made.WORSE).failed == 2 * found.in_all(made.WORSE).failed


def test_a_file_that_says_what_cannot_be_is_shown_all_the_same():
    """More failed than was judged, and no count of it; whoever wrote that."""
    traffic = Traffic()
    first = {"a.b": Failures(9, (NEVER, (), "x"))}
    traffic._at((20_000, M)).add(Count(judged=Counter({"a.b": 5}), failed=dict(first)))
    traffic._at((20_001, M)).add(Count(failed=dict(first)))
    run = Run({"target": {}, "version": "1", "started": "2026-11-01T00:00:00"})
    run.traffic = list(traffic.records())
    found = Production(run)
    assert [found.rate("a.b", M, day).value for day in found.days] == [1, 1]
    assert found.in_all("a.b") == Rate(18, 18)
    assert "a.b" in operators(found)


def test_hosts_are_named_where_there_are_several():
    traffic = Traffic()
    for host in ("one", "two"):
        traffic._at((20_000, Model("m", host))).add(Count(exchanges=1))
    run = Run({"target": {}})
    run.traffic = list(traffic.records())
    assert [Production(run).named(model) for model in Production(run).models] == ["m at one", "m at two"]
    assert said((0, 1)).named(M) == "m"


def test_kinds_of_tool_call_errors_are_found_by_laws_of_the_catalogue():
    named = {id for group in TOOL_ERRORS.values() for ids in group for id in ids}
    assert named <= set(catalogue())
    assert said((3, 50)).errors("schema mismatch", M, 20_000) == Rate(3, 50)
    assert said((3, 50)).errors("invalid JSON", M, 20_000) == Rate(0, 0)


def test_the_rule_is_said_and_rates_are_readable():
    for words in ("Fisher", "Holm", "0.01", "1.5 times", "Wilson"):
        assert words in RULE
    assert [percent(rate) for rate in (None, 0, 0.00042, 0.034, 0.5, 1)] == [
        "–",
        "0 %",
        "0.042 %",
        "3.4 %",
        "50.0 %",
        "100 %",
    ]
