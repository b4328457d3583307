"""--watch: judged again when the endpoint is back or a file changed, all again once what was red is green, ended by Ctrl-C in order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conformance.cli import watching
from conformance.cli.watching import listens, triggers, watch
from conformance.run.options import Options
from conformance.run.run_file import read
from conformance.run.user_error import UserError
from conformance.send.cannot_judge import CannotJudge
from conformance.send.embedded import Reference
from tests.support.checkout import ROOT

URL = "http://127.0.0.1:9/v1"


def told(monkeypatch, looks: list[bool], changes: list[str] | None = None) -> list[str]:
    """What is said of a port that is looked at so often, and of files that changed so."""
    ports, ended = iter(looks), []
    monkeypatch.setattr(watching, "listens", lambda url: next(ports))
    monkeypatch.setattr(watching, "SETTLE", 0)
    monkeypatch.setattr(watching, "EVERY", 0)
    for said in watching._triggers(URL, iter(changes or [""] * len(looks))):
        ended.append(said)
    return ended


def test_a_port_that_goes_and_comes_back_is_one_occasion(monkeypatch):
    back = "the endpoint is back"
    assert told(monkeypatch, [True, True, False, False, True, True, False, True]) == [back, back]
    assert told(monkeypatch, [False, True]) == [back]
    assert told(monkeypatch, [True] * 5) == []


def test_a_file_that_changes_waits_for_the_server_that_reads_it(monkeypatch):
    assert told(monkeypatch, [True, True, False, True], ["", "a.py"]) == ["a.py changed"]
    assert told(monkeypatch, [True, False, True], ["", "a.py", ""]) == ["the endpoint is back"]


def test_a_real_file_is_seen(tmp_path):
    (tmp_path / "app.py").write_text("1")
    changes = watching._changes([str(tmp_path)], [str(tmp_path / "reports")])
    next(changes)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "run.jsonl").write_text("ours")
    assert [next(changes) for _ in range(4)] == [""] * 4
    (tmp_path / "app.py").write_text("2")
    assert next(said for said in changes if said).endswith("app.py")
    with pytest.raises(UserError, match="no such file or folder"):
        triggers(URL, ["no-such.py"])


def test_a_port_is_looked_at():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        assert listens(url)
    assert not listens(url)


def test_what_cannot_be_judged_is_waited_for_and_ctrl_c_in_a_run_ends_all(monkeypatch, capsys):
    rounds = iter([CannotJudge("no answer"), 1, 0, 130])

    def judged(options: Options) -> int:
        found = next(rounds)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(watching, "triggers", lambda url, files, own: iter(["one", "two", "three"]))
    assert watch(Options(base_url=URL, watch=True), judged) == 130
    said = capsys.readouterr().err
    assert "openai-conformance: no answer\n" in said
    assert [line for line in said.splitlines() if line.endswith("judged again")] == [
        f"{reason}: judged again" for reason in ("one", "two", "three")
    ]


def test_all_is_judged_once_nothing_is_red_any_more(monkeypatch):
    red = iter([{"a"}, set()])
    monkeypatch.setattr("conformance.run.last_run.failed", lambda report: next(red))
    monkeypatch.setattr(watching, "triggers", lambda url, files, own: iter(["back"] * 3))
    seen: list[bool] = []

    def judged(options: Options) -> int:
        seen.append(options.failed)
        return 1 if len(seen) == 1 else 130

    watch(Options(base_url=URL, watch=True, failed=True), judged)
    assert seen == [True, False]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"watch": True}, "--watch needs --base-url"),
        ({"watch_file": ("a",)}, "give both"),
        ({"watch": True, "base_url": URL, "dry_run": True}, "--dry-run sends nothing"),
        ({"watch": True, "base_url": URL, "replay": "a"}, "--replay sends nothing"),
    ],
)
def test_what_makes_no_sense_is_one_line(given, said):
    with pytest.raises(UserError, match=said):
        Options.make(given)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_real_watch_judges_again_and_ends_in_order(tmp_path, number, code):
    (tmp_path / "app.py").write_text("1")
    with Reference() as server:
        env = os.environ | {"OPENAI_API_KEY": server.key, "PYTHONPATH": str(ROOT)}
        words = [
            "--base-url",
            server.base_url,
            "--only",
            "model.list-object",
            "--watch",
            "--watch-file",
            ".",
            "--quiet",
        ]
        command = [sys.executable, "-m", "conformance", *words]
        process = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=-1, stderr=-1, text=True)
        late = threading.Timer(100, process.kill)  # whoever waits for a line that never comes
        late.start()
        waits = iter(process.stderr.readline, "")
        assert any("Waiting for the endpoint" in line for line in waits)
        first = read(tmp_path / "reports/latest/run.jsonl").header["started"]
        (tmp_path / "app.py").write_text("2")
        assert any("app.py changed: judged again" in line for line in waits)
        assert any("Waiting for the endpoint" in line for line in waits)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        late.cancel()
    assert (process.returncode, out.count("CONFORMS")) == (code, 2)
    assert "Traceback" not in err
    assert "interrupted" in err
    assert read(Path(tmp_path, "reports/latest/run.jsonl")).header["started"] >= first
