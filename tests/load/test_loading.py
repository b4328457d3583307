"""A ladder of load on a reference over a socket: what begins at a level is found and told apart, and what is honest passes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import chain, repeat

import pytest

from conformance.areas.catalogue import lies
from conformance.judge.marks import marks
from conformance.reference.asleep import asleep
from conformance.reference.lies import Lie
from conformance.reference.replies import Reply
from conformance.reference.rewriting import crash
from conformance.run.run_file import read
from conformance.send.embedded import Reference
from tests.support.checkout import ROOT
from tests.support.command import command, elsewhere
from tests.support.swapping import swapping

COMMAND = [
    sys.executable,
    "-c",
    "from conformance.cli.main import main; main()",
    "load",
    "--sdk",
    "off",
    "--no-connections",
]
KEY = "sk-reference"


def load(tmp_path, server, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [*COMMAND, "--base-url", server.base_url, *words], cwd=tmp_path, capture_output=True, text=True, timeout=300,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OPENAI_API_KEY": KEY},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, " ".join(done.stdout.split()), done.stderr


def test_what_begins_under_load_is_found_and_told_apart(tmp_path):
    with Reference(lie=swapping(3, 2), delay=0.3, key=KEY) as server:
        code, out, _ = load(tmp_path, server, "--levels", "1,8", "--requests", "21")
    assert code == 1
    begins = re.search(r"Begins at 8 in flight: ([a-z., -]+)", out)
    assert begins
    assert "connection.no-stranger" in begins[1]
    run = read(tmp_path / "reports/latest/run.jsonl")
    verdict = next(v for v in run.verdicts if v["check"] == "connection.no-stranger")
    assert verdict["outcome"] == "fail"
    assert all(id.startswith("load.8.") for problem in verdict["problems"] for id in problem["exchanges"])
    one, eight = run.footer["load"]
    assert (one["at_once"], one["requests"], one["violations"]) == (1, 21, {})
    assert eight["violations"]["connection.no-stranger"] >= 1


def test_the_honest_reference_conforms_under_load_also_where_clients_leave(tmp_path):
    with Reference(key=KEY) as server:
        code, out, _ = load(
            tmp_path, server, "--levels", "1,8", "--requests", "42", "--cut", "0.5", "--record", "all.jsonl"
        )
    assert code == 0, out
    assert "CONFORMS UNDER LOAD" in out
    recorded = read(tmp_path / "all.jsonl").exchanges
    asked = [found for x in recorded for found in marks(x.request_body.decode())]
    assert len(asked) == len(set(asked)) > 60
    left = [x for x in recorded if x.ended == "left"]
    assert sum(level["left"] for level in read(tmp_path / "reports/latest/run.jsonl").footer["load"]) == len(left) > 0


def test_an_overloaded_server_gets_no_more(tmp_path):
    def reply(call, honest):
        full = call.json and "messages" in call.json and len(call.line.beside) >= 2
        return crash(honest) if full else honest

    with Reference(lie=Lie("tired", "It serves two.", reply=reply), delay=0.5, key=KEY) as server:
        _, out, _ = load(tmp_path, server, "--levels", "2,16,32", "--requests", "16")
    assert "No higher level was tried: more than half of the requests failed at 16 in flight" in out
    levels = read(tmp_path / "reports/latest/run.jsonl").footer["load"]
    assert [level["at_once"] for level in levels] == [2, 16]
    assert levels[1]["errors"]["500"] > 8


def test_a_budget_bounds_what_it_costs(tmp_path):
    with Reference(key=KEY) as server:
        _, out, _ = load(tmp_path, server, "--levels", "4,8", "--requests", "500", "--budget-requests", "40")
    assert "the budget of 40 requests is spent" in out
    asked = int(re.search(r"The load cost ([0-9]+) requests", out)[1])
    assert 40 <= asked <= 50


def test_requests_that_stay_when_their_clients_left_are_said(tmp_path, monkeypatch, capsys):
    streamed = []

    def reply(call, honest):
        streamed.extend([call] if call.streaming else [])
        said = b'vllm:num_requests_running{engine="0"} %d\n' % (3 if streamed else 1)
        return Reply(200, (("content-type", "text/plain"),), said) if call.path == "/metrics" else honest

    elsewhere(monkeypatch, tmp_path)
    monkeypatch.setattr("conformance.load.gauges.LOOK", 1.0)
    with Reference(lie=Lie("leaking", "Who left is still served.", reply=reply), key=KEY) as server:
        call = command(monkeypatch, capsys)
        words = (
            "--sdk",
            "off",
            "--no-connections",
            "--model",
            server.model,
            "--levels",
            "2",
            "--requests",
            "13",
            "--cut",
            "1",
        )
        _, out, _ = call("load", *words, server=server)
    assert "After clients left at 2 in flight, it says that 2 requests more are under way than before" in " ".join(
        out.split()
    )
    assert read(tmp_path / "reports/latest/run.jsonl").footer["load"][0]["remaining"] == 2


MISTAKES = {
    "levels": (("--levels", "1,many"), "--levels is 'many', expected a whole number from 1"),
    "too many": (("--levels", "5000"), "--levels is 5000, expected at most 512"),
    "both": (("--seconds", "1", "--requests", "3"), "give one of them"),
    "a share": (("--cut", "2"), "--cut is '2', expected a number from 0 to 1"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_of_the_user_is_one_line(kind, tmp_path):
    words, said = MISTAKES[kind]
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr


def test_what_an_endpoint_says_while_it_loads_is_judged_and_waited_for(tmp_path, monkeypatch, capsys):
    elsewhere(monkeypatch, tmp_path)
    clock = chain([0.0], repeat(9.0))  # asleep once, when it is asked first
    with Reference(lie=asleep(5, 1, 0, clock.__next__), key=KEY) as server:
        call = command(monkeypatch, capsys)
        words = (
            "--sdk",
            "off",
            "--no-connections",
            "--model",
            server.model,
            "--levels",
            "1",
            "--requests",
            "2",
            "--record",
            "all.jsonl",
        )
        code, out, _ = call("load", *words, server=server)
    assert [x.status for x in read(tmp_path / "all.jsonl").exchanges][:2] == [503, 200]
    assert code == 0, out


def in_process(server, tmp_path, monkeypatch, capsys, *words: str):
    """The exit code, what is said, and the run."""
    elsewhere(monkeypatch, tmp_path)
    call = command(monkeypatch, capsys)
    code, out, _ = call("load", "--sdk", "off", "--model", server.model, *words, server=server)
    return code, " ".join(out.split()), read(tmp_path / "reports/latest/run.jsonl")


def test_in_the_end_it_is_asked_what_the_endpoint_makes_of_connections(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("conformance.load.connections.SILENCE", 1.2)
    words = ("--levels", "1", "--requests", "14", "--budget-requests", "100")
    with Reference(lie=lies()["closed-in-silence"], key=KEY) as server:
        _, out, run = in_process(server, tmp_path, monkeypatch, capsys, *words)
    assert "Not asked about connections" not in out
    assert int(re.search(r"One connection carried (\d+) requests", out)[1]) > 2
    [failed] = [v for v in run.verdicts if v["check"] == "connection.kept"]
    assert failed["outcome"] == "fail"
    assert failed["problems"][0]["exchanges"][0].endswith("connection.after-silence")
    judged = {v["check"] for v in run.verdicts if v["outcome"] == "pass"}
    assert {"connection.reused", "connection.after-left", "sending.chunked", "sending.expect"} <= judged
    assert "Begins at" not in out


def test_the_budget_bounds_what_is_asked_about_connections(tmp_path, monkeypatch, capsys):
    words = ("--levels", "1", "--requests", "14", "--budget-requests", "26")
    with Reference(key=KEY) as server:
        _, out, _ = in_process(server, tmp_path, monkeypatch, capsys, *words)
    assert re.search(r"Not asked about connections: .*--budget-requests \d+ was reached", out)


def test_another_answer_to_the_same_question_in_a_crowd_is_said(tmp_path, monkeypatch, capsys):
    def reply(call, honest):
        crowded = call.json and call.json.get("seed") == 7 and len(call.line.beside) >= 2
        return crowded_text(honest) if crowded else honest

    def crowded_text(honest):
        choice = honest.body["choices"][0]
        return replace(
            honest,
            body={**honest.body, "choices": [{**choice, "message": {**choice["message"], "content": "1, 2, 9"}}]},
        )

    words = ("--no-connections", "--levels", "1,8", "--requests", "28")
    with Reference(lie=Lie("batched", "A crowd changes answers.", reply=reply), delay=0.1, key=KEY) as server:
        _, out, run = in_process(server, tmp_path, monkeypatch, capsys, *words)
    assert re.search(r"At 8 in flight \d of 2 answers to one question \(temperature 0, the same seed\) are not", out)
    one, eight = run.footer["load"]
    assert (one["others"], one["repeated"], eight["repeated"]) == (0, 2, 2)
    assert eight["others"] > 0


def test_what_does_not_go_away_with_the_load_is_red(tmp_path, monkeypatch, capsys):
    tired = []

    def reply(call, honest):
        tired.extend([call] if call.json and len(call.line.beside) >= 3 else [])
        return crash(honest) if tired and call.json and "messages" in call.json else honest

    words = ("--no-connections", "--levels", "1,8", "--requests", "14")
    with Reference(lie=Lie("exhausted", "It never recovers.", reply=reply), delay=0.1, key=KEY) as server:
        code, out, _ = in_process(server, tmp_path, monkeypatch, capsys, *words)
    assert "When the load was over, 3 of 3 requests one by one failed" in out
    assert code == 1


def test_a_stream_that_breaks_under_load_where_it_should_be_refused_is_said(tmp_path, monkeypatch, capsys):
    def reply(call, honest):
        full = honest.chunks and len(call.line.beside) >= 2
        return replace(honest, chunks=({"error": {"message": "Overloaded."}},), done=False) if full else honest

    words = ("--no-connections", "--levels", "1,8", "--requests", "28")
    with Reference(lie=Lie("late", "It refuses in the stream.", reply=reply), delay=0.1, key=KEY) as server:
        _, out, run = in_process(server, tmp_path, monkeypatch, capsys, *words)
    one, eight = run.footer["load"]
    assert (one["broken"], eight["broken"] > 0) == (0, True)
    assert f"At 8 in flight {eight['broken']} streams began with 200 and ended in an error" in out
