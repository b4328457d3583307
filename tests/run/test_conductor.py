"""What a run that sends nothing leaves behind, whenever it ends."""

from __future__ import annotations

import shutil

import pytest

from conformance.run import conductor
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.run_file import RunWriter, read
from conformance.run.user_error import UserError
from conformance.send.inprocess import exchanges


@pytest.fixture
def recorded(tmp_path):
    path = tmp_path / "recording.jsonl"
    with RunWriter(path) as writer:
        writer.header({"options": {}, "target": {"base_url": None, "model": "m"}})
        for x in exchanges():
            if x.id in ("chat.hello", "models.list"):
                writer.exchange(x)
        writer.footer({"counts": {}, "exit_code": 0, "red": [], "complaints": [], "skipped": [], "seconds": 0})
    return path


def judged(recording, folder, **more):
    return conduct(Options(recordings=(str(recording),), report=str(folder), sdk="off", only=("chat",), **more))


def test_what_is_written_meanwhile_has_the_name_that_it_keeps(recorded, tmp_path, monkeypatch):
    """So nothing is left over that no reader of a report knows, even where it is killed."""
    seen, folder = [], tmp_path / "out"
    gather = conductor.gate.rule

    def looking(*given, **more):
        seen.extend(path.name for path in folder.iterdir())
        return gather(*given, **more)

    monkeypatch.setattr(conductor.gate, "rule", looking)
    judged(recorded, folder)
    assert seen == ["run.jsonl"]
    assert read(folder / "run.jsonl").footer is not None


def test_a_run_that_comes_to_nothing_leaves_nothing(recorded, tmp_path, monkeypatch):
    def fails(*given, **more):
        raise UserError("as it may")

    monkeypatch.setattr(conductor.gate, "rule", fails)
    with pytest.raises(UserError):
        judged(recorded, tmp_path / "out")
    assert [*(tmp_path / "out").iterdir()] == []


@pytest.mark.parametrize("named", ["out/run.jsonl", "out", "."])
def test_the_very_file_that_is_replaced_may_be_judged(recorded, tmp_path, named, monkeypatch):
    folder = tmp_path / "out"
    folder.mkdir()
    shutil.move(recorded, folder / "run.jsonl")
    monkeypatch.chdir(tmp_path)
    judged(named, folder)
    assert [path.name for path in folder.iterdir()] == ["run.jsonl"]
    assert read(folder / "run.jsonl").header["options"]["recordings"] == [named]


def test_a_mistake_of_the_user_takes_no_file_away(recorded, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "run.jsonl").write_text("of before")
    with pytest.raises(UserError, match="would be the same file"):
        judged(recorded, folder, record=str(folder / "run.jsonl"))
    assert (folder / "run.jsonl").read_text() == "of before"
