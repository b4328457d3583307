"""Where two values part is found, and shown so that the difference is in what is seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange import ABSENT
from conformance.judge.shared import BEFORE, apart

LONG = "a" * 200
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (1, 2, ("", 1, 2)),
        ({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}}, (" b.c", 2, 3)),
        ({"a": 1}, {"a": 1, "b": 2}, (" b", ABSENT, 2)),
        ({"a": [1, 2]}, {"a": [1, 3]}, (" a.1", 2, 3)),
        ({"a": [1]}, {"a": [1, 2]}, (" a", [1], [1, 2])),
        (f"{LONG}x", f"{LONG}y", ("", f"…{'a' * BEFORE}x", f"…{'a' * BEFORE}y")),
        ("short x", "short y", ("", "short x", "short y")),
        ({"a": "5"}, {"a": 5}, (" a", "5", 5)),
    ],
)
def test_the_place_and_both_values(one, other, found):
    assert apart(one, other) == found


@given(JSON, JSON)
def test_what_differs_is_shown_to_differ(one, other):
    if one != other:
        _, mine, its = apart(one, other)
        assert mine != its
