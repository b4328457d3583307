"""Every check is explained with examples made on the spot and with what both official SDKs were measured to do."""

from __future__ import annotations

import json
import random
import shlex

import pytest

from benchmarks.sdks.measure import failing, python_says
from conformance.areas.catalogue import catalogue, lies
from conformance.areas.levels import reasons
from conformance.cli import explain
from conformance.cli.examples import LINES, WIDTH, example
from conformance.cli.explain import explanation, sdks
from conformance.clients import outcomes
from conformance.clients.breaks import breaks, measured, versions
from conformance.clients.replay import Client

MEASURED = [name for name in sdks() if name != "versions"]
SAMPLE = 12
"""Rows of the table that are measured again on every run of the tests; `nox -s sdks` measures all."""


@pytest.mark.parametrize("id", list(catalogue()))
def test_every_check_is_explained(id):
    check = catalogue()[id]
    about = explanation(check)
    assert json.loads(json.dumps(about)) == about
    shown = about["example"]
    assert shown["lie"] in check.breaks
    assert shown["seen"], "the check says nothing of the bad answer"
    assert {"good", "bad"} & {whose for whose, _ in shown["difference"]}
    assert len(shown["difference"]) <= 4 * LINES
    assert max(len(line) for _, line in shown["difference"]) <= WIDTH + 2
    words = shlex.split(about["curl"], comments=True)
    assert words[0] == "curl"
    assert any(word.startswith(explain.HOST) for word in words)
    assert "reference/scripted" not in about["curl"]


def test_the_explanation_is_read_by_people(call):
    code, out, err = call("explain", "tool.delta-index")
    assert (code, err) == (0, "")
    for said in ("tool.delta-index  MUST", "Every element of `delta.tool_calls` has an integer `index`.", "TOOL-022: ",
                 "openai-python 3", "TypeError in the stream helper", "openai-node 7", "(tool-delta-without-index)",
                 '"tool_calls":[{"index":0,', "seen chunk 0.choices.0.delta.tool_calls.0.index is absent",
                 "Provoked by ", "curl -sS -N http://localhost:8000/v1/chat/completions", '"model": "MODEL"',
                 "$OPENAI_API_KEY", *catalogue()["tool.delta-index"].source):  # fmt: skip
        assert said in out, said


def test_what_breaks_in_real_clients_is_said(call):
    out = call("explain", "chat.choices")[1]
    broken = breaks(catalogue()["chat.choices"].breaks)
    assert f"Of {len(measured()['versions'])} real clients such a server breaks {len(broken)}:\n" in out
    name = f"langchain {versions('langchain')}"
    assert f"  {name} " in out
    assert json.loads(call("explain", "chat.choices", "--json")[1])["clients"][name][0].startswith("fails at plain")


def test_a_level_that_the_clients_speak_against_is_explained(call):
    why = reasons()["chat.one-choice"]
    assert why in " ".join(call("explain", "chat.one-choice")[1].split())
    assert json.loads(call("explain", "chat.one-choice", "--json")[1])["level_reason"] == why
    assert json.loads(call("explain", "chat.choices", "--json")[1])["level_reason"] == ""


def test_what_no_client_can_bring_about_is_said(call):
    assert "No client can bring this about at will" in call("explain", "rate.retry-after")[1]
    assert json.loads(call("explain", "rate.retry-after", "--json")[1])["staged"] is True
    assert json.loads(call("explain", "chat.id", "--json")[1])["staged"] is False


def test_an_unknown_check_has_the_nearest(call):
    code, _, err = call("explain", "chat.ids")
    assert (code, err) == (2, "openai-conformance: there is no check 'chat.ids' - did you mean chat.id?\n")


def test_without_the_client_its_checks_are_explained_all_the_same(monkeypatch):
    monkeypatch.setattr(outcomes, "find_spec", lambda name: None)
    shown = example(catalogue()["sdk.helper"])
    assert (shown.problem, bool(shown.difference)) == ("", True)


# ---------------------------------------------------------------------- the table of the SDKs


def test_the_table_names_lies_that_exist():
    assert set(MEASURED) - set(lies()) == set()
    assert sdks()["versions"]["python"].startswith("openai-python 3")
    assert all(set(sdks()[name]) == {"python", "node"} for name in MEASURED)


@pytest.mark.parametrize("name", random.Random(3).sample(MEASURED, SAMPLE))
def test_openai_python_still_does_what_the_table_says(name):
    with Client() as client:
        if outcomes.client() != sdks()["versions"]["python"]:
            pytest.skip("another version of openai-python than the table is about")
        assert python_says(client, failing(lies()[name])) == sdks()[name]["python"]
