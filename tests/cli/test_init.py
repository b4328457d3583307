"""`init` writes a configuration file with what is found at an endpoint, which a run then reads; it replaces none."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from conformance.cli.init import told
from conformance.run.options import Options
from conformance.run.run_file import Run
from conformance.send.embedded import Reference

pytestmark = pytest.mark.usefixtures("elsewhere")

NAME = "openai-conformance.toml"


def test_what_is_found_is_what_a_run_then_asks_for(call):
    with Reference() as server:
        code, _, err = call("init", "--api-key-env", "OPENAI_API_KEY", server=server)
        assert (code, err) == (0, ""), err
        held = tomllib.loads(Path(NAME).read_text())
        assert held["base-url"] == server.base_url
        assert (held["model"], held["profile"]) == ("reference/scripted", "full")
        assert held["embedding-model"] == "reference/scripted-embedding"
        assert server.key not in Path(NAME).read_text()
        assert call("--only", "model.list-object")[0] == 0
    assert {path.name for path in Path().iterdir()} == {NAME, "reports"}


def test_it_replaces_nothing(call):
    assert call("init")[0] == 0
    before = Path(NAME).read_text()
    assert tomllib.loads(before) == {}
    code, _, err = call("init")
    assert (code, err) == (2, "openai-conformance: openai-conformance.toml is here already, and is not replaced\n")
    Path(NAME).rename("kept.toml")
    Path("pyproject.toml").write_text("[tool.openai-conformance]\n")
    code, _, err = call("init")
    assert (code, "the table [tool.openai-conformance] of pyproject.toml is here already" in err) == (2, True)
    assert Path("kept.toml").read_text() == before
    assert not Path(NAME).exists()


def test_what_is_not_there_writes_nothing(call):
    assert call("init", "--base-url", "http://127.0.0.1:1/v1", "--wait", "0")[0] == 3
    assert list(Path().iterdir()) == []


def run(profile: str | None, **decisions: str) -> Run:
    features = [{"feature": name, "decision": decision} for name, decision in decisions.items()]
    return Run({"target": {"model": 'a"b\n'}}, features=features, footer={"scope": {"profile": profile}})


def test_what_is_lacking_is_said_and_no_key_is_kept():
    secret = ("Authorization=Bearer abcdef", "X-Odd=abcdef", "X-Title=me")
    options = Options(base_url="http://a/v1", header=secret, api_key_env="MINE")
    text = told(
        run("chat", tools="refused", n="ignored", stop="supported", seed="undecided", logprobs="refused"), options
    )
    assert "# Refused: tools, logprobs\n" in text
    assert "# Ignored: n\n" in text
    assert "seed" not in text
    assert "abcdef" not in text
    held = tomllib.loads(text)
    assert (held["header"], held["api-key-env"], held["profile"]) == (["X-Title=me"], "MINE", "chat")
    assert held["model"] == 'a"b\n'
    assert "profile" not in tomllib.loads(told(run(None), options))
