"""What was taken in and what was not is one sum, however it was parted; each remark is said with its number and the first of its kind."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from conformance.exchange import Exchange
from conformance.record.entries import Kind, Skipped
from conformance.record.recognition import Recording
from conformance.record.shards import Piece
from conformance.run import processes, recorded
from conformance.run.intake import HINT, Taken
from conformance.run.options import Options
from conformance.run.processes import Lost, results
from conformance.run.recorded import at_once

CHAT, STREAM = Kind("chat", False), Kind("chat", True)


def judged(status: int = 200, streaming: bool = False) -> Exchange:
    body = b'{"stream": true}' if streaming else b"{}"
    return Exchange("x", "POST", "http://h/v1/chat/completions", (), body, status, (), b"{}")


def broken(n: int) -> tuple[str, Skipped]:
    return "b.har", Skipped(n, "is no object", True)


def left_out(n: int, reason: str = "of another API", lost: Kind | None = None) -> tuple[str, Skipped]:
    return "a.har", Skipped(n, reason, False, lost)


def said(
    *entries: tuple[str, object], amiss: tuple[str, ...] = (), others: int = 0, parts: int = 1
) -> dict[str, object]:
    """What is said of entries, taken in by so many that are added up in any order."""
    taken = [Taken() for _ in range(parts)]
    for n, (file, entry) in enumerate(entries):
        taken[n % parts].take(file, entry, (0, n))
    random.Random(parts).shuffle(taken)
    whole = Taken()
    for each in taken:
        whole.add(each)
    return whole.record([*amiss], others)


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize(
    ("entries", "exchanges", "remarks", "lost"),
    [
        ([("a.har", judged())] * 3, 3, [], []),
        ([broken(n) for n in range(5)], 0, [f"b.har, entry {n}: is no object" for n in range(5)], []),
        ([broken(n) for n in range(7)], 0,
         [*(f"b.har, entry {n}: is no object" for n in range(5)), "b.har: 2 more entries are broken"], []),
        ([left_out(n + 4) for n in range(3)], 0, ["3 entries left out: of another API (the first is a.har#4)"], []),
        ([left_out(1, "z"), left_out(2, "a"), left_out(3, "z")], 0,
         ["2 entries left out: z (the first is a.har#1)", "1 entries left out: a (the first is a.har#2)"], []),
        ([left_out(1, "no body", CHAT), left_out(2, "no body", CHAT)], 0, ["2 entries left out: no body (the first is a.har#1)"],
         ["no body of a plain answer of chat was kept (2 lack it, the first is a.har#1)"]),
        ([left_out(1, "no body", STREAM)], 0, ["1 entries left out: no body (the first is a.har#1)", HINT],
         ["no body of a streamed answer of chat was kept (1 lack it, the first is a.har#1)"]),
        ([left_out(1, "no body", CHAT), ("a.har", judged())], 1, ["1 entries left out: no body (the first is a.har#1)"], []),
        ([left_out(1, "no body", CHAT), ("a.har", judged(500))], 1, ["1 entries left out: no body (the first is a.har#1)"],
         ["no body of a plain answer of chat was kept (1 lack it, the first is a.har#1)"]),
        ([("s3", Skipped(None, "could not be fetched on", False, unreachable=True))], 0, ["s3 could not be fetched on"],
         ["s3 could not be fetched on"]),
    ],
)  # fmt: skip
def test_what_was_not_judged_is_said(entries, exchanges, remarks, lost, parts):
    assert said(*entries, parts=parts) == {"exchanges": exchanges, "remarks": remarks, "lost": lost}


def test_files_that_are_no_recordings_come_first_and_others_last():
    found = said(broken(0), amiss=("c.txt is none",), others=1200)
    assert found["remarks"] == [
        "c.txt is none",
        "b.har, entry 0: is no object",
        "1,200 other files in the folders hold no recorded traffic",
    ]


# ---------------------------------------------------------------------- in how many processes


def pieces(*sizes: int) -> list[Piece]:
    return [Piece(n, Recording(None, str(n), "har", size)) for n, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("options", "sizes", "processes"),
    [
        ({}, (recorded.WORTHWHILE,) * 9, 6),
        ({}, (recorded.WORTHWHILE // 2, recorded.WORTHWHILE // 2), 2),
        ({}, (recorded.WORTHWHILE // 2, recorded.WORTHWHILE // 2 - 1), 1),
        ({"jobs": 3}, (recorded.WORTHWHILE,) * 9, 3),
        ({"jobs": 30}, (recorded.WORTHWHILE,) * 9, 9),
        ({"record": "f"}, (recorded.WORTHWHILE,) * 9, 1),
        ({"sdk": "on"}, (recorded.WORTHWHILE,) * 9, 1),
    ],
)
def test_so_many_processes_are_worth_it(options, sizes, processes, monkeypatch):
    monkeypatch.setattr(recorded, "cores", lambda: 6)
    assert at_once(replace(Options(), **options), pieces(*sizes)) == processes


def telling(task, seen):
    for each in task:
        seen(each)
    return sum(task)


def test_how_far_a_process_is_comes_in_portions():
    told, part = [], processes.TELLS // 10 + 1
    assert list(results(telling, [[part * n for n in (4, 5, 1, 9, 2)], [3]], 1, told.append)) == [21 * part, 3]
    assert told == [10 * part, 11 * part, 0, 3]


def dying(task, seen):
    seen(processes.TELLS)
    raise SystemExit(5)


def test_what_a_dead_process_told_is_taken_back():
    told = []
    assert list(results(dying, [["a", "b"]], 1, told.append)) == [
        Lost(("b",), "exit code 5"),
        Lost(("a",), "exit code 5"),
    ]
    assert sum(told) == 0
    assert told.count(processes.TELLS) == 5, "once together, and twice each"


def test_what_two_processes_do_is_done_by_no_more(monkeypatch):
    begun = []
    monkeypatch.setattr(processes, "_begun", lambda *given, begin=processes._begun: begun.append(1) or begin(*given))
    assert sorted(results(telling, [[1], [2], [3]], 2, lambda count: None)) == [1, 2, 3]
    assert len(begun) == 2
    assert list(results(telling, [[1]], 5, lambda count: None)) == [1]
    assert len(begun) == 3
    assert list(results(telling, [], 5, lambda count: None)) == []


def test_what_is_not_there_on_another_machine_is_said(monkeypatch):
    monkeypatch.setattr(recorded.platform, "node", lambda: "worker-3")
    [piece] = pieces(9)
    said = "is not there on the machine that was to judge it (worker-3)"
    assert recorded._absent(piece) == f"0 was not judged: it {said}"
    assert recorded._absent(piece._replace(start=1234)) == f"0 was not judged from byte 1,234 on: it {said}"
