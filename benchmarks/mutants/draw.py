"""What can be changed in a file: every mutation of it, found in its syntax tree, done in its text so that a diff is a line or two.

Comparisons and their bounds, conditions, arithmetic, `and`/`or`/`not` and the `&`, `|`, `~` that conditions are joined with, numbers,
True and False, what is returned, and statements left out. Texts are left alone: a changed name of a member is noticed at once.
What no test could notice by a rule is not drawn: `left_out` counts it, rule by rule.
"""

from __future__ import annotations

import ast
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path

COMPARISONS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: ("<=", ">="), ast.LtE: ("<", ">"), ast.Gt: (">=", "<="), ast.GtE: (">", "<"), ast.Eq: ("!=",), ast.NotEq: ("==",),
    ast.Is: ("is not",), ast.IsNot: ("is",), ast.In: ("not in",), ast.NotIn: ("in",),
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "//", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "//", ast.BitAnd: "|", ast.BitOr: "&",
}  # fmt: skip
CLIENTS = "conformance/watch/trials/python/[!w]*.py"
"""What real clients do in environments of their own, where no test runs (`nox -s clients` does): all but the worker that they share."""
LEFT_OUT = (ast.Expr, ast.Assign, ast.AugAssign, ast.Raise, ast.Continue, ast.Break, ast.Delete)


@dataclass(frozen=True)
class Mutant:
    """One change of one file: the bytes from `start` to `end` become `text`."""

    file: str
    line: int
    start: int
    end: int
    text: str

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]


@dataclass(frozen=True)
class _Text:
    """A file, and where its lines begin."""

    file: str
    source: bytes
    begins: tuple[int, ...]

    def at(self, line: int, column: int) -> int:
        return self.begins[line - 1] + column

    def of(self, node: ast.expr | ast.stmt) -> str:
        return self.source[
            self.at(node.lineno, node.col_offset) : self.at(node.end_lineno, node.end_col_offset)
        ].decode()

    def instead(self, node: ast.expr | ast.stmt, text: str) -> Mutant:
        start, end = self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)
        return Mutant(self.file, node.lineno, start, end, text)

    def between(self, left: ast.expr, right: ast.expr, old: str, new: str) -> Mutant:
        """Another operator between two operands."""
        start = self.at(left.end_lineno, left.end_col_offset)
        place = self.source.index(old.encode(), start, self.at(right.lineno, right.col_offset))
        return Mutant(self.file, bisect_right(self.begins, place), place, place + len(old), new)


def mutants(file: str, source: bytes) -> Iterator[Mutant]:
    """Every mutation of a file; a few leave no Python."""
    text = _text(file, source)
    for node in _executed(ast.parse(source)):
        yield from _of(node, text)


def _text(file: str, source: bytes) -> _Text:
    return _Text(file, source, tuple(accumulate(map(len, source.splitlines(keepends=True)), initial=0)))


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree but annotations, docstrings and what only a type checker reads."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_params"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST) and not _silent(each):
                yield from _executed(each)


def _silent(node: ast.AST) -> bool:
    return (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) or bool(_rule(node))


def _rule(node: ast.AST) -> str:
    """By which rule a part of a tree means nothing to a test, "" where it may."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return "what only a type checker reads"
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return "what a file does when it is run by its name, which hands on to what is tested"
        case ast.Call(func=ast.Name(id="dataclass")):
            return "options of a dataclass: they keep us from changing what is not to change"
        case ast.keyword(arg="strict"):
            return "`strict` of zip: it asserts what holds"
        case ast.Call(func=ast.Name(id="lru_cache")):
            return "sizes of caches: what comes of them is the same, sooner or later"
    return ""


def left_out(root: Path) -> Counter[str]:
    """How many mutations of the package are not drawn, by rule."""
    found: Counter[str] = Counter()
    for path in (root / "conformance").rglob("*.py"):
        source = path.read_bytes()
        if _apart(path):
            found["what real clients do, in environments of their own"] += sum(1 for _ in mutants(path.name, source))
            continue
        text = _text(path.name, source)
        for node in ast.walk(ast.parse(source)):
            if rule := _rule(node):
                found[rule] += sum(1 for each in ast.walk(node) for _ in _of(each, text))
    return found


def _of(node: ast.AST, text: _Text) -> Iterator[Mutant]:
    match node:
        case ast.Compare():
            for left, kind, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
                for new in COMPARISONS[type(kind)]:
                    yield text.between(left, right, OPERATORS[type(kind)], new)
        case ast.BoolOp():
            old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for left, right in zip(node.values, node.values[1:], strict=False):
                yield text.between(left, right, old, new)
        case ast.BinOp() if type(node.op) in ARITHMETIC and not _writes_text(node):
            yield text.between(node.left, node.right, OPERATORS[type(node.op)], ARITHMETIC[type(node.op)])
        case ast.UnaryOp() if isinstance(node.op, ast.Not | ast.Invert):
            yield text.instead(node, text.of(node.operand))
        case ast.If() | ast.While() | ast.IfExp():
            yield text.instead(node.test, f"(not ({text.of(node.test)}))")
        case ast.comprehension():
            for test in node.ifs:
                yield text.instead(test, "True")
        case ast.Constant() if isinstance(node.value, bool):
            yield text.instead(node, str(not node.value))
        case ast.Constant() if isinstance(node.value, int | float):
            yield text.instead(node, repr(node.value + 1))
        case ast.Return() if node.value is not None and not isinstance(node.value, ast.Constant):
            yield text.instead(node, "return None")
    if isinstance(node, LEFT_OUT):
        yield text.instead(node, "pass")


def _writes_text(node: ast.BinOp) -> bool:
    """Texts joined or filled in: any other operator raises."""
    return any(
        isinstance(n, ast.JoinedStr) or (isinstance(n, ast.Constant) and isinstance(n.value, str | bytes))
        for n in (node.left, node.right)
    )


OPERATORS: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not",
    ast.In: "in", ast.NotIn: "not in", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.BitAnd: "&", ast.BitOr: "|",
}  # fmt: skip


def drawn(root: Path, many: int, seed: int) -> list[Mutant]:
    """So many mutants of the package, all of which are as likely, by the seed."""
    paths = (path for path in (root / "conformance").rglob("*.py") if not _apart(path))
    files = sorted(path.relative_to(root).as_posix() for path in paths)
    every = [mutant for file in files for mutant in mutants(file, (root / file).read_bytes())]
    random.Random(seed).shuffle(every)
    return list(islice((mutant for mutant in every if _is_python(mutant, (root / mutant.file).read_bytes())), many))


def _apart(path: Path) -> bool:
    return path.match(CLIENTS)


def _is_python(mutant: Mutant, source: bytes) -> bool:
    try:
        compile(mutant.applied(source), mutant.file, "exec")
    except SyntaxError:
        return False
    return True
