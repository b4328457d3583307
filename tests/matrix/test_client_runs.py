"""Real clients at the targets of a matrix: columns of the comparison, lines, the document, and the gate."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from conformance.areas.catalogue import lies
from conformance.cli import github
from conformance.cli.main import main
from conformance.cli.matrix import asked_of
from conformance.matrix.client_runs import Asking
from conformance.matrix.targets import load
from conformance.report.clients_beside import beside, cell, summary
from conformance.report.trial_table import clients
from conformance.run.run_file import Run
from conformance.run.user_error import UserError
from conformance.send.embedded import Reference
from conformance.watch.trials import roster
from conformance.watch.trials.environments import MADE, folder
from tests.report.test_document import valid
from tests.support.checkout import ROOT
from tests.support.command import elsewhere


def run_of(**states: dict[str, str]) -> Run:
    """A run in which these clients did these scenarios with these states."""
    trials = [
        {"client": name, "scenario": scenario, "state": state, "why": "E: <b>", "exchanges": [], "checks": []}
        for name, cells in states.items()
        for scenario, state in cells.items()
    ]
    return Run(
        {}, trials=trials, footer={"clients": {"versions": {name: {"p": "1"} for name in states}, "required": []}}
    )


GOOD = run_of(a={"plain": "works", "tool": "works"}, b={"plain": "works", "tool": "not offered"})
BAD = run_of(a={"plain": "works", "tool": "wrong"}, c={"plain": "not run", "tool": "model did not"})


def test_a_row_for_each_client_and_a_cell_for_each_endpoint():
    rows = {row.name: row for row in beside([GOOD, None, BAD])}
    assert [*rows] == ["a", "b", "c"]
    assert [(each.look, each.words) for each in rows["a"].cells] == [
        ("pass", "2 of 2"), ("not-exercised", "not run"), ("fail", "1 of 2"),
    ]  # fmt: skip
    assert rows["a"].cells[2].odd == ("wrong at tool: E: <b>",)
    assert [each.words for each in rows["b"].cells] == ["1 of 1", "not run", "not run"]
    assert beside([None, None]) == []


def test_nothing_that_was_not_tried_is_good():
    [_, idle] = clients(BAD)
    assert (cell(idle).look, cell(idle).words) == ("not-exercised", "0 of 0")
    assert summary(GOOD) == "2 of 2 clients work"
    assert summary(BAD) == "0 of 2 clients work, not a"


def test_on_github_the_summary_names_the_clients(tmp_path):
    written = tmp_path / "summary.md"
    targets = [("one", None, "it is down"), ("two", None, "it is down")]
    github.tell_matrix(targets, "reports", {"GITHUB_STEP_SUMMARY": str(written)}, [GOOD, BAD])
    head, _, *rows = written.read_text().split("\n\n")[2].splitlines()
    assert head == "| client | `one` | `two` |"
    assert rows[0] == "| `a (p 1)` | 2 of 2 | 1 of 2 `wrong at tool: E: <b>` |"
    assert [row.split(" | ")[0] for row in rows] == ["| `a (p 1)`", "| `b (p 1)`", "| `c (p 1)`"]
    written.unlink()
    github.tell_matrix(targets, "reports", {"GITHUB_STEP_SUMMARY": str(written)}, [None, None])
    assert "client" not in written.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (([], [], ["openai"]), "--require-client goes with --clients"),
        (([], ["plain"], []), "--scenario goes with --clients"),
        ((["langchian"], [], []), "no client is called langchian"),
        ((["openai"], ["plian"], []), "there is no scenario 'plian' - did you mean plain?"),
        ((["openai"], [], ["langchain"]), "--require-client langchain is none of --clients"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_asked(words, said):
    with pytest.raises(UserError, match=said.replace("?", r"\?")):
        asked_of(*words)
    assert asked_of([], [], []) == Asking()


def test_the_clients_are_asked_with_what_holds_for_them(tmp_path):
    (tmp_path / "t.toml").write_text('[[target]]\nbase_url = "http://localhost:1/v1"\nmodels = ["m"]\n')
    [job] = load(
        str(tmp_path / "t.toml"), {"budget_requests": "9", "timeout": "7", "only": ("x",), "require": ("tools",)}
    )
    asked = Asking(["a"], [], ["a"]).options(job, Path("there"))
    assert asked == {
        "base_url": "http://localhost:1/v1", "api_key_env": job.given["api_key_env"], "model": "m", "timeout": "7",
        "client": ["a"], "scenario": [], "require_client": ["a"], "report": str(Path("there/clients")),
    }  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="the environment of this test is a shell script")
def test_clients_are_columns_of_the_comparison_and_gate(tmp_path, monkeypatch, capsys):
    elsewhere(monkeypatch, tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OPENAI_CONFORMANCE_CACHE", str(tmp_path / "cache"))
    where = folder(roster.clients()["openai-sync"])
    python = where / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (where / MADE).write_text("[]")
    with Reference() as good, Reference(lie=lies()["chat-choices-empty"]) as bad:
        text = ""
        for name, server in (("good", good), ("bad", bad)):
            monkeypatch.setenv(f"KEY_{name}", server.key)
            text += f'[[target]]\nbase_url = "{server.base_url}"\nname = "{name}"\napi_key_env = "KEY_{name}"\n'
        Path("t.toml").write_text(text)
        asked = ("--clients", "openai-sync", "--require-client", "openai-sync", "--scenario", "plain,embeddings")
        with pytest.raises(SystemExit) as ended:
            main(["matrix", "t.toml", *asked, "--only", "finish.stop", "--sdk", "off", "--format", "json"])
    said = capsys.readouterr()
    document = valid(said.out, "A matrix")
    assert (ended.value.code, [each["exit_code"] for each in document["targets"]]) == (1, [0, 1])
    cells = [[c["state"] for c in each["clients"][0]["scenarios"]] for each in document["targets"]]
    assert cells == [["works", "works"], ["fails", "works"]]
    assert "; 1 of 1 clients work" in said.err
    assert "; 0 of 1 clients work, not openai-sync" in said.err
    page = Path("reports/matrix/index.html").read_text("utf-8")
    assert "Real clients by endpoint" in page
    assert 'href="bad/clients/index.html#clients"' in page
    assert "fails at plain: " in page
    assert Path("reports/matrix/bad/clients/index.html").exists()
    assert not any(key in page for key in (good.key, bad.key))
