"""Which tests reach which blocks: a pytest plugin that writes it down as tests run once, and what reads it.

MUTANTS_REACH=FILE has each test add a line: [id, seconds, whether it passed, the blocks (blocks.py) it reached as bits of a number in
hex]; the line without an id is what importing everything reached. MUTANTS_PART=N/OF has it run the tests of its share of the files into
FILE.N, so that several processes share the work. FILE.names holds the blocks, "file:qualified name" of a function and
"#N" after it, a line each: so it stays true while other code is edited. Interrupted, it goes on with the tests that have no line yet.
Of a parametrised test a few cases speak for all.
"""

from __future__ import annotations

import json
import os
import random
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path

import pytest

from benchmarks.mutants.blocks import Marks

FILE, PART = os.environ.get("MUTANTS_REACH"), os.environ.get("MUTANTS_PART", "0/1")
IMPORT = ""
CASES, PROOFS = 5, 60
"""Cases of a parametrised test that are written down, and lies."""
LAST = ("tests/areas/test_catalogue.py", "tests/whole/")
"""What takes long is written down at the end."""


@dataclass(frozen=True)
class Reach:
    """What a run of tests says of each; `names` has the bits of each block, one a process."""

    seconds: dict[str, float]
    bits: dict[str, int]
    red: set[str]
    names: dict[str, int]

    @classmethod
    def read(cls, path: Path) -> Reach:
        """What all processes wrote."""
        found, bits = cls({}, defaultdict(int), set(), defaultdict(int)), 0
        for file in sorted(path.parent.glob(f"{path.name}*[!s]")):
            own = _read(_names(file))
            for id, seconds, passed, reached in map(json.loads, _read(file)):
                found.seconds[id] = seconds
                found.bits[id] |= int(reached, 16) << bits
                if not passed:
                    found.red.add(id)
            for n, name in enumerate(own):
                found.names[name] |= 1 << bits + n
            bits += len(own)
        return found

    def tests(self, blocks: Iterable[str]) -> list[str]:
        """The green tests that reach one of the blocks, the most telling first: what is quick and reaches little else."""
        wanted = self._of(blocks)
        found = [id for id, bits in self.bits.items() if bits & wanted and id != IMPORT and id not in self.red]
        return sorted(found, key=lambda id: self.seconds[id] * self.bits[id].bit_count())

    def at_import(self, blocks: Iterable[str]) -> bool:
        """Whether one of the blocks is reached while modules are imported, so that another one must be there before."""
        return IMPORT not in self.bits or bool(self.bits[IMPORT] & self._of(blocks))

    def _of(self, blocks: Iterable[str]) -> int:
        return reduce(or_, (self.names[name] for name in blocks if name in self.names), 0)


def _names(path: Path) -> Path:
    return path.with_name(path.name + ".names")


def _read(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


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
        self.part, self.of = map(int, PART.split("/"))
        self.path, self.marks = path.with_name(f"{path.name}.{self.part}"), Marks(root)
        self.names = {name: n for n, name in enumerate(_read(_names(self.path)))}
        self.done = set(Reach.read(path).bits)

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
        items[:] = [item for item in items if item.nodeid in wanted and self._is_ours(item.nodeid)]
        items.sort(key=lambda item: item.nodeid.startswith(LAST))

    def _is_ours(self, id: str) -> bool:
        return zlib.crc32(id.partition("::")[0].encode()) % self.of == self.part

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
