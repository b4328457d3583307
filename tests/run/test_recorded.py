"""`judge FILE...`: the same run file, reports and exit codes as live; whatever cannot be judged is said; memory is bounded."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import NamedTuple

import pytest
import yaml

from conformance.areas.catalogue import catalogue, judge, lies
from conformance.exchange import Exchange
from conformance.judge.conditions import anything
from conformance.judge.judge import RECORDED, Bounds, Judge
from conformance.judge.verdicts import MUST, Check
from conformance.record import recognition, shards
from conformance.record.recognition import find
from conformance.run import recorded
from conformance.run.run_file import RunWriter, read
from conformance.send.inprocess import exchanges
from tests.support.command import command, elsewhere
from tests.support.recordings import har, har_entry, interaction, write_large_har

HONEST = [x for x in exchanges() if "too-long" not in x.intent and x.status and x.ended == "complete"]
ENTRIES = [har_entry(x) for x in HONEST]
KEY = "sk-very-secret-0123456789abcdef"


def lying(name):
    return [
        har_entry(x)
        for x in exchanges(lies()[name])
        if "too-long" not in x.intent and x.status and x.ended == "complete"
    ]


def write(path, entries):
    path.write_text(json.dumps(har(entries)))
    return str(path)


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def judging(monkeypatch, capsys, tmp_path):
    """Judges these files; the reports are in a folder beside them."""
    elsewhere(monkeypatch, tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    run = command(monkeypatch, capsys)
    return lambda *words, report="report": Done(
        *run("judge", *words, "--report", str(tmp_path / report), "--sdk", "off")
    )


# ---------------------------------------------------------------------- verdicts and exit codes


def test_honest_traffic_conforms(tmp_path, judging):
    done = judging(write(tmp_path / "good.har", ENTRIES))
    assert done.returncode == 0, done.stdout
    assert "CONFORMS IN WHAT WAS RECORDED  good.har" in done.stdout
    kept = read(tmp_path / "report" / "run.jsonl")
    assert kept.exchanges == []
    assert kept.footer["exchanges"] > 100
    assert kept.header["target"]["recordings"] == ["good.har"]
    assert (tmp_path / "report" / "junit.xml").exists()
    assert (tmp_path / "report" / "index.html").exists()


def test_a_lie_is_found_named_and_shown(tmp_path, judging):
    done = judging(write(tmp_path / "bad.har", lying("chat-created-milliseconds")))
    assert done.returncode == 1, done.stdout
    assert "chat.created" in done.stdout
    assert "seen in bad.har#" in done.stdout
    kept = read(tmp_path / "report" / "run.jsonl")
    row = next(v for v in kept.verdicts if v["check"] == "chat.created-seconds")
    assert (row["outcome"], row["failed"] > 3) == ("fail", True)
    assert {x.id for x in kept.exchanges} & set(row["problems"][0]["exchanges"])
    assert all(x.id.startswith("bad.har#") for x in kept.exchanges)
    assert len(kept.exchanges) < 20
    assert "curl -sS" in (tmp_path / "report" / "index.html").read_text()


def test_strict_known_only_and_quiet_mean_what_they_mean_live(tmp_path, judging):
    path = write(tmp_path / "bad.har", lying("chat-created-milliseconds"))
    known = tmp_path / "known.toml"
    known.write_text('[[deviation]]\ncheck = "chat.created-seconds"\nreason = "on purpose"\n')
    assert judging(path, "--known", str(known)).returncode == 0
    assert judging(path, "--only", "tool").returncode == 0
    done = judging(path, "--only", "chat.created-seconds", "--quiet")
    assert done.stdout.splitlines()[0] == "chat.created-seconds"
    assert judging(path, "--only", "chat.created-second").returncode == 2
    weak = write(tmp_path / "weak.har", lying("stream-usage-unasked"))
    assert judging(weak).returncode == 0
    assert judging(weak, "--strict").returncode == 1


def test_headers_that_were_scrubbed_are_not_held_against_anybody(tmp_path, judging):
    for entry in (entries := json.loads(json.dumps(ENTRIES))):
        entry["response"]["headers"] = [{"name": "content-type", "value": "x/y"}]
    path = write(tmp_path / "scrubbed.har", entries)
    assert judging(path).returncode == 1
    assert judging(path, "--partial-headers").returncode == 0


# ---------------------------------------------------------------------- what cannot be judged


def test_a_file_that_does_not_exist_is_a_mistake(tmp_path, judging):
    done = judging(str(tmp_path / "none.har"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [f"openai-conformance: there is no file or folder {tmp_path / 'none.har'}"]
    assert judging().returncode == 2
    assert judging("").returncode == 2


def test_foreign_and_broken_files_get_a_line_each_and_the_others_are_judged(tmp_path, judging):
    good = write(tmp_path / "good.har", ENTRIES[:20])
    broken = tmp_path / "broken.har"
    broken.write_text(json.dumps(har(ENTRIES[:5]))[:-200])
    odd = write(tmp_path / "odd.har", [ENTRIES[0], {"request": 7}, {"response": 7}] + [{}] * 9)
    (tmp_path / "notes.txt").write_text("no recording")
    (tmp_path / "empty").write_text("")
    names = [str(tmp_path / name) for name in ("broken.har", "notes.txt", "empty", "odd.har", "good.har")]
    done = judging(*names)
    assert done.returncode == 0, done.stdout
    said = done.stdout.splitlines()
    assert "broken.har, entry 4: the JSON stops before its end; the rest of the file could not be read" in said
    assert f"{names[1]} is not a HAR file, a VCR cassette, another known recording or a run file" in said
    assert f"{names[2]} is empty" in said
    assert sum(line.startswith("odd.har, entry ") for line in said) == 5
    assert "odd.har: 6 more entries are broken" in said
    assert good in names
    assert odd in names


@pytest.mark.parametrize("content", ["no recording", "", '{"log": {"entries": []}}', "interactions: []"])
def test_where_nothing_can_be_judged_the_exit_code_says_so(tmp_path, judging, content):
    (tmp_path / "foreign").write_text(content)
    done = judging(str(tmp_path / "foreign"))
    assert done.returncode == 3
    assert "NOT JUDGED" in done.stdout
    assert "foreign " in done.stdout


def test_other_traffic_is_counted_and_said(tmp_path, judging):
    other = json.loads(json.dumps(ENTRIES[0]))
    other["request"]["url"] = "https://site.example/index.html"
    done = judging(write(tmp_path / "mixed.har", [other, *ENTRIES[:9], other]))
    assert "2 entries left out: not of this API (the first is mixed.har#0)" in done.stdout


# ---------------------------------------------------------------------- several files


def test_folders_are_searched_and_every_exchange_has_a_name_of_its_own(tmp_path, judging):
    for folder in ("one", "two"):
        (tmp_path / folder / "deep").mkdir(parents=True)
        write(tmp_path / folder / "deep" / "same.har", ENTRIES[:3])
    (tmp_path / "one" / "a.yaml").write_text(yaml.safe_dump({"interactions": [interaction(HONEST[0])]}))
    (tmp_path / "one" / "b.gz").write_bytes(gzip.compress(json.dumps(har(ENTRIES[:1])).encode()))
    (tmp_path / "one" / "readme.md").write_text("no recording")
    (tmp_path / "one" / ".hidden").mkdir()
    write(tmp_path / "one" / ".hidden" / "x.har", ENTRIES[:1])
    (tmp_path / "loop").symlink_to(tmp_path / "one")
    found, amiss, others = find([str(tmp_path / "one"), str(tmp_path / "two"), str(tmp_path / "one" / "a.yaml")])
    assert (amiss, others) == ([], 1)
    assert [r.name for r in found] == [
        "a.yaml", "b.gz", f"{tmp_path}/one/deep/same.har", f"{tmp_path}/two/deep/same.har",
    ]  # fmt: skip
    ids = [x.id for r in found for x in recognition.exchanges(r)]
    assert len(set(ids)) == len(ids) == 8
    done = judging(str(tmp_path / "one"), str(tmp_path / "two"))
    assert done.returncode == 0
    assert "4 recordings: " in done.stdout
    assert "1 other files in the folders hold no recorded traffic" in done.stdout


def test_what_is_of_other_recordings_sessions_or_origins_is_not_compared():
    plain = next(x for x in HONEST if x.id == "chat.hello")
    other = replace(plain, id="other", body=plain.body.replace(b"hello", b"howdy") + b" ", memo={})
    elsewhere = replace(other, url=plain.url.replace("reference.invalid", "elsewhere.invalid"), memo={})
    later = replace(other, started=plain.started + 7200, memo={})

    def outcome(*these, parts=False):
        court = Judge(catalogue().values(), bounds=RECORDED)
        for x in these:
            court.add(x)
            if parts:
                court.part()
        return {v.check.id: v.outcome for v in court.finish()}["chat.id-unique"]

    assert outcome(plain, other) == "fail"
    assert outcome(plain, other, parts=True) == "not-exercised"
    assert outcome(plain, elsewhere) == "not-exercised"
    assert outcome(plain, later) == "not-exercised"
    assert outcome(plain, replace(plain, id="again", memo={})) == "pass"  # recorded twice


# ---------------------------------------------------------------------- run files of ours


def test_a_recording_of_ours_is_judged_as_it_was_live(tmp_path, judging):
    these = [x for x in exchanges() if "too-long" not in x.intent]
    with RunWriter(tmp_path / "ours.jsonl") as writer:
        writer.header({"options": {}, "target": {}})
        for x in these:
            writer.exchange(x)
        writer.footer({"counts": {}, "exit_code": 0, "skipped": []})
    done = judging(str(tmp_path / "ours.jsonl"))
    assert done.returncode == 0
    said = {v["check"]: v["outcome"] for v in read(tmp_path / "report" / "run.jsonl").verdicts}
    assert said == {v.check.id: v.outcome for v in judge(these) if v.check.area != "sdk"} | {
        id: outcome for id, outcome in said.items() if id.startswith("sdk.")
    }


def test_everything_can_be_kept_as_a_recording_of_ours(tmp_path, judging):
    path = write(tmp_path / "some.har", ENTRIES[:12])
    ours = tmp_path / "ours.jsonl"
    assert judging(path, "--record", str(ours)).returncode == 0
    kept = read(ours)
    assert kept.footer is not None
    assert [x.id for x in kept.exchanges] == [f"some.har#{n}" for n in range(12)]
    assert judging(str(ours)).returncode == 0


def test_a_run_file_of_judging_holds_a_part_and_says_so(tmp_path, judging):
    judging(write(tmp_path / "bad.har", lying("chat-created-milliseconds")))
    again = judging(str(tmp_path / "report" / "run.jsonl"), report="second")
    assert again.returncode == 1
    assert "run.jsonl holds only the exchanges that some check found wrong" in again.stdout
    assert judging(str(tmp_path / "report" / "run.jsonl")).returncode == 1


def test_no_secret_is_written(tmp_path, judging):
    entries = json.loads(json.dumps(lying("chat-created-milliseconds")[:40]))
    for entry in entries:
        entry["request"]["headers"].append({"name": "Authorization", "value": f"Bearer {KEY}"})
        entry["request"]["url"] += f"?key={KEY}"
    done = judging(write(tmp_path / "in.har", entries), "--record", str(tmp_path / "report" / "all.jsonl"))
    assert KEY not in done.stdout + done.stderr
    written = [path for path in (tmp_path / "report").rglob("*") if path.is_file()]
    top = {path.name for path in written if path.parent.name == "report"}
    assert top == {
        "all.jsonl",
        "run.jsonl",
        "junit.xml",
        "badge.svg",
        "index.html",
        "operators.html",
        "conformance.sarif",
        "code-quality.json",
    }
    assert [path.name for path in written if KEY.encode() in path.read_bytes()] == []


# ---------------------------------------------------------------------- bounds


def wrong(x):
    """Every exchange is wrong, each in its own way."""
    yield f"id is {x.id}, expected another"


def test_what_is_kept_of_verdicts_is_bounded_and_everything_is_counted():
    law = Check("any.wrong", MUST, wrong, anything, None, (), (), ())
    court = Judge([law], Bounds(ids=5, messages=3, shown=2))
    shown = [x for n in range(50) for x in court.add(Exchange(f"x{n}", "GET", "u", (), b"", 200, (), b""))]
    (verdict,) = court.finish()
    assert [x.id for x in shown] == ["x0", "x1"]
    assert (verdict.judged, verdict.failed, verdict.left_out) == (50, 50, 47)
    assert len(verdict.exchanges) == 5
    assert len(verdict.problems) == len(verdict.counts) == 3


def test_what_belongs_together_is_looked_for_in_a_window(monkeypatch):
    seen = []
    plain = [x for x in HONEST if x.id.startswith("chat.")]
    for bounds in (Bounds(window=3), Bounds(window_bytes=3 * 4000)):
        court = Judge(catalogue().values(), bounds=bounds)
        part = court.part
        monkeypatch.setattr(court, "part", lambda part=part, court=court: seen.append(len(court._kept)) or part())
        for x in plain:
            court.add(x)
            assert len(court._kept) <= 12
        court.finish()
    assert len(seen) > len(plain) / 3


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs the peak memory of a child")
def test_a_file_of_any_size_fits_in_little_memory(tmp_path, judging):
    path = tmp_path / "large.har"
    write_large_har(path, ENTRIES, 12_000_000)
    command = [
        sys.executable,
        "-m",
        "conformance",
        "judge",
        str(path),
        "--report",
        str(tmp_path / "r"),
        "--only",
        "http",
    ]
    # By way of a small process: the peak of a child counts from the memory of whoever started it.
    started = "import resource, subprocess, sys; print(subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL),"
    started += " resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run(
        [sys.executable, "-c", started, *command, "--sdk", "off"], capture_output=True, text=True, cwd=tmp_path
    )
    code, peak = map(int, done.stdout.split())
    assert code == 0
    assert peak / 1024 < 120
    assert (tmp_path / "r" / "run.jsonl").stat().st_size < 1_000_000


# ---------------------------------------------------------------------- what a recorder did not keep


HELLO = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
ANSWERED = [
    each for each, x in zip(ENTRIES, HONEST, strict=True) if x.id in ("models.list", "chat.hello", "chat.hello+stream")
]


def without_body(entry):
    return {**entry, "response": {**entry["response"], "content": {"size": 700, "mimeType": "text/event-stream"}}}


def is_stream(entry):
    return json.loads((entry["request"].get("postData") or {}).get("text") or "{}").get("stream") is True


def test_streams_whose_bodies_a_browser_left_out_are_not_judged(tmp_path, judging):
    assert sum(map(is_stream, ANSWERED)) == 1
    lacking = [without_body(each) if is_stream(each) else each for each in ANSWERED]
    done = judging(write(tmp_path / "browser.har", lacking))
    assert done.returncode == 3, done.stdout
    said = " ".join(done.stdout.split())
    assert said.startswith(
        "NOT JUDGED browser.har: nothing red in what was judged, but no body of a streamed answer of chat was kept"
    )
    assert "record with mitmproxy" in said
    assert "--record FILE" in said
    alone = judging(write(tmp_path / "alone.har", [each for each in lacking if is_stream(each)]))
    assert (alone.returncode, "no body of a streamed answer of chat was kept" in " ".join(alone.stdout.split())) == (
        3,
        True,
    )


def test_one_answer_of_the_kind_is_enough(tmp_path, judging):
    streams = [each for each in ANSWERED if is_stream(each)]
    done = judging(write(tmp_path / "some.har", [*ANSWERED, *map(without_body, streams)]))
    assert (done.returncode, "record with mitmproxy" in done.stdout) == (0, False), done.stdout
    assert "1 entries left out: without a recorded body" in done.stdout


def test_a_stream_is_told_by_its_type_where_the_request_was_not_kept(tmp_path, judging):
    streams = [
        without_body({**each, "request": {**each["request"], "postData": {}}}) for each in ANSWERED if is_stream(each)
    ]
    done = judging(write(tmp_path / "none.har", [*(each for each in ANSWERED if not is_stream(each)), *streams]))
    assert (done.returncode, "streamed answer of chat" in done.stdout) == (3, True), done.stdout


@pytest.mark.parametrize("kind", ["document", "fetch"])
def test_a_refusal_of_models_that_a_browser_went_to_is_of_this_api(tmp_path, judging, kind):
    [refused] = [har_entry(x) for x in HONEST if x.id == "models.no-key"]
    accept = {"name": "Accept", "value": "text/html,application/xhtml+xml"}
    refused = {**refused, "_resourceType": kind, "request": {**refused["request"], "headers": [accept]}}
    done = judging(write(tmp_path / "opened.har", [*ANSWERED, refused]))
    kept = read(tmp_path / "report" / "run.jsonl")
    assert kept.footer["exchanges"] == len(ANSWERED) + 1, done.stdout
    page = {
        **refused,
        "response": {**refused["response"], "content": {"mimeType": "text/html", "text": "<html>no</html>"}},
    }
    judging(write(tmp_path / "page.har", [*ANSWERED, page]))
    assert read(tmp_path / "report" / "run.jsonl").footer["exchanges"] == len(ANSWERED)


def test_a_name_of_a_file_stands_in_one_line(tmp_path):
    """Whoever names a file may have put a line of a report, or a command to a CI system, into the name."""
    write(tmp_path / "a\n::error::b.har", ENTRIES[:1])
    (tmp_path / "c\nd.txt").write_text("nothing")
    found, amiss, _ = find([str(path) for path in tmp_path.iterdir()])
    assert len(found) == len(amiss) == 1
    assert not [line for line in (found[0].name, *amiss) if "\n" in line]


# ---------------------------------------------------------------------- several processes


def test_several_processes_say_what_one_says(tmp_path, judging, monkeypatch):
    monkeypatch.setattr(recorded, "WORTHWHILE", 0)
    folder = tmp_path / "traffic"
    folder.mkdir()
    for name, entries in (("a", ENTRIES), ("b", lying("chat-created-milliseconds")), ("c", lying("finish-absent"))):
        write(folder / f"{name}.har", entries[:60])
    (folder / "d.har").write_text('{"log": {"entries": [{"request": 1}')
    monkeypatch.setattr(shards, "TASK", 1)  # a task a file
    one, two = (judging(str(folder), "--jobs", jobs, report=jobs) for jobs in ("1", "2"))
    assert (two.returncode, two.stderr) == (one.returncode, one.stderr)
    first, second = (read(tmp_path / jobs / "run.jsonl") for jobs in ("1", "2"))
    assert first.footer["red"]
    assert (second.verdicts, second.features) == (first.verdicts, first.features)
    assert {x.id for x in second.exchanges} == {x.id for x in first.exchanges} != set()
    for name in ("exchanges", "remarks", "lost", "exit_code"):
        assert second.footer[name] == first.footer[name], name


def test_what_ends_its_process_is_named_and_not_green(tmp_path, judging, monkeypatch):
    monkeypatch.setattr(recorded, "WORTHWHILE", 0)
    monkeypatch.setattr(shards, "TASK", 1)
    for name in ("a", "b"):
        write(tmp_path / f"{name}.har", ENTRIES[:20])
    lost = recorded.Lost

    def results(work, tasks, jobs, seen):
        for task in tasks:
            yield lost(task, "signal 9") if task[0].recording.name == "b.har" else work(task, seen)

    monkeypatch.setattr(recorded, "results", results)
    done = judging(str(tmp_path / "a.har"), str(tmp_path / "b.har"), "--jobs", "2")
    assert done.returncode == 3
    assert "b.har was not judged to its end" in done.stdout
    assert read(tmp_path / "report" / "run.jsonl").footer["exchanges"] == 20
