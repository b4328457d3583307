"""Rates are compared as the textbooks do: beside scipy's own numbers, by hand, and never by too much."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.report.rates import corrected, higher, interval

numbers = st.integers(0, 60)


def exactly(part, whole, before, whole_before):
    """The one-sided test as it is defined: every way in which chance shares out the failures."""
    failures = part + before
    ways = [
        math.comb(whole, k) * math.comb(whole_before, failures - k)
        for k in range(max(0, failures - whole_before), min(failures, whole) + 1)
    ]
    least = max(0, failures - whole_before)
    return sum(ways[part - least :]) / sum(ways)


@given(numbers, numbers, numbers, numbers)
def test_the_exact_test_is_exact(a, b, c, d):
    part, whole, before, whole_before = a, a + b, c, c + d
    found = higher(part, whole, before, whole_before)
    if whole and whole_before and part * whole_before > before * whole:
        assert found == pytest.approx(exactly(part, whole, before, whole_before), rel=1e-9)
    else:
        assert found == 1


def test_a_million_are_compared_as_well():
    assert higher(12_000, 1_000_000, 10_000, 1_000_000) < 1e-40
    assert 0.4 < higher(100_010, 10_000_000, 100_000, 10_000_000) < 0.6
    assert higher(1, 10, 0, 0) == higher(0, 0, 1, 10) == 1


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 20, 0, 0.1611), (1, 20, 0.0089, 0.2361), (10, 20, 0.2993, 0.7007), (20, 20, 0.8389, 1), (0, 0, 0, 1)],
)
def test_intervals_are_those_of_the_tables(part, whole, low, high):
    assert interval(part, whole) == pytest.approx((low, high), abs=1e-4)


@given(st.lists(st.floats(0, 1), max_size=20))
def test_the_correction_is_holms(likelihoods):
    found = corrected(likelihoods)
    assert all(likelihood <= each <= 1 for likelihood, each in zip(likelihoods, found, strict=True))
    if likelihoods:
        assert min(found) == min(1, min(likelihoods) * len(likelihoods))
    order = sorted(range(len(found)), key=likelihoods.__getitem__)
    assert [found[n] for n in order] == sorted(found)
    assert corrected([0.01, 0.02, 0.04]) == pytest.approx([0.03, 0.04, 0.04])
