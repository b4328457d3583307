"""The sub-commands beside `run`: the catalogue, its requirements, explanations, and quick help."""

from __future__ import annotations

import json
import subprocess
import sys

from conformance.areas.catalogue import catalogue
from conformance.areas.requirements import requirements
from tests.support.checkout import ROOT


def test_the_catalogue_as_table_and_as_json(call):
    code, out, _ = call("checks")
    assert code == 0
    assert all(id in out for id in catalogue())
    listed = json.loads(call("checks", "--json")[1])
    assert [check["id"] for check in listed] == list(catalogue())
    assert all(check["requirement"] and check["source"] and check["breaks"] for check in listed)
    assert {check["area"] for check in json.loads(call("checks", "--json", "stream")[1])} == {"stream"}


def test_the_requirements_as_table_and_as_json(call):
    rows = json.loads(call("checks", "--requirements", "--json")[1])
    assert [row["id"] for row in rows] == list(requirements())
    code, out, _ = call("checks", "--requirements")
    assert code == 0
    assert f"{len(rows)} requirements: " in out


def test_help_comes_without_anything_heavy():
    code = (
        "import sys; from conformance.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('httpx', 'rich', 'jinja2', 'uvicorn', 'starlette', 'pytest', 'jsonschema_rs', 'asyncio')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "Exit codes:" in done.stdout
