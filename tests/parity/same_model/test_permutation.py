"""The statistics of --same-model: false alarms at the stated rate, changes seen, nothing made of nothing."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.parity import prompts as golden
from conformance.parity.same_model import power, ruling, samples
from conformance.parity.same_model.permutation import PERMUTATIONS, Stratum, permute

TRIALS = 300
ALPHA = 0.05
MOST = 27
"""False alarms of 300 at 0.05 that chance exceeds in less than 1 % of all runs; the seeds are fixed, so it does not vary."""


def logprobs(generator, shift=0.0, noise=0.01):
    """Top logprobs that vary by `noise` around one value, which `shift` moves."""
    return {f"t{n}": float(min(0.0, -1.0 - n + noise * generator.normal() + shift * (-1) ** n)) for n in range(8)}


def words(generator, temperature=1.0, length=30, vocabulary=12, begin="w"):
    odds = (1 / np.arange(1, vocabulary + 1)) ** (1 / temperature)
    return " ".join(f"{begin}{chr(97 + n)}" for n in generator.choice(vocabulary, length, p=odds / odds.sum()))


def alarms(make):
    generator = np.random.default_rng(7)
    return sum(permute(make(generator), 200, n).p_value < ALPHA for n in range(TRIALS))


def test_equal_sides_raise_false_alarms_no_more_often_than_said():
    def numbers(g):
        return [samples.logprobs_stratum(*([logprobs(g) for _ in range(4)] for _ in range(2))) for _ in range(5)]

    def texts(g):
        warm = [samples.warm_stratum(*([words(g) for _ in range(6)] for _ in range(2))) for _ in range(3)]
        return [*warm, samples.cold_stratum(*(g.choice(["a", "b"], 2).tolist() for _ in range(2)))]

    assert alarms(numbers) <= MOST
    assert alarms(texts) <= MOST


def test_a_shift_is_seen_through_noise_and_an_equal_one_is_not():
    g = np.random.default_rng(1)
    shifted = [
        samples.logprobs_stratum([logprobs(g, 0.05) for _ in range(4)], [logprobs(g) for _ in range(4)])
        for _ in range(20)
    ]
    assert permute(shifted).p_value < 0.001


def test_float_noise_of_other_batches_is_no_difference():
    """A steady server whose numbers move in the sixth place, always in the same way on one side."""
    g = np.random.default_rng(1)
    mine = [logprobs(g, noise=0.0)] * 4
    theirs = [{token: value - 4e-6 for token, value in mine[0].items()}] * 4
    assert permute([samples.logprobs_stratum(mine, theirs)] * 30).p_value == 1.0


def test_a_hotter_side_is_seen_by_how_surprising_its_words_are():
    g = np.random.default_rng(1)
    strata = [samples.warm_stratum([words(g, 1.4) for _ in range(12)], [words(g) for _ in range(12)]) for _ in range(8)]
    found = permute(strata)
    assert found.p_value < 0.01
    assert found.p_values["surprise"] < 0.01


def test_texts_at_temperature_0_that_differ_are_seen():
    strata = [samples.cold_stratum(["a"] * 2, ["b"] * 2) for _ in range(9)]
    assert permute(strata).p_value < 0.01
    strata = [samples.cold_stratum(["a"] * 2, ["a"] * 2) for _ in range(9)]
    assert permute(strata).p_value == 1.0


def test_sides_with_one_answer_alike_differ_in_nothing_but_rounding():
    texts = ["one two three three", "four five"]
    strata = [
        samples.stratum(kind, [text] * n, [text] * n)
        for text in texts
        for kind, n in (("warm", 10), ("nucleus", 2), ("cold", 2))
    ]
    found = permute(strata)
    assert (found.p_value, set(found.p_values.values())) == (1.0, {1.0})


texts = st.lists(st.text(max_size=30), min_size=2, max_size=5)
tops = st.lists(
    st.dictionaries(st.text(max_size=3), st.floats(-100, 0), min_size=1, max_size=6), min_size=2, max_size=5
)


@settings(max_examples=100, deadline=None)
@given(texts, texts, st.integers(0, 100))
def test_any_texts_give_a_p_value_and_their_order_does_not_matter(mine, theirs, seed):
    stratum = samples.warm_stratum(mine, theirs)
    for apart in stratum.apart.values():
        assert np.allclose(apart, apart.T)
        assert np.allclose(np.diag(apart), 0)
        assert (apart >= 0).all()
        assert (apart <= 1).all()
    found = permute([stratum, samples.cold_stratum(mine, theirs)], 50, seed)
    assert 0 < found.p_value <= 1
    again = mine[:]
    random.Random(seed).shuffle(again)
    values = permute([samples.warm_stratum(again, theirs)], 50, seed).values
    assert {n: pytest.approx(v, abs=1e-9) for n, v in permute([stratum], 50, seed).values.items()} == values


@settings(max_examples=100, deadline=None)
@given(tops, tops)
def test_any_logprobs_give_a_p_value_and_equal_ones_give_one(mine, theirs):
    assert 0 < permute([samples.logprobs_stratum(mine, theirs)], 50).p_value <= 1
    assert permute([samples.logprobs_stratum([mine[0]] * 3, [mine[0]] * 3)], 50).p_value == 1


def test_the_smallest_change_is_larger_where_the_baseline_is_noisy():
    def found(noise):
        g = np.random.default_rng(2)
        own = [("logprobs", [logprobs(g, noise=noise) for _ in range(4)]) for _ in range(12)]
        return power.smallest("logprobs", own, 0.01)

    quiet, loud = found(0.0), found(0.1)
    assert quiet["smallest"] < 0.01
    assert quiet["smallest"] < loud["smallest"]
    assert quiet["detected"] >= power.WANTED


def test_the_smallest_share_of_texts_is_told():
    g = np.random.default_rng(2)
    own = [("warm", [words(g) for _ in range(12)]) for _ in range(4)]
    own += [("warm", [words(g, begin="v") for _ in range(12)]) for _ in range(4)]
    said = power.smallest("text", own, 0.01)
    assert 0.02 <= said["smallest"] <= 1.0
    assert power.smallest("text", own[:1], 0.01)["smallest"] is None


@pytest.mark.parametrize("number", [1, 2, 5, 9, 40, None])
def test_no_plan_asks_for_more_than_it_may(number):
    prompts = [prompt for prompt in golden.load() if prompt.uncertain or number is None][:number]
    for plan, most in (
        (ruling.plan_logprobs(prompts), ruling.TOKENS),
        (ruling.plan_texts(prompts), ruling.COMPLETIONS),
    ):
        assert all(repeats > 0 for _, repeats in plan.values())
        assert 0 < sum(2 * len(these) * repeats for these, repeats in plan.values()) <= most <= 400


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
