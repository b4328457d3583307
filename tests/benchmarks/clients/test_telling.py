"""How what a user saw is told from what the honest reference gives."""

from __future__ import annotations

import json

import pytest

from benchmarks.clients.measure import LIKE, answers, kept, reference, wanted
from benchmarks.clients.telling import differences, joined, told
from conformance.areas.catalogue import lies
from conformance.reference.replies import Call
from conformance.watch.trials.scenarios import SCENARIOS

PLAIN, RETRIED = SCENARIOS["plain"], SCENARIOS["rate-limit"]
ERROR = {"class": "a.Refused", "message": "no", "status": 429}


@pytest.mark.parametrize(
    ("scenario", "said", "honest", "asked", "found"),
    [
        (PLAIN, {"text": "Hi"}, {"text": "Hi"}, 1, None),
        (PLAIN, {"text": ""}, {"text": None}, 1, None),
        (PLAIN, {"text": "H"}, {"text": "Hi"}, 1, ("wrong", "another text: 'H'")),
        (PLAIN, {"error": ERROR}, {"text": "Hi"}, 1, ("fails", "a.Refused: no")),
        (PLAIN, {"text": "Hi", "usage": None}, {"text": "Hi", "usage": {"input": 1}}, 1, ("wrong", "another usage: none")),
        (PLAIN, {"calls": [["b", {}], ["a", {"x": 1}]]}, {"calls": [["a", {"x": 1}], ["b", {}]]}, 1, None),
        (RETRIED, {"text": "Hi"}, {"error": ERROR}, 3, ("wrong", "no exception, in place of a.Refused")),
        (RETRIED, {"error": {**ERROR, "class": "a.Other"}}, {"error": ERROR}, 3, ("wrong", "a.Other, in place of a.Refused")),
        (RETRIED, {"error": ERROR}, {"error": ERROR}, 1, ("wrong", "it asks 1 times, in place of 3")),
        (RETRIED, {"error": ERROR}, {"error": ERROR}, 3, None),
    ],
)  # fmt: skip
def test_what_a_user_sees_otherwise(scenario, said, honest, asked, found):
    assert differences(scenario, said, honest, asked, 3 if scenario.retried else 1) == found


def test_an_exception_is_told_the_same_in_each_run():
    message = "<try n='1'>127.0.0.1:4711 refused req_0123456789abcdef at 0x7f00</try>"
    assert told({"class": "E", "message": message}) == "E: HOST refused ID at 0x"


def test_what_breaks_in_the_same_way_is_one_line():
    broken = [{"at": "plain", "state": "fails", "why": "E"}, {"at": "tool", "state": "fails", "why": "E"},
              {"at": "agent", "state": "wrong", "why": "F"}]  # fmt: skip
    assert joined(broken) == ["fails at plain, tool: E", "wrong at agent: F"]


def test_a_half_line_is_measured_again(tmp_path):
    (tmp_path / "lines").write_text('{"lie": "a", "breaks": []}\n{"lie": "b", "bre')
    assert [line["lie"] for line in kept(tmp_path / "lines")] == ["a"]
    assert kept(tmp_path / "none") == []


def test_only_answers_that_a_lie_changes_are_asked_for():
    body = {"model": "reference/scripted", "messages": [{"role": "user", "content": "Say hello."}]}
    headers = (("authorization", f"Bearer {reference().key}"), ("content-type", "application/json"))
    call = Call("POST", "/v1/chat/completions", headers, json.dumps(body).encode(), body)
    honest = [*answers([call, call], None)]
    assert honest == [*answers([call, call], None)]
    assert honest == [*answers([call, call], lies()["tool-delta-without-index"])]
    assert honest != [*answers([call, call], lies()["chat-choices-empty"])]


def test_what_is_measured_are_the_musts_and_then_the_shoulds():
    names = [lie.name for lie in wanted()]
    assert len(names) == len({*names})
    assert names.index("chat-choices-empty") < len(names)
    assert not any(lie.socket for lie in wanted())
    assert {*LIKE, *LIKE.values()} <= SCENARIOS.keys()
