"""Which tests reach which blocks: a pytest plugin that writes it down as tests run once, and what reads it.

MUTANTS_REACH=FILE has each test add a line: [id, seconds, whether it passed, the blocks (blocks.py) it reached as bits of a number in
hex]; the line without an id is what importing everything reached. FILE.names holds the blocks, "file:qualified name" of a function and
"#N" after it, a line each: so it stays true while other code is edited. Interrupted, it goes on with the tests that have no line yet.
Of a parametrised test a few cases speak for all.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.mutants.blocks import Marks

FILE = os.environ.get("MUTANTS_REACH")
IMPORT = ""
CASES, PROOFS = 5, 60
"""Cases of a parametrised test that are written down, and lies."""
LAST = ("tests/areas/test_catalogue.py", "tests/whole/")
"""What takes long is written down at the end."""


@dataclass(frozen=True)
class Reach:
    """What a run of tests says of each."""

    seconds: dict[str, float]
    bits: dict[str, int]
    red: set[str]
    names: dict[str, int]

    @classmethod
    def read(cls, path: Path) -> Reach:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
        names = _names(path).read_text("utf-8").splitlines() if rows else []
        return cls(
            {id: seconds for id, seconds, *_ in rows},
            {id: int(bits, 16) for id, _, _, bits in rows},
            {id for id, _, passed, _ in rows if not passed},
            {name: n for n, name in enumerate(names)},
        )

    def tests(self, blocks: Iterable[str]) -> list[str]:
        """The green tests that reach one of the blocks, the most telling first: what is quick and reaches little else."""
        wanted = self._of(blocks)
        found = [id for id, bits in self.bits.items() if bits & wanted and id != IMPORT and id not in self.red]
        return sorted(found, key=lambda id: self.seconds[id] * self.bits[id].bit_count())

    def at_import(self, blocks: Iterable[str]) -> bool:
        """Whether one of the blocks is reached while modules are imported, so that another one must be there before."""
        return IMPORT not in self.bits or bool(self.bits[IMPORT] & self._of(blocks))

    def _of(self, blocks: Iterable[str]) -> int:
        return sum(1 << self.names[name] for name in set(blocks) if name in self.names)


def _names(path: Path) -> Path:
    return path.with_name(path.name + ".names")


def some(ids: Sequence[str]) -> set[str]:
    """A few cases of each test, drawn by its name."""
    by_test: dict[str, list[str]] = defaultdict(list)
    for id in ids:
        by_test[id.partition("[")[0]].append(id)
    return {
        id
        for test, cases in by_test.items()
        for id in random.Random(test).sample(cases, min(len(cases), PROOFS if test.startswith(LAST[0]) else CASES))
    }


class _Recorder:
    def __init__(self, path: Path, root: Path) -> None:
        self.path, self.marks = path, Marks(root)
        reach = Reach.read(path)
        self.names, self.done = reach.names, set(reach.bits)

    def bits(self) -> int:
        """What was reached since the last time."""
        found = self.marks.taken()
        new = [name for name in found if name not in self.names]
        for name in new:
            self.names[name] = len(self.names)
        with _names(self.path).open("a", encoding="utf-8") as file:
            file.writelines(f"{name}\n" for name in new)
        return sum(1 << self.names[name] for name in found)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if IMPORT not in self.done:
            self.line(IMPORT, 0.0, True)
        wanted = some([item.nodeid for item in items]) - self.done
        items[:] = [item for item in items if item.nodeid in wanted]
        items.sort(key=lambda item: item.nodeid.startswith(LAST))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        failed, began = item.session.testsfailed, time.perf_counter()
        self.marks.taken()
        try:
            return (yield)
        finally:
            self.line(item.nodeid, time.perf_counter() - began, item.session.testsfailed == failed)

    def line(self, id: str, seconds: float, passed: bool) -> None:
        bits = f"{self.bits():x}"  # writes the names that it holds first
        with self.path.open("a", encoding="utf-8") as file:
            print(json.dumps([id, round(seconds, 4), passed, bits]), file=file)


if FILE:
    _recorder = _Recorder(Path(FILE), Path(__file__).resolve().parents[2])


def pytest_configure(config: pytest.Config) -> None:
    if FILE:
        config.pluginmanager.register(_recorder)
