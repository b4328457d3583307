"""What answers become that are compared, and what is asked for them, by hand."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from conformance.parity.prompt import Must, Prompt
from conformance.parity.same_model import ruling, samples
from conformance.parity.same_model.permutation import Stratum


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
