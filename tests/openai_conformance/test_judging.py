"""The public functions: the same verdicts as the command's, nothing written or changed on the way, one clear line for a mistake."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import get_type_hints

import pytest

import openai_conformance as oc
from conformance.areas.catalogue import catalogue
from conformance.run.commands_options import JUDGE
from conformance.run.options import declared
from openai_conformance.judging import JudgeOptions, RunOptions


@pytest.fixture(scope="module")
def lied(liar):
    """A run against a server that leaves two things out, its key given by a header."""
    return oc.run(liar.base_url, header=f"Authorization=Bearer {liar.key}", only="stream", sdk="off")


@pytest.fixture
def key(monkeypatch, server):
    monkeypatch.setenv("OPENAI_API_KEY", server.key)


def test_a_run_says_what_the_command_says(lied):
    assert (lied.exit_code, lied.conforms, lied.verdict) == (1, False, "DOES NOT CONFORM")
    assert [each.check for each in lied.red] == ["stream.done", "stream.done-is-last"]
    assert lied["stream.done"].problems[0].exchanges
    assert "stream.done (MUST) fail: " in str(lied["stream.done"])
    assert lied.why.startswith("1 MUST fail")


def test_what_a_run_got_is_judged_alike_again(lied):
    again = {each.check: each for each in oc.judge(lied.exchanges, only="stream")}
    assert [each.check for each in again.values() if each.red] == [each.check for each in lied.red]
    for name in ("judged", "failed"):
        assert {getattr(again["stream.done"], name)} == {getattr(lied["stream.done"], name)}


def test_one_verdict_for_every_check_but_those_of_the_official_client():
    found = oc.judge([])
    assert [each.check for each in found] == [id for id in catalogue() if not id.startswith("sdk.")]
    assert {each.outcome for each in found} == {"not-exercised"}


def test_a_run_writes_and_changes_nothing_unless_asked_to(server, key, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    levels = [logging.getLogger(name).level for name in ("httpx", "httpcore")]
    result = oc.run(server.base_url, only="model", sdk="off", timeout=30, cheap=True)
    assert result.conforms
    assert list(tmp_path.iterdir()) == []
    assert [logging.getLogger(name).level for name in ("httpx", "httpcore")] == levels


def test_reports_are_written_where_it_is_said(server, key, tmp_path):
    result = oc.run(server.base_url, only="model", sdk="off", report=tmp_path)
    assert {"run.jsonl", "junit.xml", "index.html"} <= {path.name for path in tmp_path.iterdir()}
    assert oc.read_run(tmp_path / "run.jsonl") == result


def test_within_an_event_loop_a_run_says_how_it_is_to_be_called(server, key):
    async def wrong():
        oc.run(server.base_url)

    async def right():
        return await asyncio.to_thread(oc.run, server.base_url, only="model.list-object", sdk="off")

    with pytest.raises(RuntimeError, match="await asyncio"):
        asyncio.run(wrong())
    assert asyncio.run(right()).exit_code == 0


@pytest.mark.parametrize(
    ("call", "error", "line"),
    [
        (lambda: oc.run("nowhere"), oc.UserError, "--base-url is 'nowhere', expected http"),
        (lambda: oc.run("http://127.0.0.1:9/v1", wait=0), oc.CannotJudge, "nothing listens at 127.0.0.1:9"),
        (lambda: oc.run(modell="x"), TypeError, "there is no option 'modell'"),
        (lambda: oc.judge([], only="strem"), oc.UserError, "did you mean stream"),
        (lambda: oc.judge_files("none.har"), oc.UserError, "there is no file or folder none.har"),
        (lambda: oc.read_run("none.jsonl"), oc.UserError, "none.jsonl cannot be read"),
        (lambda: oc.read_recordings("none.har"), oc.UserError, "there is no file or folder none.har"),
    ],
)
def test_a_mistake_is_one_line(call, error, line):
    with pytest.raises(error) as raised:
        call()
    assert line in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_run_that_was_cut_off_is_read(tmp_path, server, key):
    oc.run(server.base_url, only="model", sdk="off", report=tmp_path)
    lines = (tmp_path / "run.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "cut.jsonl").write_text("".join(lines[:3]) + lines[3][:20])
    result = oc.read_run(tmp_path / "cut.jsonl")
    assert (result.verdict, result.exit_code, result.conforms) == ("CUT OFF", None, False)
    assert len(result.exchanges) == 2


def har(path: Path, **response) -> Path:
    headers = [{"name": "Content-Type", "value": "application/json"}]
    request = {"method": "GET", "url": "https://api.test/v1/models", "headers": []}
    said = {
        "status": 200,
        "headers": headers,
        "content": {"text": json.dumps({"object": "list", "data": []})},
    } | response
    path.write_text(json.dumps({"log": {"entries": [{"request": request, "response": said}]}}))
    return path


def test_recordings_are_read_and_what_gives_nothing_is_said(tmp_path):
    said = []
    files = [har(tmp_path / "a.har"), har(tmp_path / "b.har", status=-1), tmp_path / "c.txt"]
    files[2].write_text("no recording")
    found = list(oc.read_recordings(*files, on_skipped=said.append))
    assert [(x.id, x.status) for x in found] == [("a.har#0", 200)]
    assert [line.partition(" ")[0] for line in said] == [str(files[2]), "b.har,"]
    assert oc.judge(found, only="model.list-object")[0].outcome == "pass"


def test_recordings_are_judged_as_the_command_does(tmp_path):
    body = {"content": {"text": json.dumps({"object": "models", "data": []})}}
    result = oc.judge_files(har(tmp_path / "a.har", **body), only="model", sdk="off", partial_headers=True)
    assert [each.check for each in result.red] == ["model.list-object"]


def test_every_option_of_the_command_is_one_of_the_functions():
    """But those of the terminal, and the one that is the argument. --strict is fail_on. A new one is added to RunOptions, too."""
    terminal = {"dry_run", "quiet", "verbose", "strict", "watch", "watch_file", "watched", "config", "format"}
    named = {name for name, *_ in declared()}
    assert set(get_type_hints(RunOptions)) == named - terminal - {"base_url"}
    assert set(get_type_hints(JudgeOptions)) == set(JUDGE) - terminal
