"""A session that goes on across the end of a piece is said, whichever part of the pieces is added first."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from itertools import permutations

from conformance.record import recognition, shards
from conformance.run.edges import Edges
from tests.support import logs as gateways
from tests.support.recordings import HONEST

X = replace(HONEST["chat.hello"], memo={})


def of(folder, keys, size):
    """The pieces of a log of calls with these keys of sessions, each judged apart."""
    lines = [json.dumps(gateways.litellm(X) | {"trace_id": key}).encode() + b"\n" for key in keys]
    (folder / "log.jsonl").write_bytes(b"".join(lines))
    (recording,), _, _ = recognition.find([str(folder)])
    found = []
    for piece in shards.pieces([recording]):
        edges = Edges()
        span = (piece.start, piece.end)
        assert list(edges.watched(piece, recognition.exchanges(recording, span=span)))
        found.append(pickle.dumps(edges))
    return found, len(lines[0])


def added(parts):
    whole = Edges()
    for part in parts:
        whole.add(pickle.loads(part))
    return whole


def test_a_session_that_is_cut_is_said_in_whatever_order(tmp_path, monkeypatch):
    line = len(json.dumps(gateways.litellm(X) | {"trace_id": "a"})) + 1
    monkeypatch.setattr(shards, "PIECE", 2 * line)
    parts, size = of(tmp_path, "abbbccdd", line)
    assert (len(parts), size) == (4, line)
    for some in permutations(parts):
        found = added(some)
        assert (found.cut, found.first, found.ends, found.begins) == (1, (0, "log.jsonl", 2 * line), {}, {})
    (said,) = added(parts).said
    assert f"1 session went on across an end (the first at byte {2 * line:,} of log.jsonl)" in said
    assert added([added_to_bytes(parts[:2]), *parts[2:]]).cut == 1


def added_to_bytes(parts):
    return pickle.dumps(added(parts))


def test_sessions_that_end_with_their_piece_are_not_mentioned(tmp_path, monkeypatch):
    line = len(json.dumps(gateways.litellm(X) | {"trace_id": "a"})) + 1
    monkeypatch.setattr(shards, "PIECE", 2 * line)
    parts, _ = of(tmp_path, "aabbcc", line)
    assert added(parts).said == []
