"""Which tests are tried on a mutant, the most telling first: told from the names that a test file holds, nothing is measured.

A map of which test reaches which line was tried: with coverage.py the judge's proofs take four times as long, and a map is of one
commit. A test that does not reach the line only costs its time, so near is good enough: this decides what is tried within the budget.
"""

from __future__ import annotations

import ast
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from benchmarks.mutants.draw import Mutant

CASES = 4
"""Cases tried of one parametrised test, but for those that the mutant's own decorators name."""
PROOFS = ("tests/whole/test_recorded.py", "tests/areas/test_catalogue.py")
"""What judges everything: near to whatever an answer passes through."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


def chosen(mutant: Mutant, tree: Path, tests: Sequence[str]) -> list[str]:
    """Ids of tests in the order in which they should be tried."""
    source = (tree / mutant.file).read_text("utf-8")
    names = _names(source, mutant.line)
    files: dict[str, list[str]] = defaultdict(list)
    for id in tests:
        files[id.partition("::")[0]].append(id)
    nearness = {file: _nearness(mutant.file, names, file, _text(tree / file)) for file in files}
    told = _told(source, mutant.line)
    named = [id for id in tests if id.partition("[")[2].removesuffix("]") in told]
    near = sorted((file for file in files if nearness[file]), key=lambda file: -nearness[file])
    rest = [id for file in near for id in _cases(files[file], names, _text(tree / file))]
    return list(dict.fromkeys([*named, *rest]))


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


def _cases(ids: Sequence[str], names: Sequence[str], text: str) -> list[str]:
    """The tests of a file: those that speak of a name first, and some cases of each."""
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
    return [id for test in order for id in random.Random(0).sample(by_test[test], min(CASES, len(by_test[test])))]


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
    """The texts in the decorators of what holds the line: what breaks a check, what a lie is called."""
    decorators = [each for node in _holding(source, line) for each in getattr(node, "decorator_list", ())]
    return {
        n.value
        for each in decorators
        for n in ast.walk(each)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
