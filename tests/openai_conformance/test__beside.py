"""A folder `conformance` of somebody else's is in nobody's way, or said to be in one line."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.checkout import ROOT


@pytest.fixture
def theirs(tmp_path):
    """Runs Python in a repository with a package `conformance` of its own, which ours is not to be taken for."""
    (tmp_path / "conformance").mkdir()
    (tmp_path / "conformance" / "__init__.py").write_text("MINE = True\n")

    def run(*arguments: str, **env: str) -> tuple[int, str]:
        before = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"} | env
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=before, capture_output=True, text=True, timeout=120
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_python_m_is_the_command(theirs):
    assert theirs("-m", "openai_conformance", "--version") == (0, "openai-conformance, version 0.1.0\n")


def test_a_run_comes_to_its_end(theirs):
    code, out = theirs("-m", "openai_conformance", "--only", "model", "--sdk", "off")
    assert (code, out.split("  ")[0]) == (0, "CONFORMS IN MODELS")


def test_so_does_a_matrix_whose_targets_have_processes_of_their_own(theirs, server, tmp_path):
    target = f'[[target]]\nname = "a"\nbase_url = "{server.base_url}"\napi_key_env = "KEY"\n'
    (tmp_path / "t.toml").write_text(target)
    code, out = theirs("-m", "openai_conformance", "matrix", "t.toml", "--only", "model", KEY=server.key)
    assert code == 0, out


def test_theirs_that_is_imported_already_is_named(theirs, tmp_path):
    code, out = theirs("-c", "import conformance, openai_conformance")
    last = out.splitlines()[-1]
    assert code == 1
    assert last.startswith(f"ImportError: a package `conformance` of your own is imported already, from {tmp_path}")


def test_ours_is_imported_once(theirs):
    code, out = theirs("-c", "import openai_conformance, conformance; print(hasattr(conformance, 'MINE'))")
    assert (code, out) == (0, "False\n")
