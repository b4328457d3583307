"""Imports run one way, files stay small, and every file opens with its contract."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "conformance"
FILES = sorted(PACKAGE.rglob("*.py"))

ALLOWED = {
    "wire": set(),
    "reading": {"wire"},
    "assembly": {"reading"},
    "exchange": {"wire", "reading", "assembly"},
    "conditions": {"exchange", "wire"},
    "schemas": {"exchange", "wire"},
    "fragment": {"exchange", "reading", "wire"},
    "verdicts": {"conditions", "exchange"},
    "judging": {"conditions", "exchange", "verdicts", "catalogue"},
    "catalogue": {"conditions", "exchange", "judging", "verdicts", "wire", "checks"},
    "relations": {"catalogue", "exchange"},
    "citations": set(),
    "data": set(),
    "probes": {"data", "exchange"},
    "mistakes": {"conditions", "exchange", "wire"},
    "refusals": {"catalogue", "exchange", "wire"},
    "sdk": {"assembly", "conditions", "exchange", "reading", "wire"},
    "checks": {
        "catalogue", "conditions", "exchange", "relations", "mistakes", "refusals", "schemas", "citations", "probes", "sdk", "wire",
    },
    "features": {
        "catalogue", "checks", "conditions", "exchange", "mistakes", "options", "probes", "relations", "schemas", "selection", "wire",
    },
    "reference": {"data"},
    "report": {"run", "wire", "catalogue", "data", "exchange", "parity"},
}  # fmt: skip
"""What each part may import of ours, itself apart; parts not named may import anything. Checks know the probes' constants."""


def part(module: str) -> str:
    return module.removeprefix("conformance.").partition(".")[0]


def imports(path: Path) -> set[str]:
    """The parts of ours that a file imports, those for type checking alone left out."""
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(inner) for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }  # fmt: skip
    found = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and id(node) not in typing_only
            and (node.module or "").startswith("conformance")
        ):
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "conformance"
                else [node.module]
            )
            found |= {part(name) for name in names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    mine = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if mine in ALLOWED:
        assert imports(path) <= ALLOWED[mine] | {mine}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_opens_with_its_contract_and_stays_small(path):
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring opens the file"
    assert text.count("\n") <= 300


def test_a_check_is_fifteen_lines_at_most():
    long = {}
    for path in (PACKAGE / "checks").glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                code = node.end_lineno - node.body[0].end_lineno
                if code > 15:
                    long[f"{path.name}:{node.name}"] = code
    assert long == {}


def test_no_vendor_is_named_in_a_condition():
    pattern = re.compile(r"""if .*(vendor|provider|["'](groq|azure|vllm|mistral|openrouter)["']).*:""", re.IGNORECASE)
    folders = ("checks", "probes", "wire", "sources")
    found = [f"{p.name}: {line.strip()}" for folder in folders for p in (PACKAGE / folder).glob("*.py")
             for line in p.read_text("utf-8").splitlines() if pattern.search(line)]  # fmt: skip
    assert found == []


def test_the_core_starts_without_heavy_imports():
    code = "import sys, conformance.cli; print([m for m in ('pytest', 'openai', 'uvicorn', 'jinja2', 'vllm') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
