"""The blocks of a file, which run as one, and marks in them: what a test reaches is then known at the price of a store a block.

A tracer tells the same by calls and makes the judge ten times as slow.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

Function = ast.FunctionDef | ast.AsyncFunctionDef
PLACE = "__reached__"
"""What marks are stored in, by number, under a name that every module sees."""
MANY = 1 << 17


def qualified(node: ast.AST, within: str = "") -> Iterator[tuple[str, Function]]:
    """Every function, by its qualified name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield f"{within}{child.name}", child
            yield from qualified(child, f"{within}{child.name}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from qualified(child, f"{within}{child.name}.")
        elif not isinstance(child, ast.expr):
            yield from qualified(child, within)


def blocks(tree: ast.AST) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Every block within a function: its body by its name, with "@2" where it is the second of that name, then "NAME#1" and so on."""
    seen: Counter[str] = Counter()
    for name, function in list(qualified(tree)):
        seen[name] += 1
        own = f"{name}@{seen[name]}" if seen[name] > 1 else name
        yield own, function.body
        for n, block in enumerate(list(_within(function.body)), 1):
            yield f"{own}#{n}", block


def _within(block: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    for node in block:
        if isinstance(node, Function | ast.ClassDef):
            continue
        for part in (node, *getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            for inner in (getattr(part, name, None) for name in ("body", "orelse", "finalbody")):
                if isinstance(inner, list) and inner:
                    yield inner
                    yield from _within(inner)


def lines(block: list[ast.stmt]) -> range:
    return range(block[0].lineno, block[-1].end_lineno + 1)


class Marks(MetaPathFinder):
    """Finds the package's modules and marks their blocks as they are compiled; `names` are those of the marks."""

    def __init__(self, root: Path) -> None:
        self.root, self.names, self.reached = root, [], bytearray(MANY)
        setattr(builtins, PLACE, self.reached)
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name.partition(".")[0] != "conformance":
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path, self)
        return spec

    def mark(self, source: bytes, path: str) -> CodeType:
        tree, file = ast.parse(source), Path(path).relative_to(self.root).as_posix()
        for name, block in list(blocks(tree)):
            documented = isinstance(block[0], ast.Expr) and isinstance(block[0].value, ast.Constant)
            store = ast.parse(f"{PLACE}[{len(self.names)}] = 1").body[0]
            for node in ast.walk(store):
                ast.copy_location(node, block[0])
            block.insert(int(documented), store)
            self.names.append(f"{file}:{name}")
        return compile(tree, path, "exec", dont_inherit=True)

    def taken(self) -> list[str]:
        """The blocks that were reached since the last time."""
        found = [name for n, name in enumerate(self.names) if self.reached[n]]
        self.reached[:] = bytes(MANY)
        return found


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, marks: Marks) -> None:
        super().__init__(name, path)
        self.marks = marks

    def get_code(self, fullname: str) -> CodeType:
        return self.marks.mark(self.get_data(self.path), self.path)
