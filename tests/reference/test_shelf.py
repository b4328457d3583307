"""What is kept is bounded in number and in time."""

from __future__ import annotations

from conformance.reference.shelf import Shelf


def test_the_oldest_goes_first_where_there_are_too_many():
    shelf = Shelf(most=2, seconds=100)
    for n in range(3):
        shelf.put(f"f{n}", n, now=n)
    assert shelf.all(now=3) == [1, 2]
    assert shelf.get("f0", now=3) is None


def test_nothing_is_kept_beyond_its_time():
    shelf = Shelf(most=9, seconds=10)
    shelf.put("f", 1, now=0)
    assert shelf.get("f", now=10) == 1
    assert shelf.get("f", now=10.1) is None


def test_what_is_replaced_keeps_its_place_and_its_time():
    shelf = Shelf(most=9, seconds=10)
    shelf.put("a", 1, now=0)
    shelf.put("b", 2, now=1)
    shelf.put("a", 3, now=9)
    assert shelf.all(now=9) == [3, 2]
    assert shelf.all(now=10.5) == [2]


def test_what_is_taken_is_gone():
    shelf = Shelf(most=9, seconds=10)
    shelf.put("a", 1, now=0)
    assert (shelf.take("a", now=1), shelf.take("a", now=1)) == (1, None)
