"""Marks: made up by the thousand, known again whole, and in no other way."""

from __future__ import annotations

import pytest

from conformance.judge.marks import MARKS, mark, marks


def test_marks_are_apart_and_known_again():
    made = [mark(number) for number in range(0, MARKS, 7)]
    assert len(set(made)) == len(made)
    for number in (0, 5, 4321):
        words = [word for each in range(number, number + 8) for word in mark(each).split("-")]
        assert len(words) == len(set(words))
    assert marks(f'He said "{made[3]}", then {made[9]}; {made[3]}') == [made[3], made[9]]


@pytest.mark.parametrize(
    "change", [lambda m: m[:-1], lambda m: m[:-1] + "a", lambda m: m.replace("-", "_"), lambda m: m[1:] + "b"]
)
def test_a_garbled_mark_is_none(change):
    assert marks(f"It is {change(mark(77))}.") == []
