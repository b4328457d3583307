"""Which tests are tried on a mutant, the most telling first: those that its own decorators name, those that reach the block that it is
in (reach.py), or else the function, and those whose file speaks of it, which are new since then or do what was remembered from another."""

from __future__ import annotations

import ast
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from benchmarks.mutants.blocks import Function, blocks, lines, qualified
from benchmarks.mutants.draw import Mutant
from benchmarks.mutants.reach import Reach

CASES, CASES_NEAR, QUICK = 4, 100, 0.1
"""Cases tried first of one parametrised test, but for those that the mutant's own decorators name: of a test file that is near, and of
tests that take no more than so many seconds, more."""
PROOFS = ("tests/whole/test_recorded.py", "tests/areas/test_catalogue.py")
"""What judges everything: near to whatever an answer passes through."""
JUDGED = "tests/whole/test_recorded.py::test_each_check_judges_the_recorded_answers_and_no_others"
"""What tells of a condition that it is too wide or too narrow."""
DIGEST = "tests/whole/test_recorded.py::test_what_comes_of_answers_and_damage_is_recorded"
SOON = 40
"""Quick tests that are tried before what holds all of a room or area."""
BY_AREA = "tests/whole/test_recorded.py::test_what_comes_of_lies_and_of_damage_in_an_area_is_recorded"
"""Of one area, so that a mutant of it costs no more than that."""
TABLE = "tests/whole/test_tables.py::test_what_a_room_makes_of_what_it_is_given_is_recorded"
TABLES = {
    "run": ("ruled", "options"),
    "cli": ("said",),
    "parity": ("parity", "golden", "options"),
    "watch": ("passing",),
    "load": ("passing",),
}
"""Tables of rooms that are not called as the room is."""
READING = ("conformance/areas/", "conformance/judge/", "conformance/exchange/", "conformance/wire/")
PROOF = "::test_a_lie_makes_exactly_the_checks_that_name_it_fail"
"""Of which each case is a test of its own."""
NEAR = 50
"""So near is a test file that imports what is mutated, or is named as it is."""


def chosen(mutant: Mutant, tree: Path, tests: Sequence[str], reach: Reach) -> list[str]:
    """Ids of tests in the order in which they should be tried; none that was red without a mutant."""
    source = (tree / mutant.file).read_text("utf-8")
    names = _names(source, mutant.line)
    files: dict[str, list[str]] = defaultdict(list)
    for id in tests:
        files[id.partition("::")[0]].append(id)
    nearness = {file: _nearness(mutant.file, names, file, _text(tree / file)) for file in files}
    told = _told(source, mutant.line)
    named = [id for id in tests if id.partition("[")[2].removesuffix("]") in told]
    reaching = _some_first(reach.tests(block(mutant, source)), reach)
    quick = [id for id in reaching if reach.seconds[id] <= QUICK][:SOON]
    soon, late = _held(mutant.file)
    named += [*soon, *quick, *late]
    reaching += _some_first(reach.tests(functions(mutant, source)), reach)
    like = {id.partition("[")[0] for id in reaching}
    others = [id for id in tests if id not in reach.bits and id.partition("[")[0] in like]
    near = sorted((file for file in files if nearness[file]), key=lambda file: -nearness[file])
    rest = [
        id
        for file in near
        for id in _cases(files[file], names, _text(tree / file), CASES_NEAR if nearness[file] >= NEAR else CASES)
    ]
    new = [id for id in rest if id not in reach.bits and nearness[id.partition("::")[0]] >= NEAR]
    there = set(tests) - reach.red
    return [id for id in dict.fromkeys([*named, *new, *reaching, *others, *rest]) if id in there]


def _held(file: str) -> tuple[list[str], list[str]]:
    """The tests of what is recorded (tests/support/snapshots.py, digests.py, tables/) that a file of the package has a part in: those that
    are quick and nearly always tell, and the others."""
    _, room, area = file.split("/")[:3]
    if room != "areas":
        return [], [*_read_everywhere(file), *(f"{TABLE}[{name}]" for name in TABLES.get(room, (room,)))]
    if file.endswith("/features.py"):
        return [f"{DIGEST}[decided]"], [f"{DIGEST}[declared]"]
    table = "told" if file.endswith("_lies.py") else "judged"
    return [f"{BY_AREA}[{table}-{area}]"], [f"{DIGEST}[declared]", *_read_everywhere(file)]


def _read_everywhere(file: str) -> list[str]:
    if file.endswith("_lies.py"):
        return []
    if file.startswith("conformance/reference/") or file.endswith(("/honest.py", "/probes.py")):
        return [f"{DIGEST}[declared]", f"{DIGEST}[answers]"]
    if not file.startswith(READING):
        return []
    return [f"{DIGEST}[decided]", JUDGED]


def block(mutant: Mutant, source: str) -> list[str]:
    """The innermost block that a mutant is in; none where it is in no function."""
    holding = [(name, each) for name, each in blocks(ast.parse(source)) if mutant.line in lines(each)]
    return [f"{mutant.file}:{min(holding, key=lambda found: len(lines(found[1])))[0]}"] if holding else []


def functions(mutant: Mutant, source: str) -> list[str]:
    """The functions, "file:qualified name", that a mutant is in; of a module's or a class's statement those that speak of its names."""
    every = dict(qualified(ast.parse(source)))
    inside = [name for name, node in every.items() if mutant.line in _lines(node)]
    if not inside:
        names = _names(source, mutant.line)
        speak = [name for name, node in every.items() if any(re.search(rf"\b{n}\b", ast.unparse(node)) for n in names)]
        inside = speak or list(every)
    return [f"{mutant.file}:{name}" for name in inside]


def _some_first(ids: Sequence[str], reach: Reach) -> list[str]:
    """Some cases of each test, then the others of all."""
    seen: dict[str, int] = defaultdict(int)
    first, others = [], []
    for id in ids:
        test = id.partition("[")[0]
        seen[test] += 1
        soon = seen[test] <= CASES or reach.seconds[id] <= QUICK or test.endswith(PROOF)
        (first if soon else others).append(id)
    return [*first, *others]


@cache
def _text(path: Path) -> str:
    return path.read_text("utf-8")


def _nearness(file: str, names: Sequence[str], test: str, text: str) -> int:
    """How near a test file is to a file of the package, 0 where it has nothing to do with it."""
    parts = file.removesuffix(".py").split("/")
    near = 100 * (test.endswith(f"/test_{parts[-1]}.py") or test == f"tests/test_{parts[-1]}.py")
    near += 50 * (".".join(parts) in text or f"from {'.'.join(parts[:-1])} import {parts[-1]}" in text)
    near += 30 * any(re.search(rf"\b{name}\b", text) is not None for name in names)
    near += 20 * test.startswith(f"tests/{parts[1]}/")
    if parts[1] in ("areas", "judge", "exchange", "wire", "reference", "clients") and test in PROOFS:
        near += 60
    if parts[1] in ("cli", "run", "report", "send", "record", "matrix", "parity"):
        near += 5 * test.startswith(("tests/whole/", "tests/cli/", "tests/run/"))
    return near


def _cases(ids: Sequence[str], names: Sequence[str], text: str, cases: int) -> list[str]:
    """The tests of a file: those that speak of a name first, and so many cases of each at most."""
    by_test: dict[str, list[str]] = defaultdict(list)
    for id in ids:
        by_test[id.partition("[")[0]].append(id)
    bodies = {
        part.partition("(")[0].strip(): part for part in re.split(r"^ *(?:async )?def ", text, flags=re.MULTILINE)
    }

    def speaks(test: str) -> bool:
        body = bodies.get(test.rpartition("::")[2], "")
        return any(re.search(rf"\b{name}\b", body) for name in names)

    order = sorted(by_test, key=lambda test: not speaks(test))
    return [id for test in order for id in random.Random(0).sample(by_test[test], min(cases, len(by_test[test])))]


def _holding(source: str, line: int) -> Iterator[ast.stmt]:
    """The functions and classes, or else the statement, that hold a line."""
    tree = ast.parse(source)
    inside = [node for node in ast.walk(tree) if isinstance(node, Function | ast.ClassDef) and line in _lines(node)]
    yield from inside or (node for node in tree.body if line in _lines(node))


def _lines(node: ast.stmt) -> range:
    return range(min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]), node.end_lineno + 1)


def _names(source: str, line: int) -> list[str]:
    """What holds the line: names of functions, classes, or variables."""
    found: list[str] = []
    for node in _holding(source, line):
        if isinstance(node, Function | ast.ClassDef):
            found.append(node.name)
        else:
            found += [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return [name for name in dict.fromkeys(found) if len(name) > 2]


def _told(source: str, line: int) -> set[str]:
    """The texts in the decorators of what holds the line, or else speaks of what does: what breaks a check, what a lie is called."""
    names, top = set(_names(source, line)), ast.parse(source).body
    found: list[ast.stmt] = list(_holding(source, line))
    for _ in range(2):
        speaking = [node for node in top if isinstance(node, Function) and names & _spoken(node)]
        found += speaking
        names |= {node.name for node in speaking}
    decorators = [each for node in found for each in getattr(node, "decorator_list", ())]
    return {
        n.value
        for each in decorators
        for n in ast.walk(each)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }


def _spoken(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
