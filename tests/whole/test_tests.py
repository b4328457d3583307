"""Tests that can fail: no assertion here holds whatever comes, and no test stays away where the test group is installed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.support.checkout import ROOT

FILES = sorted((ROOT / "tests").rglob("*.py"))
OPTIONAL = ("material", "playwright.sync_api", "pty", "moto.server", "s3fs", "duckdb")
"""What no dependency group holds: a session of its own installs it, or it is of the system."""


def name_of(call: ast.AST) -> str:
    return ast.unparse(call.func) if isinstance(call, ast.Call) else ""


def stops_at_the_shorter(tree: ast.Module) -> Iterator[ast.AST]:
    """`map` or `zip` of several, that looks at no more than the shortest holds."""
    for node in ast.walk(tree):
        strict = any(k.arg == "strict" for k in getattr(node, "keywords", ()))
        if (name_of(node) == "map" and len(node.args) > 2) or (
            name_of(node) == "zip" and len(node.args) > 1 and not strict
        ):
            yield node


def takes_either(tree: ast.Module) -> Iterator[ast.AST]:
    """Assertions that hold with one outcome and with another: `in (a, b)` of constants."""
    for node in ast.walk(tree):
        test = getattr(node, "test", None) if isinstance(node, ast.Assert) else None
        if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.In) and _constants(test.comparators[0]):
            yield node


def _constants(node: ast.AST) -> bool:
    try:
        return isinstance(node, ast.Tuple | ast.List | ast.Set) and bool(ast.literal_eval(node))
    except ValueError:
        return False


def stays_away(tree: ast.Module) -> Iterator[ast.AST]:
    """Tests that are skipped where a library is missing that the test group could hold."""
    for node in ast.walk(tree):
        if name_of(node).endswith("importorskip") and ast.literal_eval(node.args[0]) not in OPTIONAL:
            yield node


@pytest.mark.parametrize("weak", [stops_at_the_shorter, takes_either, stays_away])
def test_no_test_is_weak(weak):
    found = {path.relative_to(ROOT).as_posix(): list(weak(ast.parse(path.read_bytes()))) for path in FILES}
    assert [f"{name}:{node.lineno}: {ast.unparse(node)}" for name, nodes in found.items() for node in nodes] == []


@pytest.mark.parametrize(
    ("weak", "text"),
    [
        (stops_at_the_shorter, "all(map(same, a, b))"),
        (stops_at_the_shorter, "for x, y in zip(a, b): pass"),
        (takes_either, "assert code in (0, 1)"),
        (stays_away, "pytest.importorskip('vcr')"),
    ],
)
def test_what_is_weak_is_found(weak, text):
    assert list(weak(ast.parse(text)))


@pytest.mark.parametrize(
    "text", ["map(f, a)", "zip(a, b, strict=True)", "assert x in said", "assert code in (one, two)", "assert a or b"]
)
def test_what_is_not_weak_is_left_alone(text):
    assert [node for weak in (stops_at_the_shorter, takes_either) for node in weak(ast.parse(text))] == []
