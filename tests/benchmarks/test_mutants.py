"""The measuring of our tests: a mutant counts as killed by what is green without it, and by nothing else."""

from __future__ import annotations

import ast
import builtins
import json
import sys

import pytest

from benchmarks.mutants import forks
from benchmarks.mutants.blocks import PLACE, Marks, blocks
from benchmarks.mutants.choice import block, functions
from benchmarks.mutants.draw import Mutant, drawn, left_out, mutants
from benchmarks.mutants.forks import HUNG, KILLED, SURVIVED, _Running, _Work
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


BRANCHES = """

def told(n):
    if n:
        return 1
    try:
        n = 2
    except ValueError:
        n = 3


def told(n):
    n = 4
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


def test_a_mutant_is_in_the_innermost_block():
    places = {line: block(changed(line), SOURCE + BRANCHES) for line in (1, 18, 19, 23)}
    assert places == {1: [], 18: ["f.py:told"], 19: ["f.py:told#1"], 23: ["f.py:told#3"]}


def test_what_is_drawn_is_one_change_of_one_place():
    source = SOURCE.encode()
    drawn = {lines(mutant, source) for mutant in mutants("f.py", source)}
    assert {new for old, new in drawn if old == "return n > LIMIT"} == {
        "return n >= LIMIT", "return n <= LIMIT", "return None",
    }  # fmt: skip
    assert ("LIMIT = 3", "LIMIT = 4") in drawn


RULED = """if TYPE_CHECKING:
    x = 1

@dataclass(frozen=True)
class Box:
    n = 2

pairs = zip(a, b, strict=True)
"""


def test_what_a_rule_says_means_nothing_is_counted_and_not_drawn(tmp_path):
    (tmp_path / "conformance").mkdir()
    (tmp_path / "conformance" / "f.py").write_text(RULED)
    drawn = {lines(mutant, RULED.encode()) for mutant in mutants("f.py", RULED.encode())}
    assert {old for old, _ in drawn} == {"n = 2", "pairs = zip(a, b, strict=True)"}
    assert ("pairs = zip(a, b, strict=True)", "pairs = zip(a, b, strict=False)") not in drawn
    assert sorted(left_out(tmp_path).values()) == [1, 1, 3]


def test_what_real_clients_do_is_counted_and_not_drawn(tmp_path):
    folder = tmp_path / "conformance" / "watch" / "trials" / "python"
    folder.mkdir(parents=True)
    for name in ("openai_sync.py", "worker.py"):
        (folder / name).write_text("n = 2\n")
    assert {mutant.file for mutant in drawn(tmp_path, 9, 1)} == {"conformance/watch/trials/python/worker.py"}
    assert sum(left_out(tmp_path).values()) == 2


def test_blocks_have_names_that_stay_while_other_code_is_edited():
    found = {name: block[0].lineno for name, block in blocks(ast.parse(SOURCE + BRANCHES))}
    assert found == {
        "Box.full": 6, "Box.full.<locals>.over": 7, "law": 14, "told": 18, "told#1": 19, "told#2": 21, "told#3": 23, "told@2": 27,
    }  # fmt: skip


def test_what_runs_of_a_marked_file_is_known(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.setattr(builtins, PLACE, None, raising=False)
    marks, space = Marks(tmp_path), {}
    exec(marks.mark(BRANCHES.encode(), str(tmp_path / "f.py")), space)
    first = space["told"]
    assert (marks.taken(), first(5)) == ([], None)
    assert marks.taken() == ["f.py:told@2"]
    assert marks.taken() == []


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


def test_a_test_hangs_that_has_not_worked_for_long(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(forks.time, "monotonic", lambda: now[0])
    one = _Running([], -1, 1000.0)
    for at, worked, over in [
        (1, 5, False),
        (40, 5, False),
        (40.5, 6, False),
        (41, 6, False),
        (80, 6, False),
        (81, 6, True),
    ]:
        now[0] = at
        one.look(lambda worked=worked: worked)
        assert (one.until <= at) is over


def test_tests_that_reach_a_function_come_by_how_telling_they_are(tmp_path):
    rows = [
        ["", 0, True, "4"], ["whole", 2.0, True, "7"], ["unit", 0.1, True, "1"], ["red", 0.1, False, "1"], ["other", 0.1, True, "2"],
    ]  # fmt: skip
    (tmp_path / "reach.jsonl.0").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "reach.jsonl.0.names").write_text("f.py:one\nf.py:two\nf.py:three\n")
    (tmp_path / "reach.jsonl.1").write_text(json.dumps(["another process", 0.01, True, "2"]))
    (tmp_path / "reach.jsonl.1.names").write_text("f.py:two\nf.py:one\n")
    reach = Reach.read(tmp_path / "reach.jsonl")
    assert reach.tests(["f.py:one", "f.py:unknown"]) == ["another process", "unit", "whole"]
    assert reach.tests(["f.py:unknown"]) == []
    assert (reach.at_import(["f.py:three"]), reach.at_import(["f.py:one"])) == (True, False)
