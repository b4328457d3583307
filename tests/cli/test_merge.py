"""`merge`: run files of shards become one page and one exit code, however many they are; nothing is judged again."""

from __future__ import annotations

import json

import pytest

from conformance.matrix.targets import load, shard_of
from conformance.report.production import Production
from conformance.run.run_file import read
from conformance.run.user_error import UserError
from tests.support import production
from tests.support.command import command, elsewhere


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    return command(monkeypatch, capsys)


def lines(n, outcome, code):
    verdict = {
        "type": "verdict", "check": "chat.created", "level": "must", "outcome": outcome, "exchanges": ["a"], "judged": 1,
        "problems": [{"exchanges": ["a"], "message": f"created is {n}"}] if outcome == "fail" else [], "failed": 0,
        "requirement": "It is a time.", "impact": "", "source": ["https://a.test"],
    }  # fmt: skip
    header = {
        "type": "header", "format": 1, "version": "0.1.0", "python": "3.11", "started": "2026-01-01T00:00:00+00:00", "options": {},
        "target": {"base_url": f"http://host-{n}/v1", "model": "m"},
    }  # fmt: skip
    footer = {
        "type": "footer", "finished": "2026-01-01T00:00:01+00:00", "exit_code": code, "skipped": [], "seconds": 1, "complaints": [],
        "red": ["chat.created"] if code else [], "counts": {level: {outcome: 1} for level in ("must", "should", "may")},
    }  # fmt: skip
    return [header, verdict, *([footer] if code is not None else [])]


def written(tmp_path, *runs):
    for n, (outcome, code) in enumerate(runs):
        (tmp_path / f"{n}").mkdir()
        text = "".join(json.dumps(line) + "\n" for line in lines(n, outcome, code))
        (tmp_path / f"{n}" / "run.jsonl").write_text(text)


def test_shards_become_one_page_and_the_code_of_the_worst(call, tmp_path):
    written(tmp_path, ("pass", 0), ("fail", 1), ("pass", 0))
    code, said, _ = call("merge", str(tmp_path), "--out", "merged")
    assert code == 1
    assert said.splitlines()[0] == "1  1"
    assert "3 runs merged (2 ended with 0, 1 ended with 1)" in said
    page = (tmp_path / "merged" / "comparison.html").read_text("utf-8")
    assert page.count("http://host-") >= 1
    assert "created is 1" in page


def test_what_production_says_is_added_up(call, tmp_path):
    for name in ("one", "two"):
        (tmp_path / "shards" / name).mkdir(parents=True)
        run = production.run_file(tmp_path / "shards" / name / "run.jsonl")
    code, said, _ = call("merge", str(tmp_path / "shards"), "--out", "merged")
    found = Production(read(run))
    page = (tmp_path / "merged" / "operators.html").read_text("utf-8")
    assert code == 1
    assert said.rstrip().endswith("merged/comparison.html, merged/operators.html")
    assert f"{2 * found.exchanges:,} exchanges" in page
    assert (
        call("report", str(run), "--out", "merged/index.html")[1]
        == "report: merged/index.html, and merged/operators.html\n"
    )
    assert f"{found.exchanges:,} exchanges" in (tmp_path / "merged" / "operators.html").read_text("utf-8")
    assert 'href="operators.html"' in (tmp_path / "merged" / "index.html").read_text("utf-8")
    assert call("report", str(run), "--out", "mine.html")[1] == "report: mine.html, and mine-operators.html\n"
    assert 'href="mine-operators.html"' in (tmp_path / "mine.html").read_text("utf-8")


def test_a_run_that_was_cut_off_is_not_green(call, tmp_path):
    written(tmp_path, ("pass", 0), ("pass", None))
    assert call("merge", str(tmp_path / "0"), str(tmp_path / "1" / "run.jsonl"))[0] == 3


@pytest.mark.parametrize("words", [("nowhere.jsonl",), (".",)])
def test_what_is_no_run_is_a_line(call, words):
    code, said, amiss = call("merge", *words)
    assert (code, said, amiss.count("\n")) == (2, "", 1)


def test_shards_of_a_matrix_are_all_of_it(tmp_path):
    file = tmp_path / "t.toml"
    file.write_text("".join(f'[[target]]\nbase_url = "http://host-{n}:1/v1"\n' for n in range(7)))
    jobs = load(str(file), {})
    shards = [shard_of(jobs, f"{n}/3") for n in (1, 2, 3)]
    assert sorted(job.name for shard in shards for job in shard) == sorted(job.name for job in jobs)
    assert all(shards)
    for wrong in ("0/3", "4/3", "1", "8/9"):
        with pytest.raises(UserError, match="--shard"):
            shard_of(jobs, wrong)
