"""The command `cold` at a reference that goes to sleep: what the SDKs meet, by exit code, report and run file."""

from __future__ import annotations

import json

import jsonschema
import pytest

from conformance.reference.asleep import asleep
from conformance.reference.lies import Lie
from conformance.run.run_file import read
from conformance.send.embedded import Reference
from tests.cli.test_main import SCHEMA
from tests.support.command import command, elsewhere


class Pause:
    """A clock of the reference's own, which a pause moves on; the time of the test has no say."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def cold(monkeypatch, capsys, tmp_path):
    """A function that runs the command at a server with this lie: exit code, output, the footer of the run file."""
    elsewhere(monkeypatch, tmp_path)
    clock = Pause()
    call = command(monkeypatch, capsys)

    def run(lie: Lie, *words: str):
        monkeypatch.setattr("time.sleep", lambda seconds: setattr(clock, "time", clock.time + seconds))
        with Reference(lie=lie) as server:
            code, out, error = call("cold", "--sdk", "off", *words, server=server)
        assert "Traceback" not in error
        return code, " ".join(out.split()), read(tmp_path / "reports/latest/run.jsonl")

    run.clock = clock
    return run


def test_a_server_that_wakes_within_the_retries_conforms(cold, tmp_path):
    code, out, run = cold(asleep(900, 2, 0, cold.clock), "--idle", "900", "--rounds", "2")
    assert code == 0, out
    found = run.footer["cold"]
    assert [[each["status"] for each in one["tries"]] for one in found["rounds"]] == [[503, 503, 200]] * 2
    assert all(each["verdict"] == "yes" for one in found["rounds"] for each in one["sdks"].values())
    assert all(one["first_token"] > one["warm"] > 0 for one in found["rounds"])
    assert {x.id for x in run.exchanges} >= {"cold.1.1", "cold.1.2", "cold.1.3", "cold.1.warm", "cold.2.1"}
    assert (len(run.exchanges), run.footer["exchanges"]) == (8, 9), (
        "four a round, and one before, of which nothing is to be shown"
    )
    assert {json.loads(x.request_body)["model"] for x in run.exchanges} == {run.header["target"]["model"]}
    assert "said meanwhile: 503 after" in out
    lines = (tmp_path / "reports/latest/run.jsonl").read_text().splitlines()
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    assert [wrong.message for line in (lines[0], lines[-1]) for wrong in validator.iter_errors(json.loads(line))] == []


def test_a_server_that_takes_longer_than_the_retries_is_red(cold, monkeypatch):
    monkeypatch.setattr("conformance.send.cold_asking.POLL", 0.0)
    code, out, run = cold(asleep(900, 4, 0, cold.clock), "--idle", "900")
    assert code == 1
    assert "Round 1: openai-python gives up after 3 requests in" in out
    assert run.footer["cold"]["rounds"][0]["first_token"] is not None
    assert run.footer["exit_code"] == run.footer["cold"]["exit_code"] == 1


def test_a_command_makes_it_cold_and_a_first_token_must_come_in_time(cold):
    code, out, run = cold(asleep(900, 1, 0, cold.clock), "--idle-command", "exit 0", "--max-cold", "0.000001")
    assert (code, len(run.footer["cold"]["rounds"][0]["tries"])) == (1, 1), out
    assert "--max-cold is 1e-06" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "cold needs --idle SECONDS or --idle-command CMD, one of them"),
        (("--idle", "9", "--idle-command", "true"), "one of them"),
        (("--idle", "soon"), "--idle is 'soon', expected seconds above 0"),
        (("--idle-command", "exit 3"), "--idle-command ended with 3"),
        (("--idle", "1", "--rounds", "0"), "--rounds is '0', expected a whole number from 1"),
    ],
)
def test_a_mistake_of_the_user_is_one_line(monkeypatch, capsys, tmp_path, words, said):
    elsewhere(monkeypatch, tmp_path)
    code, _, error = command(monkeypatch, capsys)("cold", *words)
    assert (code, error.count("\n")) == (2, 1)
    assert said in error
