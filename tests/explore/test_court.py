"""Judging one example: what made-up requests have shown to be right is called right."""

from __future__ import annotations

import pytest

from conformance.areas.catalogue import catalogue, lies
from conformance.areas.questions import WEATHER
from conformance.explore.asks import made
from conformance.explore.court import Court
from conformance.explore.message_forms import FORMS
from conformance.explore.sayings import question, repeat
from conformance.explore.slips import SMALL, slip
from tests.support.exploring import Kept

CHECKS = [check for check in catalogue().values() if check.area != "sdk"]


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(made(repeat("    hello")), id="white space that was to be repeated"),
        pytest.param(made(repeat("<tool_call>"), more={"tools": [WEATHER]}), id="markup that was to be repeated"),
        pytest.param(
            made(question("Count.", max_completion_tokens=3), more={"logit_bias": {"0": 100}}), id="three tokens of a bias"
        ),
        pytest.param(made(FORMS[2], more={"frequency_penalty": 2}), id="a form beside a penalty"),
        pytest.param(slip({"messages": [{"role": "user", "content": "Hi"}], "max_tokens": SMALL}, {"reasoning_effort": ""},
                          "unknown-effort"), id="an effort without a letter"),
    ],
)  # fmt: skip
def test_nothing_is_held_against_a_right_answer(example):
    send = Kept()
    assert Court(CHECKS).failures(send(example.requests(1, send.server.model))) == ()


def test_problems_of_one_kind_differ_in_numbers_and_quoted_words_only():
    send, kinds = Kept(lies()["finish-eos"]), []
    for text in ("one", "two"):
        failures = Court(CHECKS).failures(send(made(repeat(text)).requests(1, send.server.model)))
        kinds.append({failure.kind for failure in failures})
    assert kinds[0] == kinds[1]
    assert ("finish.known", "finish_reason of choice N") in kinds[0]


def test_the_gravest_comes_first():
    send = Kept(lies()["finish-eos"])
    levels = [
        failure.check.level
        for failure in Court(CHECKS).failures(send(made(repeat("one")).requests(1, send.server.model)))
    ]
    assert levels == sorted(levels, key=("must", "should", "may").index)


def test_a_mistake_that_is_served_is_owed_nothing_but_a_refusal():
    send = Kept(lies()["chat-takes-no-messages"])
    example = slip({"messages": []}, {})
    failures = Court(CHECKS).failures(send(example.requests(1, send.server.model)))
    assert {failure.check.id for failure in failures} == {"chat.messages-empty"}
