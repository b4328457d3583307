"""Conditions: what a status rules out is ruled out even where the answer then broke off; the rest waits for the whole of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.areas.catalogue import judge
from conformance.judge.conditions import completion, failed, ok, status
from tests.support.recordings import HONEST

STREAM, REFUSED = HONEST["chat.hello+stream"], HONEST["models.unknown"]


def cut(x):
    return replace(x, ended="timeout", failure="no byte came for 30 s", body=x.body[:20], memo={})


@pytest.mark.parametrize(
    ("condition", "x", "whole", "broken"),
    [
        (ok, STREAM, True, None),
        (ok, REFUSED, False, False),
        (failed, STREAM, False, False),
        (failed, REFUSED, True, None),
        (status(404, 410), REFUSED, True, None),
        (status(429), REFUSED, False, False),
        (completion, STREAM, True, None),
        (~ok, REFUSED, True, True),
        (~status(503), STREAM, True, True),
    ],
)
def test_the_status_decides_what_it_rules_out(condition, x, whole, broken):
    assert (condition(replace(x, memo={})), condition(cut(x))) == (whole, broken)


def test_without_any_status_nothing_is_decided():
    refused = replace(STREAM, status=None, headers=(), body=b"", ended="refused", failure="nobody listens", memo={})
    assert [condition(refused) for condition in (ok, failed, status(200), ~ok)] == [None] * 4


NOTHING = {"status": None, "headers": (), "body": b""}
LOST = [
    {"ended": "left", "intent": frozenset({"leaves"}), "body": STREAM.body[:20]},
    {"ended": "left", "intent": frozenset({"leaves"}), **NOTHING},
    {"ended": "cut", "intent": frozenset({"over-kept"}), **NOTHING},
]


@pytest.mark.parametrize("lost", LOST)
def test_where_no_answer_is_owed_no_check_waits_for_one(lost):
    verdicts = judge([replace(STREAM, failure="gone", memo={}, **lost)])
    assert [v.check.id for v in verdicts if v.outcome in ("fail", "untestable", "broken")] == []


def test_a_stall_of_a_stream_leaves_what_is_about_errors_and_waiting_alone():
    undecided = {v.check.id for v in judge([cut(STREAM)]) if v.outcome == "untestable"}
    assert "stream.done" in undecided
    assert {id for id in undecided if id.startswith(("error.", "auth.", "rate.retry"))} == {"error.valid-not-500"}
