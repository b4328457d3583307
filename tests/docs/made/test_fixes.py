"""The snippets of how to mend a handler are of their language, and each is for some check."""

from __future__ import annotations

import ast
import shutil
import subprocess
import textwrap
from fnmatch import fnmatchcase

import pytest

from conformance.areas.catalogue import catalogue
from docs.made.fixes import LANGUAGES, fix_of, fixes

NAMES = [fix.name for fix in fixes()]


def code(name: str, language: str) -> str:
    return next(code for fix in fixes() if fix.name == name for _, kind, code in fix.snippets if kind == language)


def tell(command: list[str], text: str) -> str:
    ran = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
    return ran.stdout + ran.stderr


def test_every_kind_has_a_snippet_in_each_language_and_is_about_some_check():
    for fix in fixes():
        assert [kind for _, kind, _ in fix.snippets] == list(LANGUAGES), fix.name
        assert fix.text, fix.name
        for pattern in fix.checks:
            assert any(fnmatchcase(id, pattern) for id in catalogue()), (fix.name, pattern)
        assert any(fix_of(id) is fix for id in catalogue()), fix.name


def test_every_check_has_one():
    assert [id for id in catalogue() if fix_of(id) is None] == []


def test_the_kind_that_says_most_of_an_id_counts():
    assert fix_of("error.overload-code").name == "rate-limit"
    assert fix_of("error.below-code").name == "validation"
    assert fix_of("param.n").name == "several-choices"
    assert fix_of("no.such") is None


@pytest.mark.parametrize("name", NAMES)
def test_python(name):
    ast.parse(f"async def handler():\n{textwrap.indent(code(name, 'python'), '    ')}")


@pytest.mark.skipif(not shutil.which("node"), reason="there is no Node")
def test_javascript(tmp_path):
    for name in NAMES:
        file = tmp_path / f"{name}.mjs"
        file.write_text(f"async function handler() {{\n{code(name, 'javascript')}\n}}\n", "utf-8")
        assert tell(["node", "--check", str(file)], "") == "", name


@pytest.mark.skipif(not shutil.which("gofmt"), reason="there is no gofmt")
def test_go():
    for name in NAMES:
        assert tell(["gofmt", "-e", "-d"], f"{code(name, 'go')}\n") == "", name
