"""The command line against the real reference: verdicts, exit codes, replays, known deviations, runs that are cut short."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from conformance.areas.catalogue import catalogue
from conformance.judge.condition import whole
from conformance.judge.verdicts import MUST, Check
from conformance.run import conductor
from conformance.run.options import Options
from conformance.run.run_file import read
from conformance.send.embedded import Reference
from tests.support.checkout import ROOT

pytestmark = pytest.mark.usefixtures("elsewhere")

SCHEMA = ROOT / "conformance" / "record" / "run.json"
FILES = ["badge.svg", "code-quality.json", "conformance.sarif", "index.html", "junit.xml", "run.jsonl"]
COMMAND = [sys.executable, "-m", "conformance"]


# ---------------------------------------------------------------------- verdicts


def test_the_main_job_conforms_and_leaves_its_reports(call):
    code, out, err = call()
    assert (code, err) == (0, "")
    assert out.startswith("CONFORMS  http://127.0.0.1:")
    folder = Path("reports/latest")
    assert sorted(path.name for path in folder.iterdir()) == FILES
    lines = [json.loads(line) for line in (folder / "run.jsonl").read_text().splitlines()]
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for line in lines:
        validator.validate(line)
    assert [line["check"] for line in lines if line["type"] == "verdict"] == list(catalogue())
    assert (lines[0]["type"], lines[-1]["type"]) == ("header", "footer")
    assert lines[-1]["exit_code"] == 0


def test_a_failure_says_what_was_seen_and_expected_and_how_to_see_it(call, liar):
    code, out, _ = call("--only", "stream", "--verbose", server=liar)
    assert code == 1
    assert "stream.done  MUST" in out
    assert catalogue()["stream.done"].requirement in out
    assert "  seen   the last event is" in out
    assert "  breaks " in out
    assert f"  source {catalogue()['stream.done'].source[0]}\n" in out
    assert f"  curl -sS -N {liar.base_url}/chat/completions " in out
    assert "DOES NOT CONFORM" in out


def test_quiet_is_the_ids_and_the_verdict(call, liar):
    code, out, err = call("--only", "stream.done", "--quiet", server=liar)
    first, last = out.splitlines()
    assert (code, err, first) == (1, "", "stream.done")
    assert last.startswith("DOES NOT CONFORM")


def test_a_should_is_red_under_strict_alone(call, liar):
    code, out, _ = call("--only", "http.request-id", "--verbose", server=liar)
    assert code == 0
    assert "Failed, not red" in out
    assert "1 warn" in out
    assert call("--only", "http.request-id", "--strict", server=liar)[0] == 1


def test_only_sends_what_it_needs(call, server):
    assert call("--only", "models.list", server=server)[0] == 2
    some = next(check.id for check in catalogue().values() if check.area == "model" and not check.together)
    assert call("--only", some, server=server)[0] == 0
    run = read("reports/latest/run.jsonl")
    assert [verdict["check"] for verdict in run.verdicts] == [some]
    assert 1 <= len(run.exchanges) <= 6


def test_what_failed_is_asked_again_alone_and_beside_the_last_full_run(call, liar):
    call("--only", "stream.done", "--only", "stream.unnamed", "--only", "http", server=liar)
    before = read("reports/latest/run.jsonl")
    code, out, _ = call("--failed", server=liar)
    again = read("reports/latest/run.jsonl")
    assert (code, [record["check"] for record in again.verdicts]) == (1, ["stream.done"])
    assert len(again.exchanges) < len(before.exchanges)
    full = {"type": "header", **before.header} | {"part": False}
    rest = Path("reports/latest/run.jsonl").read_bytes().partition(b"\n")[2]
    Path("reports/latest/run.jsonl").write_bytes(json.dumps(full).encode() + b"\n" + rest)
    code, out, _ = call("--failed", server=liar)
    assert (code, "Report: reports/latest/part/index.html" in out) == (1, True)
    assert Path("reports/latest/run.jsonl").read_bytes().endswith(rest)
    assert call("--failed", "--base-url", "http://127.0.0.1:1/v1", "--wait", "0")[0] == 3
    assert Path("reports/latest/index.html").exists()


def test_a_broken_check_is_the_suites_fault(capsys, server, monkeypatch):
    def law(x):
        """Never holds."""
        yield str(1 / 0)

    monkeypatch.setenv("OPENAI_API_KEY", server.key)
    check = Check("made.up", MUST, law, whole, None, ("https://example.org",), ("none",), ())
    outcome = conductor.conduct(Options(base_url=server.base_url, budget_requests=1), [check])
    assert outcome.exit_code == 4
    from rich.console import Console

    from conformance.report.summary import show_summary

    show_summary(read(outcome.files[0]), "page", Console())
    out = capsys.readouterr().out
    assert "ZeroDivisionError" in out
    assert "SUITE BROKEN" in out


def test_nothing_judged_is_no_conformance(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", server.key)
    never = replace(next(iter(catalogue().values())), when=whole & ~whole)
    assert conductor.conduct(Options(base_url=server.base_url, budget_requests=1), [never]).exit_code == 3


# ---------------------------------------------------------------------- replay and record


def test_a_replay_judges_the_same_without_sending(call, liar):
    call("--only", "stream", "--record", "kept/recording.jsonl", server=liar)
    live = read("reports/latest/run.jsonl")
    for file in ("kept/recording.jsonl", "reports/latest/run.jsonl"):  # the second is what the report replaces
        code, out, _ = call("--replay", file, "--only", "stream")
        assert code == 1
        assert f"DOES NOT CONFORM  {file}" in out
        assert read("reports/latest/run.jsonl").verdicts == live.verdicts
    assert sorted(path.name for path in Path("reports/latest").iterdir()) == sorted([*FILES, "requests"])


def test_a_recording_that_was_cut_off_never_conforms(call, server):
    call("--only", "model", "--record", "recording.jsonl", server=server)
    lines = Path("recording.jsonl").read_bytes().splitlines(keepends=True)
    Path("cut.jsonl").write_bytes(b"".join(lines[:-1]))
    code, out, _ = call("--replay", "cut.jsonl", "--only", "model")
    assert code == 3
    assert "NOT JUDGED" in out
    assert "the recording was cut off" in out
    Path("half.jsonl").write_bytes(b"".join(lines[:-2]) + lines[-2][:40])
    assert call("--replay", "half.jsonl", "--only", "model")[0] == 3
    assert call("--replay", "recording.jsonl", "--only", "model")[0] == 0


# ---------------------------------------------------------------------- known deviations


def entry(id: str, more: str = "") -> str:
    return f'[[deviation]]\ncheck = "{id}"\nreason = "because"\n{more}\n'


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (entry("stream.done"), 0, "1 fail as known"),
        (entry("stream.done", "expires = 2020-01-01"), 1, "expired on 2020-01-01: because"),
        (entry("stream.unnamed") + entry("stream.done"), 1, "delete lines 1-3"),
    ],
    ids=["expected", "expired", "stale"],
)
def test_known_deviations(call, liar, text, code, said):
    Path("known.toml").write_text(text)
    arguments = ("--only", "stream.done", "--only", "stream.unnamed", "--known", "known.toml")
    found, out, _ = call(*arguments, server=liar)
    assert found == code
    assert said in " ".join(out.split())


# ---------------------------------------------------------------------- endpoints that go away


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # connections of the dead server
def test_an_endpoint_that_dies_half_way_is_reported(monkeypatch):
    with Reference() as server:
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        options = Options(base_url=server.base_url, timeout=2.0, concurrency=2)
        outcome = conductor.conduct(options, watch=lambda done, total: done == 60 and server.__exit__(None, None, None))
    gc.collect()
    assert outcome.exit_code == 1
    run = read(outcome.files[0])
    from conformance.report.rows import remarks

    assert sum(x.status is None for x in run.exchanges) > 20
    assert any("requests got no answer; the first, " in remark for remark in remarks(run))


def test_ctrl_c_keeps_what_was_complete(call, monkeypatch, server):
    def interrupt(options, checks, watch, **more):
        def stop(done, total):
            if done == 5:
                raise KeyboardInterrupt

        return conduct(options, checks, watch=stop, **more)

    conduct = conductor.conduct
    monkeypatch.setattr(conductor, "conduct", interrupt)
    code, out, err = call(server=server)
    assert (code, out) == (130, "")
    assert err.splitlines() == [
        "openai-conformance: interrupted; every exchange that was complete is in reports/latest/run.jsonl"
    ]
    assert len(read("reports/latest/run.jsonl").exchanges) >= 5  # and what was complete when all was given up


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, "interrupted;"),
        (signal.SIGTERM, 143, "interrupted by SIGTERM;"),
        (signal.SIGHUP, 129, "by SIGHUP;"),
    ],
)
def test_a_real_interrupt_is_one_line(tmp_path, number, code, said):
    with Reference(delay=0.3) as server:
        env = os.environ | {"OPENAI_API_KEY": server.key, "PYTHONPATH": str(ROOT)}
        command = [*COMMAND, "--base-url", server.base_url, "--concurrency", "1"]
        process = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=-1, stderr=-1, text=True)
        file = tmp_path / "reports" / "latest" / "run.jsonl"
        while process.poll() is None and not (file.exists() and file.read_bytes().count(b"\n") >= 3):
            pass
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.count("\n")) == (code, "", 1), err
    assert said in err
    assert len(read(file).exchanges) >= 2


def test_reports_of_an_earlier_run_do_not_outlive_a_run_that_comes_to_nothing(call, server):
    call("--only", "model", server=server)
    code, _, err = call("--base-url", "http://127.0.0.1:1/v1", "--wait", "0")
    assert (code, err.count("\n")) == (3, 1)
    assert [path.name for path in Path("reports/latest").iterdir()] == ["junit.xml"]
