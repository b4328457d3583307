"""Which prompts make the effect of the test of the same model."""

from __future__ import annotations

import pytest

from conformance.parity.same_model.ruling import _outlier
from conformance.report.parity_summary import most_apart


@pytest.mark.parametrize(
    ("apart", "outlier"),
    [
        ([(0.9, "a"), (0.1, "b"), (0.1, "c")], "a"),
        ([(0.3, "a"), (0.3, "a"), (0.2, "b"), (0.3, "c")], "a"),  # asked in two ways
        ([(0.3, "a"), (0.3, "b"), (0.3, "c")], None),
        ([(0.9, "a"), (-5.0, "b"), (-0.1, "c")], "a"),
        ([(0.9, "a"), (0.1, "b")], None),
        ([(0.0, "a"), (-0.1, "b"), (0.0, "c")], None),
    ],
)
def test_one_prompt_that_makes_most_of_the_effect_is_named(apart, outlier):
    assert _outlier(sorted(apart, reverse=True)) == outlier


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"verdict": "different", "prompts_most_apart": ["a", "b"], "outlier": "a"},
         "more than half of it is from one prompt alone: a"),
        ({"verdict": "not-told", "prompts_most_apart": ["a"], "outlier": "a"},
         "more than half of it is from one prompt alone: a"),
        ({"verdict": "different", "prompts_most_apart": ["a", "b"]}, "most apart on a, b"),  # recorded before
        ({"verdict": "not-told", "prompts_most_apart": ["a", "b"], "outlier": None}, ""),
        ({"verdict": "different", "prompts_most_apart": [], "outlier": None}, ""),
    ],
)  # fmt: skip
def test_the_prompts_of_the_effect_are_said(line, said):
    assert most_apart(line) == said
