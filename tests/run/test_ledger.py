"""What judging counts is a sum: in whatever parts and order it is added, the verdicts are those of one judging."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.areas.catalogue import catalogue, lies, probes
from conformance.judge.judge import RECORDED
from conformance.run import ledger
from conformance.run.ledger import Ledger
from conformance.run.options import Options
from conformance.run.run_file import feature_record, verdict_record
from conformance.send.inprocess import exchanges

TOLD = ("chat-created-milliseconds", None, "finish-absent", "finish-null", "json-key-twice")
"""What the server of each piece lies about."""
ASKED = [each for each in probes() if each.name.startswith(("chat.", "tools.", "params.")) and each.depth == "quick"][
    ::2
]
CHECKS = [check for check in catalogue().values() if check.area != "sdk"]
OPTIONS = Options(recordings=("some",))
WATCHED = ("streaming", "tools")


@cache
def piece(number):
    """Exchanges of a server that lies; the same requests in each piece, a week apart."""
    lie = TOLD[number]
    some = exchanges(lies()[lie] if lie else None, ASKED)
    return [replace(x, id=f"{number}#{x.id}", started=600_000.0 * number, memo={}) for x in some]


def judged(numbers):
    """A ledger of these pieces, each judged one after the other."""
    found = Ledger(OPTIONS, CHECKS, WATCHED)
    for number in numbers:
        found.begin(number)
        for x in piece(number):
            found.keep(found.take(replace(x, memo={})))
        found.keep(found.court.part())
    return found


@cache
def part(numbers):
    """The same as it goes from one process to another."""
    return pickle.dumps(judged(numbers).sum())


def said(found):
    """All that a run file and a report have of it."""
    return (
        [verdict_record(each) for each in found.verdicts()],
        [feature_record(each, required=False) for each in found.decider.finish()],
        [x.id for x in found.evidence()],
        found.usable.lacking,
        found.asking,
        list(found.traffic.records()),
    )


@pytest.fixture(scope="module", autouse=True)
def _tight():
    """Bounds that these few exchanges reach."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "RECORDED", replace(RECORDED, ids=4, messages=2, shown=1, window=20))
        yield


@cache
def whole():
    empty = Ledger(OPTIONS, CHECKS, WATCHED)
    empty.add(pickle.loads(part(tuple(range(len(TOLD))))))
    return said(empty)


def test_the_pieces_have_something_to_be_wrong_about():
    verdicts, features, evidence, _, asking, traffic = whole()
    assert sum(verdict["outcome"] == "fail" for verdict in verdicts) >= 4
    assert sum(len(verdict["problems"]) > 1 for verdict in verdicts) >= 1
    assert any(verdict.get("left_out") for verdict in verdicts)
    assert {each["decision"] for each in features} >= {"supported"}
    assert evidence
    assert all(asking.values())
    assert len({each["day"] for each in traffic}) == len(TOLD)
    assert sum(sum(each["count"] for each in line["failed"].values()) for line in traffic) >= 4


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_parts_added_in_any_order_are_the_whole(data):
    numbers, parts = list(range(len(TOLD))), []
    while numbers:
        size = data.draw(st.sampled_from((1, 2)))
        parts.append(tuple(numbers[:size]))
        del numbers[:size]
    found = Ledger(OPTIONS, CHECKS, WATCHED)
    for each in data.draw(st.permutations(parts)):
        found.add(pickle.loads(part(each)))
    assert said(found) == whole()
