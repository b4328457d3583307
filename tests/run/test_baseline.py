"""`run --baseline`: the gap per check in the run file, and the gate on it."""

from __future__ import annotations

import pytest

from conformance.areas.catalogue import lies
from conformance.run.run_file import read
from conformance.send.embedded import Reference
from tests.support.command import command, elsewhere


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """A function that judges the area `finish` of a server: exit code, output, the run file."""
    elsewhere(monkeypatch, tmp_path)
    call = command(monkeypatch, capsys)

    def judge(*arguments, server, report="out"):
        code, out, err = call("run", "--only", "finish", "--sdk", "off", "--report", report, *arguments, server=server)
        file = tmp_path / report / "run.jsonl"
        return code, " ".join((out + err).split()), read(file) if file.exists() else None

    return judge


def test_a_recorded_run_is_the_baseline(run):
    with Reference() as server:
        assert run(server=server, report="honest")[0] == 0
    with Reference(lie=lies()["finish-stop-at-limit"]) as server:
        _, said, lied = run("--baseline", "honest/run.jsonl", server=server)
        code, loud, strict = run("--baseline", "honest/run.jsonl", "--max-gap", "0", server=server)
        fine, _, _ = run("--baseline", "honest/run.jsonl", "--max-gap", "9", "--fail-on", "must", server=server)
    worse = [row["check"] for row in lied.gaps if row["gap"] == "worse"]
    assert worse
    assert f"Beside the baseline honest/run.jsonl: {len(worse)} worse" in said
    assert lied.footer["baseline"] == {"kind": "recorded", "file": "honest/run.jsonl"}
    assert lied.footer["gates"] == []
    assert code == 1
    assert strict.footer["gates"] == [
        {"gate": "--max-gap", "wanted": "at most 0 worse", "seen": f"{len(worse)} worse", "holds": False}
    ]
    assert f"{len(worse)} worse than the baseline, at most 0 worse wanted" in loud
    assert fine == 1  # a MUST fails, whatever the gap


def test_an_endpoint_is_the_baseline_and_a_better_target_says_so(run, monkeypatch):
    with Reference(lie=lies()["finish-stop-at-limit"]) as worse, Reference() as server:
        monkeypatch.setenv("BASELINE_API_KEY", worse.key)
        code, said, found = run("--baseline", worse.base_url, "--max-gap", "0", server=server)
    assert code == 0, said
    assert {row["gap"] for row in found.gaps} >= {"same", "better"}
    assert found.footer["baseline"]["kind"] == "url"
    assert found.footer["baseline"]["base_url"] == worse.base_url


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--baseline", "nothing.jsonl"), 2, "--baseline nothing.jsonl cannot be read: No such file"),
        (
            ("--baseline", "http://127.0.0.1:1/v1", "--wait", "0"),
            3,
            "the baseline: no answer from http://127.0.0.1:1/v1",
        ),
        (("--max-gap", "-1"), 2, "--max-gap is '-1', expected a whole number from 0"),
    ],
)
def test_a_baseline_that_is_none_is_one_line(run, arguments, code, words):
    with Reference() as server:
        seen, said, _ = run(*arguments, server=server)
    assert seen == code
    assert words in said
