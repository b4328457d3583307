"""The smallest change that would be seen."""

from __future__ import annotations

import numpy as np

from conformance.parity.same_model import power


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
