"""The sub-commands beside `run`: the catalogue, its requirements, explanations, the reference server, and quick help."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from conformance.catalogue import catalogue
from conformance.requirements import requirements
from tests.command import command

ROOT = str(Path(__file__).parent.parent)


@pytest.fixture
def call(monkeypatch, capsys):
    return command(monkeypatch, capsys)


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
        "import sys; from conformance.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('httpx', 'rich', 'jinja2', 'uvicorn', 'starlette', 'pytest', 'jsonschema_rs', 'asyncio')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "Exit codes:" in done.stdout


def test_the_reference_serves_until_it_is_told_to_stop(tmp_path):
    env = os.environ | {"PYTHONPATH": ROOT, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", "reference"], cwd=tmp_path, env=env, stdout=-1, stderr=-1, text=True
    )
    first, second = process.stdout.readline().split(), process.stdout.readline().split()
    settings = dict(word.split("=", 1) for word in second[1:])
    headers = {"Authorization": f"Bearer {settings['OPENAI_API_KEY']}"}
    answer = httpx.get(f"{settings['OPENAI_BASE_URL']}/models", headers=headers, trust_env=False)
    assert (first, answer.status_code) == (["serving", settings["OPENAI_BASE_URL"]], 200)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert "Traceback" not in err
