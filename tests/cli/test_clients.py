"""`openai-conformance clients` as a user calls it, with the official client that the test environment has."""

from __future__ import annotations

import importlib.metadata
import os
import re
import sys

import pytest

from conformance.cli.main import main
from conformance.run.run_file import read
from conformance.watch.trials import roster
from conformance.watch.trials.environments import MADE, folder
from tests.report.test_document import valid

SCENARIOS = "plain,stream,tool,tool-stream,no-arguments,structured,usage,wrong-key,cut-stream,responses,embeddings"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A cache in which the Python of these tests is the environment of the official client."""
    monkeypatch.setenv("OPENAI_CONFORMANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    where = folder(roster.clients()["openai-sync"])
    python = where / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (where / MADE).write_text("[]")
    return tmp_path


def called(capsys, *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["clients", *words])
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


@pytest.mark.skipif(os.name == "nt", reason="the environment of this test is a shell script")
def test_the_official_client_works_with_the_reference(here, capsys):
    asked = ("--client", "openai,openai-async", "--require-client", "openai")
    code, out, err = called(capsys, *asked, "--scenario", SCENARIOS, "--sdk", "off")
    run = read(here / "reports/latest/run.jsonl")
    assert [
        (each["scenario"], each["why"]) for each in run.trials if each["state"] in ("fails", "wrong", "not run")
    ] == []
    assert len(run.trials) == 22
    assert (code, run.footer["clients"]["lacking"]) == (0, []), out
    assert "CONFORMS IN WHAT THE CLIENTS ASKED" in out
    version = importlib.metadata.version("openai")
    assert f"openai-sync: 11 of 11 work  (openai {version})" in out
    assert re.search(r"^tool-stream +ok ok *$", out, re.MULTILINE)
    assert "openai-conformance: openai-sync: 11 scenarios\n" in err


@pytest.mark.skipif(os.name == "nt", reason="the environment of this test is a shell script")
def test_the_document_for_programs_has_the_table(here, capsys):
    code, out, _ = called(capsys, "--client", "openai", "--scenario", "plain,agent", "--sdk", "off", "--format", "json")
    found = valid(out, "A run")
    assert (code, found["kind"], found["exit_code"]) == (0, "clients", 0)
    [row] = found["clients"]
    assert [(each["scenario"], each["state"]) for each in row["scenarios"]] == [("plain", "works"), ("agent", "works")]
    assert row["scenarios"][0]["exchanges"] == ["openai-sync/plain#1"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--client", "langchian"], "no client is called langchian: there are "),
        (["--scenario", "toool"], "there is no scenario 'toool' - did you mean tool?"),
        (["--client", "litellm", "--require-client", "openai"], "--require-client openai-sync is none of --client"),
        (["--base-url", "ftp://x"], "--base-url is 'ftp://x', expected http:// or https://"),
        (["--base-url", "http://127.0.0.1:9/v1?x=1"], "--base-url has a query, which no client sends"),
    ],
)
def test_a_mistake_is_one_line(capsys, words, said):
    code, _, err = called(capsys, *words)
    assert said in err
    assert err.count("\n") == 1
    assert code == 2


def test_the_list_names_clients_scenarios_and_what_is_installed(capsys):
    main_list = called(capsys, "--list", "--client", "python")
    assert main_list[0] == 0
    assert re.search(r"^openai-sync +openai for Python +openai==\S+ +23 of 24 +yes", main_list[1], re.MULTILINE)
    assert re.search(r"^langchain .* no *$", main_list[1], re.MULTILINE)
    assert re.search(r"^cut-stream +a stream cut short$", main_list[1], re.MULTILINE)
    assert "codex" not in main_list[1]
    assert re.search(r"^codex +Codex +@openai/codex@", called(capsys, "--list")[1], re.MULTILINE)
