"""Recordings in pieces: whatever the sizes, each line is in one piece, and small files are handed over together."""

from __future__ import annotations

import gzip
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.exchange import Exchange
from conformance.record import recognition, shards
from conformance.record.shards import pieces, tasks
from conformance.run.run_file import RunWriter
from tests.support import logs as gateways
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


# ---------------------------------------------------------------------- JSON lines of gateways


LOGS = ("litellm", "stored", "otel", "databricks", "kong")


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """A log of each kind that has a call a line: with a broken line, a blank one and, of stored completions, a page of several."""
    folder, found = tmp_path_factory.mktemp("logs"), {}
    for name in LOGS:
        lines = gateways.written(name, [x for x in SOME if x.answered]).splitlines(keepends=True)
        path = folder / name
        path.write_bytes(b"".join([b"\xef\xbb\xbf", *lines[:5], b'{"half\n', b" \n", *lines[5:]]))
        ((found[name],), _, _) = recognition.find([str(path)])
    return found


@cache
def whole(recording):
    return list(recognition.exchanges(recording))


def told(found):
    """All that is known of each entry, and what it is called."""
    return [vars(x) | {"memo": None} if isinstance(x, Exchange) else x for x in found]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(LOGS), count=st.sampled_from((1, 2, 7)), data=st.data())
def test_parts_of_a_log_however_they_are_cut_are_the_whole(logs, name, count, data):
    recording = logs[name]
    inner = st.lists(st.integers(1, recording.size - 1), min_size=count - 1, max_size=count - 1)
    edges = [0, *sorted(data.draw(inner)), None]
    parts = [recognition.exchanges(recording, span=span) for span in pairwise(edges)]
    found = told(x for part in parts for x in part)
    assert found == told(whole(recording))
    assert len({x["id"] if isinstance(x, dict) else x.entry for x in found}) == len(found)


@pytest.mark.parametrize("name", LOGS)
def test_a_large_log_is_cut_into_pieces_where_it_has_a_value_a_line(logs, monkeypatch, name):
    monkeypatch.setattr(shards, "PIECE", 10_000)
    every = pieces([logs[name]])
    assert len(every) == -(-logs[name].size // 10_000) > 2
    assert sum(piece.size for piece in every) == logs[name].size
    assert len(set(every)) == len(every)  # processes.py counts by piece how often each has ended its process
    found = (x for piece in every for x in recognition.exchanges(logs[name], span=(piece.start, piece.end)))
    assert told(found) == told(whole(logs[name]))


def test_what_is_packed_or_one_value_is_not_cut(logs, tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "PIECE", 100)
    lines = logs["litellm"].path.read_bytes()
    (tmp_path / "gz").write_bytes(gzip.compress(lines))
    (tmp_path / "zst").write_bytes(zstandard.ZstdCompressor().compress(lines))
    (tmp_path / "array").write_bytes(b"[" + b",".join(gateways.written("litellm", SOME).splitlines()) + b"]")
    found = recognition.find([str(tmp_path)])[0]
    assert [each.path.name for each in found] == ["array", "gz", "zst"]
    assert len(pieces(found)) == 3
    names = [
        {x.id.partition("#")[2] for x in whole(each) if isinstance(x, Exchange)} for each in (logs["litellm"], *found)
    ]
    assert names[0] == names[2] == names[3]
    assert {each[0] for each in names[0]} == {"@"}
    assert names[1] == {str(n) for n in range(len(names[0]))}
