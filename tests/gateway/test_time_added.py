"""What a gateway adds to the times of its upstream is told from both ends' own times; answers that were swapped are counted."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from conformance.gateway.lied_to import Told
from conformance.gateway.pair import Pair
from conformance.gateway.pairing import marked
from conformance.gateway.passing import Gateway, _faults, _of_more
from conformance.gateway.time_added import LEVELS, Level, asked, measure
from conformance.gateway.without_sockets import lied_through
from conformance.report.times_added import time_rows
from conformance.run.run_file import Run
from conformance.send.requests import requests


def late(x, first: float, each: float):
    """The same answer, its first portion so many seconds later, and each further one by so many more."""
    return replace(x, arrivals=tuple((at + first + n * each, size) for n, (at, size) in enumerate(x.arrivals)), memo={})


def measured(levels, change):
    async def ask(probe, through):
        request = requests(probe, "reference/scripted")[0]
        pair = lied_through(request, request.id)
        return change(pair) if through else pair

    return asyncio.run(measure(ask, levels))


def test_what_is_added_to_the_first_token_and_between_two_is_told_with_the_own_share():
    first, second = measured(((1, 24), (8, 40)), lambda pair: Pair(late(pair.outer, 0.05, 0.002), pair.inners))
    record = first.record
    assert (record["at_once"], record["requests"], record["failed"], record["strangers"]) == (1, 24, 0, 0)
    assert record["first"]["p50"] == pytest.approx(52, abs=0.1)  # the role comes before the first token
    assert record["between"] == {"p50": pytest.approx(2, abs=0.1), "p95": pytest.approx(2, abs=0.1)}
    assert record["own_first"] == record["own_between"] == {"p50": 0.0, "p95": 0.0}
    assert (second.at_once, second.requests) == (8, 40)


def test_p95_is_that_of_the_slow_ones():
    slow = iter([0.3] * 2 + [0.01] * 100)
    level = measured(((1, 20),), lambda pair: Pair(late(pair.outer, next(slow), 0.0), pair.inners))[0]
    assert level.record["first"] == {"p50": pytest.approx(10, abs=0.1), "p95": pytest.approx(300, abs=0.1)}


def test_no_percentile_is_made_of_fewer_than_twenty_values():
    level = measured(((1, 19),), lambda pair: pair)[0]
    assert level.record["first"] is level.record["own_first"] is None
    rows = time_rows(Run({}, footer={"times_added": [level.record]}))
    assert rows[0][:6] == ("1", "19", "0", "0", "-", "-")


def test_an_answer_with_the_mark_of_another_request_is_counted():
    before = []

    def swaps(pair):
        before.append(pair)
        other = before[max(0, len(before) - 2)].outer
        return Pair(replace(pair.outer, body=other.body, arrivals=other.arrivals, memo={}), pair.inners)

    assert measured(((1, 20),), swaps)[0].strangers == 19


def test_a_swapped_answer_is_a_fault_of_the_run():
    one, other = Level(8, requests=48), Level(64, requests=192, strangers=2)
    assert "exit_code" not in _of_more(Gateway(added=[one]))
    assert _of_more(Gateway(added=[one, other]))["exit_code"] == 1
    assert _faults(Gateway(added=[one, other])) == ["2 of 192 answers were those of another request, at 64 in flight"]


def test_a_lie_that_gets_worse_is_a_fault_where_none_may():
    told = Told(lines=[{"state": "worse"}, {"state": "heals"}], asked=4)
    assert "exit_code" not in _of_more(Gateway(told=told))
    assert _of_more(Gateway(told=told, none_worse=True))["exit_code"] == 1
    assert _faults(Gateway(told=told, none_worse=True)) == [
        "lies of the upstream that get worse: 1, and --none-worse wants none"
    ]


def test_answers_without_a_token_are_counted_and_no_times():
    level = measured(((1, 20),), lambda pair: Pair(replace(pair.outer, body=b"", arrivals=(), memo={}), pair.inners))[0]
    assert (level.failed, level.first) == (20, [])


def test_each_request_has_a_mark_of_its_own():
    assert marked(b'{"content": "Repeat: mark-12-through one"}') == b"mark-12-through"
    assert marked(b"none") == b""
    assert asked() == 2 * sum(count for _, count in LEVELS)
    assert all(count >= 20 for _, count in LEVELS)
