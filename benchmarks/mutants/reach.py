"""Which tests reach which functions: a pytest plugin that writes it down as the tests run once, and what reads it.

MUTANTS_REACH=FILE has each test add a line: [id, seconds, whether it passed, the functions it called as bits of a number in hex];
the line without an id is what importing everything called. FILE.names holds the functions, "file:qualified name", a line each. By
function, not by line: so it stays true while code is edited. Interrupted, it goes on with the tests that have no line yet.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

import pytest

FILE = os.environ.get("MUTANTS_REACH")
IMPORT = ""
_called: set[CodeType] = set()


@dataclass(frozen=True)
class Reach:
    """What a run of all tests says of each."""

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

    def tests(self, functions: Iterable[str]) -> list[str]:
        """The green tests that call one of the functions, the most telling first: what is quick and calls little else."""
        wanted = self._of(functions)
        found = [id for id, bits in self.bits.items() if bits & wanted and id != IMPORT and id not in self.red]
        return sorted(found, key=lambda id: self.seconds[id] * self.bits[id].bit_count())

    def at_import(self, functions: Iterable[str]) -> bool:
        """Whether one of the functions is called while modules are imported, so that another one must be there before."""
        return IMPORT not in self.bits or bool(self.bits[IMPORT] & self._of(functions))

    def _of(self, functions: Iterable[str]) -> int:
        return sum(1 << self.names[name] for name in set(functions) if name in self.names)


def _names(path: Path) -> Path:
    return path.with_name(path.name + ".names")


def _trace(frame: FrameType, event: str, argument: object) -> None:
    _called.add(frame.f_code)


class _Recorder:
    def __init__(self, path: Path, root: Path) -> None:
        self.path, self.root = path, f"{root}{os.sep}"
        reach = Reach.read(path)
        self.names, self.done = reach.names, set(reach.bits)

    def bits(self) -> int:
        """The functions of the package that were called since the last time."""
        found = 0
        for code in list(_called):
            if code.co_filename.startswith(self.root + "conformance" + os.sep):
                name = f"{code.co_filename.removeprefix(self.root)}:{code.co_qualname}"
                if name not in self.names:
                    self.names[name] = len(self.names)
                    with _names(self.path).open("a", encoding="utf-8") as file:
                        print(name, file=file)
                found |= 1 << self.names[name]
        _called.clear()
        return found

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        sys.settrace(None)
        if IMPORT not in self.done:
            self.line(IMPORT, 0.0, True)
        items[:] = [item for item in items if item.nodeid not in self.done]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        failed, began = item.session.testsfailed, time.perf_counter()
        _called.clear()
        threading.settrace(_trace)
        sys.settrace(_trace)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            self.line(item.nodeid, time.perf_counter() - began, item.session.testsfailed == failed)

    def line(self, id: str, seconds: float, passed: bool) -> None:
        bits = f"{self.bits():x}"  # writes the names that it holds first
        with self.path.open("a", encoding="utf-8") as file:
            print(json.dumps([id, round(seconds, 4), passed, bits]), file=file)


def pytest_configure(config: pytest.Config) -> None:
    if FILE:
        config.pluginmanager.register(_Recorder(Path(FILE), config.rootpath))


if FILE:
    sys.settrace(_trace)
