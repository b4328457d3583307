"""The measuring of our tests: a mutant counts as killed by what is green without it, and by nothing else."""

from __future__ import annotations

import json

import pytest

from benchmarks.mutants.choice import functions
from benchmarks.mutants.draw import Mutant, mutants
from benchmarks.mutants.forks import HUNG, KILLED, SURVIVED, _Work
from benchmarks.mutants.measure import lines
from benchmarks.mutants.reach import Reach

SOURCE = """LIMIT = 3


class Box:
    def full(self, n):
        def over():
            return n > LIMIT

        return over()


@check("a.b", breaks="a-lie")
def law(x):
    return x == 0
"""


def changed(line: int) -> Mutant:
    return Mutant("f.py", line, 0, 0, "")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (1, ["f.py:Box.full", "f.py:Box.full.<locals>.over"]),
        (5, ["f.py:Box.full"]),
        (7, ["f.py:Box.full", "f.py:Box.full.<locals>.over"]),
        (12, ["f.py:law"]),
        (14, ["f.py:law"]),
    ],
)
def test_a_mutant_is_in_these_functions(line, found):
    assert functions(changed(line), SOURCE) == found


def test_what_is_drawn_is_one_change_of_one_place():
    source = SOURCE.encode()
    drawn = {lines(mutant, source) for mutant in mutants("f.py", source)}
    assert {new for old, new in drawn if old == "return n > LIMIT"} == {
        "return n >= LIMIT", "return n <= LIMIT", "return None",
    }  # fmt: skip
    assert ("LIMIT = 3", "LIMIT = 4") in drawn


@pytest.fixture
def work():
    return _Work([])


def test_a_kill_counts_when_its_test_is_green_without_the_mutant(work):
    trial = [7, "f.py", "source", ["a", "b"]]
    assert work.heard(trial, KILLED, "b") is None
    (control,) = work.waiting
    assert control == [None, "f.py", None, ["b"]]
    work.waiting.clear()
    assert work.heard(control, SURVIVED, "b") is None
    assert work.heard(work.waiting.pop(), KILLED, "b") == [7, KILLED, "b"]


@pytest.mark.parametrize("result", [KILLED, HUNG])
def test_a_test_that_is_red_anyway_is_left_out(work, result):
    assert work.heard([7, "f.py", "source", ["a", "b"]], KILLED, "a") is None
    assert work.heard([8, "g.py", "other", ["a", "c"]], KILLED, "a") is None
    control = work.waiting.pop()
    assert work.heard(control, result, "a") is None
    assert work.waiting == [[7, "f.py", "source", ["b"]], [8, "g.py", "other", ["c"]]]
    assert work.heard([9, "g.py", "third", ["a", "d"]], KILLED, "a") is None
    assert work.waiting[0] == [9, "g.py", "third", ["d"]]


def test_what_survives_is_told_at_once(work):
    assert work.heard([7, "f.py", "source", ["a"]], SURVIVED, "a") == [7, SURVIVED, "a"]


def test_tests_that_reach_a_function_come_by_how_telling_they_are(tmp_path):
    rows = [
        ["", 0, True, "4"], ["whole", 2.0, True, "7"], ["unit", 0.1, True, "1"], ["red", 0.1, False, "1"], ["other", 0.1, True, "2"],
    ]  # fmt: skip
    (tmp_path / "reach.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "reach.jsonl.names").write_text("f.py:one\nf.py:two\nf.py:three\n")
    reach = Reach.read(tmp_path / "reach.jsonl")
    assert reach.tests(["f.py:one", "f.py:unknown"]) == ["unit", "whole"]
    assert reach.tests(["f.py:unknown"]) == []
    assert (reach.at_import(["f.py:three"]), reach.at_import(["f.py:one"])) == (True, False)
