"""A stall is one line that names --timeout: a SHOULD while it is shorter than the SDKs wait, a MUST beyond or where framing is broken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.areas.catalogue import judge
from conformance.clients.replay import replayable
from tests.support.recordings import HONEST


def stalled(x, failure, part=0.5, **change):
    body = x.body[: int(len(x.body) * part)]
    return replace(x, body=body, arrivals=((0.1, len(body)),), ended="timeout", failure=failure, memo={}, **change)


def failing(odd):
    return {v.check.id: v for v in judge([odd if x.id == odd.id else replace(x, memo={}) for x in HONEST.values()])
            if v.outcome == "fail"}  # fmt: skip


@pytest.mark.parametrize("id", ["chat.count+stream", "chat.count", "tools.auto+stream", "mistakes.messages-empty"])
@pytest.mark.parametrize(
    ("failure", "check"),
    [
        ("no byte came for 30 s (limit: silence)", "http.in-time"),
        ("no answer came within 60 s (limit: first byte)", "http.in-time"),
        ("no answer came within 600 s (limit: first byte)", "http.answered"),
        ("no connection to h within 10 s (limit: connect)", "http.answered"),
    ],
)
def test_a_stall_is_one_line(id, failure, check):
    status = None if "connect" in failure else HONEST[id].status
    failed = id.startswith("mistakes") and status is not None
    found = failing(stalled(HONEST[id], failure, part=0.5 if status else 0, status=status))
    if failed:
        assert set(found) - {"http.answered"} == {"error.complete"}
    else:
        assert set(found) == {check}
        assert check == "http.answered" or "--timeout" in found[check].problems[0][1]


def test_an_answer_that_is_all_there_behind_an_open_end_is_broken():
    found = failing(stalled(HONEST["chat.count"], "no byte came for 30 s (limit: silence)", part=1.0))
    assert set(found) == {"http.answered"}


@pytest.mark.parametrize("ended", ["timeout", "limit"])
def test_what_this_suite_cut_off_is_shown_to_no_client(ended):
    x = HONEST["chat.count+stream"]
    assert not replayable(replace(x, body=x.body[:300], ended=ended, memo={}))
    assert replayable(replace(x, ended="timeout", memo={}))  # [DONE] came: the client sees all that there is
