"""Every number of a figure is that of the traffic: by day, as a share, as a percentile, and none where there are too few."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.report import operators_figures as figures
from conformance.report.lanes import Values, drawing
from conformance.report.production import Production
from conformance.run.endings import seconds_of
from conformance.run.traffic import Model
from conformance.run.traffic_count import Count, Failures, Reasons

MODEL, OTHER, DAY = Model("m", "h"), Model("other", "h"), 20_758  # 2026-11-01


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    """A picture is (lanes, days, words) as they were to be drawn."""
    monkeypatch.setattr(figures, "drawing", lambda lanes, days, words: (lanes, days, words))


def production(*counts: Count | None) -> Production:
    """A day each, None where the model had nothing on it; another model had something on each."""
    found = Production()
    for n, count in enumerate(counts):
        found._traffic._at((DAY + n, OTHER)).add(Count(exchanges=1000, choices=1000, reasons=Reasons({"stop": 1000})))
        if count is not None:
            found._traffic._at((DAY + n, MODEL)).add(count)
    return found


def lanes(figure: figures.Figure) -> list[tuple[str, list[float | None], float, str]]:
    return [(each.name, list(each.numbers), each.top, each.said) for each in figure.picture[0]]


def ended(choices: int, refused: int = 0, rest: int = 0, **reasons: int) -> Count:
    made = Reasons(reasons)
    made.rest = rest
    return Count(exchanges=choices, choices=choices, refused=refused, reasons=made)


def test_finish_reasons_are_shares_of_choices():
    found = production(ended(10, 1, stop=7, length=3), None, ended(4, 0, stop=1, length=3))
    figure = figures.reasons(found, MODEL)
    assert (figure.title, figure.note, figure.columns) == ("m", "14 choices", ("choices", "stop", "length", "refused"))
    assert figure.rows == [
        ("11-01", ("10", "70.0", "30.0", "10.0"), False),
        ("11-03", ("4", "25.0", "75.0", "0"), False),
    ]
    assert lanes(figure) == [
        ("stop", [0.7, None, 0.25], 0.7, "top 70.0 %"),
        ("length", [0.3, None, 0.75], 0.75, "top 75.0 %"),
        ("refused", [0.1, None, 0.0], 0.1, "top 10.0 %"),
    ]
    assert figure.picture[1:] == (
        ["11-01", "11-02", "11-03"],
        "stop: top 70.0 %; length: top 75.0 %; refused: top 10.0 %",
    )


def test_five_reasons_have_a_lane_and_the_others_share_one():
    many = ended(100, rest=2, a=10, b=20, c=30, d=10, e=5, f=4, g=19)
    figure = figures.reasons(production(many), MODEL)
    assert figure.columns == ("choices", "c", "b", "g", "a", "d", "others")
    assert figure.rows == [("11-01", ("100", "30.0", "20.0", "19.0", "10.0", "10.0", "11.0"), False)]
    assert figures.reasons(production(Count(exchanges=3)), MODEL) is None
    assert figures.reasons(production(Count(exchanges=3, choices=3)), MODEL) is None


def test_what_came_instead_of_answers_is_a_share_of_what_was_kept():
    statuses = Counter({"2xx": 80, "429": 10, "5xx": 10, "not kept": 100})
    figure = figures.statuses(production(Count(exchanges=200, statuses=statuses)), MODEL)
    assert (figure.note, figure.columns, figure.rows) == (
        "100 requests",
        ("requests", "429", "5xx"),
        [("11-01", ("100", "10.0", "10.0"), False)],
    )
    assert figures.statuses(production(Count(exchanges=2, statuses=Counter({"2xx": 2}))), MODEL) is None


@pytest.mark.parametrize(("length", "name"), [(22, "x" * 22), (23, "x" * 21 + "…")])
def test_a_long_name_is_cut_in_the_picture_alone(length, name):
    figure = figures.reasons(production(ended(1, **{"x" * length: 1})), MODEL)
    assert lanes(figure)[0][0] == name
    assert figure.columns[1] == "x" * length


def failing(law: str, failed: int, judged: int) -> Count:
    found = {law: Failures(failed, (0.0, (), "x"))} if failed else {}
    return Count(exchanges=judged, judged=Counter({law: judged}), failed=found)


def test_errors_of_tool_calls_are_rates_of_the_answers_that_could_show_them():
    found = production(failing("tool.arguments-json", 2, 40), None, failing("tool.arguments-json", 0, 10))
    figure = figures.tools(found, MODEL)
    assert (figure.note, figure.columns) == ("2 in all", ("invalid JSON", "unknown tool", "schema mismatch"))
    assert figure.rows == [("11-01", ("2 of 40", "–", "–"), False), ("11-03", ("0 of 10", "–", "–"), False)]
    assert lanes(figure)[0] == ("invalid JSON", [0.05, None, 0.0], 0.05, "top 5.0 %")
    assert lanes(figure)[1] == ("unknown tool", [None, None, None], 0.05, "top 5.0 %")
    assert figures.tools(production(Count(exchanges=9)), MODEL) is None


def test_tokens_are_sums_and_means_of_answers():
    found = production(Count(exchanges=5, tokens=(4, 4000, 1000)), None, Count(exchanges=2, tokens=(2, 3000, 200)))
    figure = figures.tokens(found, MODEL)
    assert (figure.note, figure.columns) == ("7,000 + 1,200", ("answers", "prompt", "completion", "an answer"))
    assert figure.rows == [
        ("11-01", ("4", "4,000", "1,000", "1,000 + 250"), False), ("11-03", ("2", "3,000", "200", "1,500 + 100"), False),
    ]  # fmt: skip
    assert lanes(figure) == [
        ("prompt, an answer", [1000.0, None, 1500.0], 1500.0, "top 1,500"),
        ("completion, an answer", [250.0, None, 100.0], 250.0, "top 250"),
    ]
    assert figures.tokens(production(Count(exchanges=9)), MODEL) is None


def test_times_are_percentiles_of_twenty_values_and_more():
    """Of 20 values in whole answers the 10th and the 19th; 19 to the first token are too few."""
    total, first = Counter({0: 10, 20: 9, 60: 1}), Counter({0: 19})
    figure = figures.times(production(Count(exchanges=20, times={"total": total, "first": first})), MODEL)
    assert figure.columns == ("first p50", "p95", "whole p50", "p95", "values")
    assert figure.rows == [("11-01", ("–", "–", "1.00 s", "2.72 s", "19 + 20"), False)]
    assert [(name, said) for name, _, _, said in lanes(figure)] == [
        ("whole answer, p50", "top 1.00 s"),
        ("whole answer, p95", "top 2.72 s"),
    ]
    assert figure.note == ""
    few = figures.times(production(Count(exchanges=3, times={"total": Counter({0: 3})})), MODEL)
    assert (few.note, few.rows, lanes(few)) == (
        "fewer than 20 values a day",
        [("11-01", ("–", "–", "–", "–", "0 + 3"), False)],
        [],
    )
    assert figures.times(production(Count(exchanges=3)), MODEL) is None


@pytest.mark.parametrize(("share", "number"), [(0.04, 0), (0.5, 0), (0.51, 20), (0.95, 20), (0.96, 60), (1.0, 60)])
def test_a_percentile_is_the_least_that_so_many_do_not_exceed(share, number):
    assert figures.percentile({60: 1, 20: 9, 0: 10}, share) == seconds_of(number)
    assert figures.percentile({0: 19}, share) is None


def test_a_day_is_said_without_its_year():
    assert [figures.short(day) for day in (DAY, DAY + 30)] == ["11-01", "12-01"]
    assert not figures.short(None)[:1].isdigit()


# ---------------------------------------------------------------------- how it is drawn


def test_bars_are_as_high_as_their_share_of_the_top():
    made = drawing(
        [Values("a", [1.0, None, 2.0, 0.0], 2.0, intervals=[(0.5, 1.5)], worse=frozenset({2}))], list("wxyz"), "words"
    )
    [lane] = made.lanes
    assert (made.height, made.foot, made.words, lane.label, lane.base) == (15 + 58 + 15, 15 + 58 + 11, "words", 12, 73)
    assert lane.bars == "M30.0 73.0v-27.0h26.0v27.0zM264.0 73.0v-0.8h26.0v0.8z"
    assert lane.marked == "M186.0 73.0v-54.0h26.0v54.0z"
    assert lane.marks == "M195.0 6.0h8l-4 7z"
    assert lane.whiskers == "M43.0 59.5V32.5"
    assert lane.none == "M119.0 71.5h4"
    assert [tick[0] for tick in made.ticks] == [43.0, 121.0, 199.0, 277.0]


def test_several_lanes_are_lower_and_of_many_days_the_ends_are_named():
    made = drawing([Values("a", [9.0] * 6, 3.0), Values("b", [1.0] * 6, 0.0)], list("uvwxyz"), "")
    assert [(lane.base, lane.label) for lane in made.lanes] == [(35, 12), (70, 47)]
    assert made.ticks == ((4, "start", "u"), (316, "end", "z"))
    assert made.lanes[0].bars.startswith("M17.0 35.0v-16.0h26.0"), "no bar is higher than its lane"
    assert made.lanes[1].bars.startswith("M17.0 70.0v-0.8h26.0")
    assert len(drawing([Values("a", [1.0] * 5, 1.0)], list("vwxyz"), "").ticks) == 5
