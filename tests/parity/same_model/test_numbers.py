"""The numbers of --same-model by hand: what answers become, what a permutation test makes of them, what is asked and said."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from math import log

import numpy as np
import pytest

from conformance.exchange import Exchange
from conformance.parity.answers import Answer
from conformance.parity.prompt import Must, Prompt
from conformance.parity.same_model import power, ruling, samples
from conformance.parity.same_model.permutation import PERMUTATIONS, Stratum, permute
from conformance.run.user_error import UserError

# ---------------------------------------------------------------------- answers as numbers


def test_of_top_logprobs_one_less_than_the_shortest_names_counts():
    table = samples.logprobs_table([{"a": -1.0, "b": -2.0, "c": -4.0}, {"a": -1.5, "c": -2.5, "b": -9.0, "d": -10.0}])
    assert table.tolist() == [
        [-1.0, -2.0, -2.0],
        [-1.5, -2.5, -2.5],
    ]  # a, b, c: what is not named is as likely as the last
    assert samples.logprobs_table([{"a": -1.0, "b": -2.0}, {"a": -1.5, "b": -3.0}]).tolist() == [[-1.0], [-1.5]]
    assert samples.logprobs_table([{"a": -1.0}, {"b": -2.0}]).tolist() == [[-1.0, -1.0], [-2.0, -2.0]]


def test_logprobs_closer_than_the_floor_are_the_same():
    apart = samples.logprobs_apart(np.array([[0.0, 0.0], [0.001, 0.1], [0.0011, 0.0]]), 1).apart["logprobs"]
    assert apart[0].tolist() == pytest.approx([0.0, 0.05, 0.00055])
    assert apart[1, 2] == pytest.approx(0.05)


def test_texts_are_apart_by_their_words():
    found = samples.warm_stratum(["a b", "a b"], ["A a", ""]).apart["words"]
    assert found[0].tolist() == pytest.approx([0.0, 0.0, 0.5, 1.0])
    assert found[3].tolist() == pytest.approx([1.0, 1.0, 1.0, 0.0])
    assert samples.warm_stratum([""], [""]).apart["words"].tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert samples.warm_stratum(["x " * samples.PIECES + "y"], ["x"]).apart["words"][0, 1] == pytest.approx(0.0), (
        "so far is read"
    )
    assert samples.warm_stratum(["x " * (samples.PIECES - 1) + "y"], ["x"]).apart["words"][0, 1] > 1e-8
    pieces = samples._PIECE.findall("it's 42, snake_case: größe")
    assert pieces == ["it", "'", "s", "4", "2", ",", "snake", "_", "case", ":", "größe"]


def test_a_rare_word_surprises_by_its_nats():
    usual = (3 * -log(3 / 4) - log(1 / 4)) / 4
    found = samples._surprise([["a", "a"], ["a", "b"], []])
    assert found.tolist() == pytest.approx([2 * (-log(3 / 4) - usual), -log(3 / 4) - log(1 / 4) - 2 * usual, 0.0])
    assert samples._surprise([[], []]).tolist() == [0.0, 0.0]


def test_equal_values_share_their_ranks():
    assert samples._ranks(np.array([5.0, 1.0, 5.0, 9.0])).tolist() == [0.5, 0.125, 0.5, 0.875]


@pytest.mark.parametrize(
    ("kind", "names", "numbers"),
    [("warm", ["words"], ["surprise"]), ("nucleus", ["words"], ["nucleus"]), ("cold", ["equal"], [])],
)
def test_each_kind_of_question_has_its_statistics(kind, names, numbers):
    made = samples.stratum(kind, ["a", "b"], ["a"])
    assert (list(made.apart), list(made.numbers), made.first, made.size) == (names, numbers, 2, 3)


def test_at_temperature_0_only_equality_counts():
    assert samples.cold_stratum(["a", "b"], ["b"]).apart["equal"].tolist() == [
        [0.0, 1.0, 1.0],
        [1.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
    ]


def test_the_excess_is_what_sides_are_apart_beyond_themselves():
    one = Stratum(2, {"equal": np.array([[0, 0.2, 1, 1], [0.2, 0, 1, 0], [1, 1, 0, 0.4], [1, 0, 0.4, 0]])}, {})
    assert samples.excess(one) == pytest.approx(0.75 - (0.2 + 0.4) / 2)
    single = Stratum(1, {"equal": np.array([[0, 1, 0.5], [1, 0, 9], [0.5, 9, 0]])}, {})
    assert samples.excess(single) == pytest.approx(0.75)
    both = Stratum(1, {"words": np.array([[0, 1.0], [1.0, 0]]), "logprobs": np.array([[0, 3.0], [3.0, 0]])}, {})
    assert samples.excess(both) == 3.0


# ---------------------------------------------------------------------- the test itself


def test_the_values_are_those_of_the_labels_as_they_are():
    """Energy: twice the mean distance across, less the means within; numbers: the difference of means, without its sign."""
    apart = np.array([[0, 1, 4, 4], [1, 0, 4, 4], [4, 4, 0, 2], [4, 4, 2, 0]], float)
    numbers = np.array([1.0, 2.0, 5.0, 6.0])
    strata = [
        Stratum(2, {"words": apart}, {"surprise": numbers}),
        Stratum(2, {"words": np.zeros((4, 4))}, {"surprise": numbers}),
    ]
    found = permute(strata)
    assert found.values == pytest.approx({"words": (2 * 4 - 0.5 - 1) / 2, "surprise": 4.0})
    assert found.p_values["words"] == pytest.approx(1 / 3, abs=0.05), "of six ways to part four, two are as far apart"
    assert found.p_values["surprise"] == pytest.approx(2 / 36, abs=0.02)
    assert found.p_values["surprise"] <= found.p_value <= 2 * found.p_values["surprise"] + 0.05
    assert permute(strata) == found, "a replay gives the same"
    assert permute(strata, seed=1).p_values != found.p_values


def test_a_p_value_is_no_smaller_than_one_of_all_permutations():
    strata = [samples.cold_stratum(["a"] * 3, ["b"] * 3)] * 20
    assert permute(strata).p_value == 1 / PERMUTATIONS
    assert permute(strata, 50).p_value == 1 / 50


# ---------------------------------------------------------------------- the smallest change


def test_the_power_names_the_first_size_that_nine_of_ten_splits_see():
    steady = [("logprobs", [{"a": -1.0, "b": -2.0, "c": -3.0}] * 4)] * 12
    assert power.smallest("logprobs", steady, 0.01) == {
        "smallest": 0.002,
        "unit": "nats",
        "detected": 1.0,
        "splits": 20,
    }
    few = [("logprobs", [{"a": -1.0, "b": -2.0}])] * 12
    assert power.smallest("logprobs", few, 0.01) == {"smallest": None, "unit": "nats", "detected": 0.0, "splits": 20}
    two = [("cold", ["a", "a"])]
    assert power.smallest("text", two, 0.01) == {
        "smallest": None,
        "unit": "of the answers",
        "detected": 0.0,
        "splits": 20,
    }


def test_a_shift_moves_one_half_up_or_down_by_as_much():
    own = [("logprobs", [{"a": -1.0, "b": -2.0, "c": -3.0}] * 5)]
    [moved] = power._moved(own, 0.5, np.random.default_rng(1))
    assert (moved.first, moved.size) == (2, 5)
    assert moved.apart["logprobs"][0, 2:].tolist() == [0.5] * 3
    assert moved.apart["logprobs"][0, 1] == 0.0


def test_a_share_of_one_half_is_of_other_prompts():
    own = [("cold", [f"a{n}" for n in range(5)]), ("cold", [f"b{n}" for n in range(5)])]
    for stratum in power._mixed(own, 0.0, np.random.default_rng(1)):
        assert (stratum.first, stratum.size) == (2, 5)
        assert stratum.apart["equal"].sum() == 20, "all five are there once"
    assert any(s.apart["equal"].sum() < 20 for s in power._mixed(own, 1.0, np.random.default_rng(1)))


# ---------------------------------------------------------------------- what is asked


def prompt(id: str, *, uncertain: bool = True, **request: object) -> Prompt:
    return Prompt(id, "a", "", {"messages": [], **request}, (), Must(), uncertain, "f:1")


def ids(plan: ruling.Plan, kind: str) -> tuple[list[str], int]:
    return [p.id for p in plan[kind][0]], plan[kind][1]


@pytest.mark.parametrize(
    ("number", "asked", "repeats"), [(0, 0, 25), (1, 1, 25), (6, 6, 25), (7, 7, 21), (37, 37, 4), (60, 37, 4)]
)
def test_logprobs_are_asked_of_uncertain_prompts_first_and_of_few_more_often(number, asked, repeats):
    sure = [prompt(f"sure.{n}", uncertain=False) for n in range(number // 3)]
    unsure = [prompt(f"unsure.{n}") for n in range(number - len(sure))]
    wanted = [p.id for p in (*unsure, *sure)][:asked]
    assert ids(ruling.plan_logprobs([*sure, *unsure]), "logprobs") == (wanted, repeats)


def test_texts_are_asked_of_the_longer_uncertain_prompts():
    prompts = [prompt("short", max_tokens=15), prompt("sure", uncertain=False), prompt("tool", tools=[{}]),
               *(prompt(f"long.{n}", max_completion_tokens=16) for n in range(11))]  # fmt: skip
    plan = ruling.plan_texts(prompts)
    assert ids(plan, "cold") == ([f"long.{n}" for n in range(9)], 3)
    assert ids(plan, "nucleus") == ([f"long.{n}" for n in range(5)], 3)
    assert ids(plan, "warm") == ([f"long.{n}" for n in range(5)], (200 - 27) // 5 - 3)
    assert ids(ruling.plan_texts(prompts[:3]), "cold") == (["short"], 3)
    assert ids(ruling.plan_texts(prompts[1:2]), "warm") == ([], 200 - 3)


def test_a_question_says_all_that_matters_and_no_seed():
    asked = prompt("a.b", max_tokens=40, seed=5, temperature=0.3)
    name, body = ruling.question("target", "logprobs", asked, 2, 5)
    assert name == "target#same.logprobs:a.b~2"
    assert {key: body.get(key) for key in ("temperature", "logprobs", "top_logprobs", "max_tokens", "stream", "seed")} == {
        "temperature": 1, "logprobs": True, "top_logprobs": 5, "max_tokens": 1, "stream": False, "seed": None,
    }  # fmt: skip
    assert "max_completion_tokens" not in body
    _, cold = ruling.question("target", "cold", asked, 1)
    assert (cold["temperature"], cold["max_tokens"], "top_logprobs" in cold) == (0, 40, False)
    assert ruling.question("target", "nucleus", asked, 1)[1]["top_p"] == 0.8


def test_each_round_has_an_order_of_its_own_that_comes_again():
    these = [prompt(str(n)) for n in range(20)]
    first, again, other = (ruling.rounds("warm", these, n) for n in (1, 1, 2))
    assert first == again
    assert [p for p, _ in first] != [p for p, _ in other] != these
    assert {(p.id, n) for p, n in first} == {(p.id, 1) for p in these}


# ---------------------------------------------------------------------- what is said


def told(id: str, *, content: str = "x", tops: object = None, usage: object = None, status: int = 200) -> Exchange:
    logprobs = None if tops is None else {"content": [{"token": "x", "logprob": -1, "top_logprobs": tops}]}
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": content},
        "logprobs": logprobs,
    }
    body = json.dumps({"choices": [choice], "usage": usage or {"prompt_tokens": 3, "completion_tokens": 2}}).encode()
    return Exchange(id, "POST", "http://h/v1/chat/completions", (), b"{}", status, (), body, ((0.1, len(body)),))


def tops(*values: float) -> list[dict]:
    return [{"token": f"t{n}", "logprob": value} for n, value in enumerate(values)]


class Side:
    """Gives so many top logprobs at most, and keeps what it is asked."""

    def __init__(self, side: str, most: int) -> None:
        self.side, self._most, self.asked = side, most, []

    async def ask(self, questions: list) -> list[Exchange]:
        self.asked += questions
        return [self._answer(id, body.get("top_logprobs")) for id, body in questions]

    def _answer(self, id: str, wanted: int | None) -> Exchange:
        return told(id, tops=tops(*[-1.0] * wanted) if wanted and wanted <= self._most else None)


@pytest.mark.parametrize(
    ("most", "tries", "kinds", "top"),
    [
        ((20, 20), 1, {"logprobs"}, {20}),
        ((20, 5), 2, {"logprobs"}, {5}),
        ((20, 4), 2, {"warm", "nucleus", "cold"}, set()),
    ],
)
def test_the_strongest_way_that_both_sides_allow_is_asked(most, tries, kinds, top):
    sides = [Side("target", most[0]), Side("baseline", most[1])]
    asyncio.run(ruling.ask([prompt("a.b"), prompt("a.c")], sides, []))
    for side in sides:
        names = [id.partition("#")[2] for id, _ in side.asked]
        assert names[:tries] == [f"same.try-{n}:a.b" for n in (20, 5)[:tries]]
        assert {name.partition(":")[0].removeprefix("same.") for name in names[tries:]} == kinds
        assert {body["top_logprobs"] for _, body in side.asked[tries:] if "top_logprobs" in body} == top
        assert len(names) == len(set(names))
        assert len(names) - tries == (2 * 25 if top else 2 * ((200 - 6) // 2 - 3 + 3 + 3))


@pytest.mark.parametrize(("recorded", "way"), [("same.logprobs:a.b", "logprobs"), ("same.warm:a.b", "warm")])
def test_a_recorded_baseline_is_asked_as_it_was(recorded, way):
    side = Side("target", 20)
    asyncio.run(ruling.ask([prompt("a.b")], [side], [told(f"baseline#{recorded}")]))
    assert any(id.startswith(f"target#same.{way}:") for id, _ in side.asked)
    assert any("try-" in id for id, _ in side.asked) is (way == "logprobs")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (tops(-1.0, -2), {"t0": -1.0, "t1": -2.0}),
        (tops(0.5, -1e9), {"t0": 0.0, "t1": -100.0}),
        (
            [
                {"token": 1, "logprob": -1},
                {"token": "a", "logprob": True},
                {"token": "b", "logprob": "x"},
                {"logprob": -1},
                3,
            ],
            None,
        ),
        ({"token": "a", "logprob": -1}, None),
        ([], None),
    ],
)
def test_top_logprobs_are_read_where_they_are_some(given, read):
    assert ruling.logprobs(Answer(prompt("a.b"), told("x", tops=given))) == read
    assert ruling.logprobs(Answer(prompt("a.b"), told("x", tops=given, status=500))) is None


PROMPTS = [prompt(f"a.{n}") for n in range(3)]


def both(kind: str, mine, theirs, number: int = 4) -> list[Exchange]:
    """So many answers of both sides to all prompts, each made by (prompt, number)."""
    return [
        replace(answer(p.id, n), id=ruling.question(side, kind, p, n)[0])
        for side, answer in (("target", mine), ("baseline", theirs))
        for p in PROMPTS
        for n in range(1, number + 1)
    ]


def test_what_both_sides_told_of_logprobs_is_one_line():
    def quiet(id: str, n: int) -> Exchange:
        return told("", tops=tops(-1.0, -2.0, -3.0))

    def moved(id: str, n: int) -> Exchange:
        return told("", tops=tops(-1.0 - 0.3 * (id != "a.0"), -2.0, -3.0))

    line = ruling.judge(PROMPTS, both("logprobs", moved, quiet), 0.05)
    assert (line["verdict"], line["method"], line["unit"]) == ("different", "logprobs", "nats")
    assert line["why"] == "both sides give top logprobs; sampling (temperature, top_p) does not show in them"
    assert (line["prompts"], line["samples"], line["permutations"], line["alpha"]) == (3, 4, 2000, 0.05)
    assert line["effect"] == pytest.approx(0.1)
    assert line["prompts_most_apart"] == ["a.1", "a.2"]
    assert line["outlier"] is None
    assert (
        line["cost"]["target"]
        == line["cost"]["baseline"]
        == {"requests": 12, "prompt_tokens": 36, "completion_tokens": 24}
    )
    [statistic] = line["statistics"]
    assert (statistic["name"], statistic["about"]) == ("logprobs", samples.ABOUT["logprobs"])
    assert statistic["p_value"] == line["p_value"] < 0.05
    same = ruling.judge(PROMPTS, both("logprobs", quiet, quiet), 0.05)
    assert (same["verdict"], same["p_value"], same["effect"], same["prompts_most_apart"]) == ("not-told", 1.0, 0.0, [])
    assert same["power"]["smallest"] == pytest.approx(0.002)
    one = ruling.judge(
        PROMPTS, [x for x in both("logprobs", moved, quiet) if "a.0" not in x.id or x.id.endswith("a.0")], 0.05
    )
    assert one["prompts"] == 2, "one answer of a side is too few"
    assert ruling.judge(PROMPTS, both("logprobs", moved, quiet), line["p_value"])["verdict"] == "not-told", (
        "at most alpha"
    )


def test_where_one_side_gives_no_logprobs_texts_are_compared():
    line = ruling.judge(
        PROMPTS, both("cold", lambda id, n: told("", content="a"), lambda id, n: told("", content="b"), 3), 0.05
    )
    assert (line["verdict"], line["method"], line["unit"], line["samples"]) == ("different", "text", "of the words", 3)
    assert line["why"] == "not both sides give top logprobs"
    assert line["effect"] == 1.0


BAD = {"prompt_tokens": "3", "completion_tokens": None}


@pytest.mark.parametrize(
    ("own", "why", "requests"),
    [
        ([], "no prompt has an uncertain answer", 0),
        ([told("target#other")], "no prompt has an uncertain answer", 0),
        ([told("target#same.cold:a.0")], "the recorded baseline was not recorded with --same-model", 1),
        (
            [told("target#same.cold:a.0", usage=BAD), told("baseline#same.cold:a.0", status=500)],
            "too few usable answers of both sides",
            1,
        ),
        ([told("target#same.cold:x.y"), told("baseline#same.cold:x.y")] * 3, "too few usable answers of both sides", 3),
    ],
)
def test_what_cannot_be_tested_says_why(own, why, requests):
    line = ruling.judge(PROMPTS, own, 0.01)
    assert (line["verdict"], line["why"], line["p_value"], line["effect"], line["prompts"]) == (
        "not-tested",
        why,
        None,
        None,
        0,
    )
    assert (line["samples"], line["permutations"], line["power"]["splits"], line["power"]["detected"]) == (0, 0, 0, 0)
    assert line["cost"]["target"]["requests"] == requests
    if own and own[0].json["usage"] == BAD:
        assert line["cost"]["target"] == {"requests": 1, "prompt_tokens": 0, "completion_tokens": 0}


def test_without_numpy_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(UserError, match=r"pip install 'openai-conformance\[parity\]'"):
        ruling.needs()
