"""Recordings in pieces: whatever the sizes, each line is in one piece, and small files are handed over together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.exchange import Exchange
from conformance.record import recognition, shards
from conformance.record.shards import pieces, tasks
from conformance.run.run_file import RunWriter
from tests.support.recordings import HONEST

SOME = list(HONEST.values())[:40]


@pytest.fixture
def recording(tmp_path):
    with RunWriter(tmp_path / "run.jsonl") as writer:
        writer.header({"options": {}, "target": {"base_url": None, "model": "m"}})
        for n, x in enumerate(SOME):
            writer.exchange(replace(x, id=f"{n}", memo={}))
        writer.footer({"counts": {}, "exit_code": 0, "red": [], "complaints": [], "skipped": [], "seconds": 0})
    return tmp_path / "run.jsonl"


def read(path):
    (found,), _, _ = recognition.find([str(path)])
    return [list(recognition.exchanges(piece.recording, span=(piece.start, piece.end))) for piece in pieces([found])]


@pytest.mark.parametrize("size", [1, 700, 5_000, 20_000])
def test_each_line_is_in_one_piece(recording, monkeypatch, size):
    monkeypatch.setattr(shards, "PIECE", size)
    found = read(recording)
    assert len(found) > 1
    assert [x.id for part in found for x in part] == [f"run.jsonl#{n}" for n in range(len(SOME))]
    assert all(isinstance(x, Exchange) for part in found for x in part)


def test_a_line_that_is_broken_ends_its_piece_alone(recording, monkeypatch):
    lines = recording.read_bytes().split(b"\n")
    lines[20] = b'{"type": "exchange"}'
    recording.write_bytes(b"\n".join(lines))
    monkeypatch.setattr(shards, "PIECE", 20_000)
    found = read(recording)
    faults = [x for part in found for x in part if not isinstance(x, Exchange)]
    assert len(faults) == 1
    assert "broken" in faults[0].reason
    assert f"run.jsonl#{len(SOME) - 1}" in [x.id for x in found[-1]]


def test_small_files_are_one_task_and_large_ones_their_own(tmp_path, recording):
    for n in range(5):
        (tmp_path / f"copy-{n}.jsonl").write_bytes(recording.read_bytes())
    every = pieces(recognition.find([str(tmp_path)])[0])
    assert [piece.number for piece in every] == list(range(6))
    assert [len(task) for task in tasks(every)] == [6]
    assert sum(piece.size for piece in every) == 6 * recording.stat().st_size
