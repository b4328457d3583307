"""What tells of a default: said, seen to vary, seen to end; and what is asked to find out."""

from __future__ import annotations

import asyncio
import json

import pytest

from conformance.exchange import Exchange
from conformance.parity.migration.defaults import ask, differences, unpinned
from conformance.parity.prompt import Must, Prompt
from conformance.wire.jsontext import show


def prompt(id: str, *, uncertain: bool = False, **request: object) -> Prompt:
    return Prompt(id, "a", "", {"messages": [], **request}, (), Must(), uncertain, "f:1")


def exchange(id: str, body: object, *, status: int = 200, ended: str = "complete") -> Exchange:
    return Exchange(id, "POST", "http://h/v1/x", (), b"{}", status, (), json.dumps(body).encode(), ended=ended)


def says(text: str, finish: str = "stop", tokens: int = 3) -> dict[str, object]:
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
    return {"choices": [choice], "usage": {"prompt_tokens": 1, "completion_tokens": tokens}}


Answers = dict[tuple[str, str], list[Exchange]]


def answers(prompts: list[Prompt], target: list[list[dict]], baseline: list[list[dict]]) -> Answers:
    """The bodies that each side gave to each prompt."""
    return {
        (side, f"as-sent.{p.id}"): [exchange(f"{side}#as-sent.{p.id}~{n}", body) for n, body in enumerate(bodies, 1)]
        for side, each in (("target", target), ("baseline", baseline))
        for p, bodies in zip(prompts, each, strict=True)
    }


SAME, OTHER = [says("a")] * 3, [says("a"), says("b"), says("a")]


@pytest.mark.parametrize(
    ("varying", "of", "differ"),
    [
        (0, 4, []),
        (2, 4, []),  # half of them is chance
        (3, 4, [["temperature", "answers vary on 0 of 4 prompts", "answers vary on 3 of 4 prompts"]]),
        (2, 3, [["temperature", "answers vary on 0 of 3 prompts", "answers vary on 2 of 3 prompts"]]),
        (2, 2, []),  # too few
    ],
)
def test_answers_of_one_side_that_vary_on_more_than_half_of_the_prompts_tell_of_a_temperature(varying, of, differ):
    prompts = [prompt(f"a.{n}") for n in range(of)]
    one, steady = [OTHER] * varying + [SAME] * (of - varying), [SAME] * of
    found = differences(prompts, answers(prompts, one, steady))
    assert found["differ"] == differ
    assert found["seen"] == [f"{of} prompts were asked 3 times as they are"]
    back = [[name, there, here] for name, here, there in differ]
    assert differences(prompts, answers(prompts, steady, one))["differ"] == back
    pinned = [prompt(p.id, temperature=0) for p in prompts]
    assert differences(pinned, answers(pinned, one, steady))["differ"] == []


CUT = [says("x", "length", 16)] * 3


@pytest.mark.parametrize(
    ("target", "baseline", "differ"),
    [
        (CUT, SAME, [["max_completion_tokens", "a.b is not cut", "a.b is cut after 16 tokens"]]),
        (SAME, CUT, [["max_completion_tokens", "a.b is cut after 16 tokens", "a.b is not cut"]]),
        (CUT, CUT, []),
        ([*CUT[:2], says("x")], SAME, []),
        (CUT, [*SAME[:2], says("x", "length", 9)], []),
        (CUT[:2], SAME, []),  # one of its answers was of no use
    ],
)
def test_a_side_that_alone_cuts_all_answers_has_a_limit(target, baseline, differ):
    assert differences([prompt("a.b")], answers([prompt("a.b")], [target], [baseline]))["differ"] == differ
    later = [prompt("a.limited", max_completion_tokens=16), prompt("a.b")]
    assert differences(later, answers(later, [CUT, target], [SAME, baseline]))["differ"] == differ


SAID = {"temperature": 1.0, "top_p": 0.9, "store": True, "reasoning": {"effort": None}, "text": {"verbosity": "low"}}


def echoed(target: object, baseline: object, **of: object) -> Answers:
    return {
        ("target", "echo"): [exchange("target#echo", target, **of)],
        ("baseline", "echo"): [exchange("baseline#echo", baseline)],
    }


def test_defaults_that_both_say_are_held_against_each_other():
    there = SAID | {"store": False, "service_tier": "auto", "text": {"verbosity": "x" * 60}}
    found = differences([prompt("a.b")], echoed(SAID, there))
    assert found["seen"] == ["both say 5 defaults in their answers of /responses"]
    assert found["differ"] == [["verbosity", show("x" * 60, 40), '"low"'], ["store", "false", "true"]]


@pytest.mark.parametrize(
    ("target", "of"), [([SAID], {}), (SAID, {"status": 500}), (SAID, {"ended": "cut"}), ("no object", {})]
)
def test_what_is_no_answer_of_responses_says_nothing_of_defaults(target, of):
    assert differences([prompt("a.b")], echoed(target, SAID, **of))["seen"] == []


def test_what_is_said_of_a_temperature_comes_before_what_is_seen_of_it():
    prompts = [prompt(f"a.{n}") for n in range(3)]
    found = differences(prompts, answers(prompts, [OTHER] * 3, [SAME] * 3) | echoed(SAID | {"temperature": 0.5}, SAID))
    assert found["differ"] == [["temperature", "1.0", "0.5"]]
    assert found["seen"] == [
        "both say 5 defaults in their answers of /responses",
        "3 prompts were asked 3 times as they are",
    ]


def test_what_some_prompt_leaves_out_is_left_to_the_server():
    every = dict.fromkeys(unpinned([prompt("a.b")]), 1)
    assert {"temperature", "max_completion_tokens", "top_p", "verbosity", "store"} <= set(every)
    assert unpinned([prompt("a.b", **every)]) == set()
    assert unpinned([prompt("a.b", **every), prompt("a.c", **{**every, "max_tokens": 1})]) == set()
    short = {name: 1 for name in every if name != "max_completion_tokens"}
    assert unpinned([prompt("a.b", **every), prompt("a.c", **short)]) == {"max_completion_tokens"}
    assert unpinned([prompt("a.b", **short, max_tokens=9)]) == set()


class Side:
    """Keeps what it is asked."""

    def __init__(self, side: str) -> None:
        self.side, self.asked = side, []

    async def ask(self, questions: list, path: str = "/chat/completions") -> None:
        self.asked += [(path, id, body) for id, body in questions]


def test_six_prompts_are_asked_three_times_each_as_a_client_sends_them():
    sides = [Side("target"), Side("baseline")]
    prompts = [prompt(f"a.{n}", uncertain=n > 4, top_p=0.5) for n in range(8)]
    asyncio.run(ask(prompts, sides))
    for side in sides:
        first, *rest = side.asked
        assert first == ("/responses", f"{side.side}#echo", {"input": "Say OK.", "max_output_tokens": 16})
        chosen = ["a.5", "a.6", "a.7", "a.0", "a.1", "a.2"]  # uncertain ones first
        ids = [f"{side.side}#as-sent.{id}" + (f"~{n}" if n > 1 else "") for n in (1, 2, 3) for id in chosen]
        assert [id for _, id, _ in rest] == ids
        assert {json.dumps([path, body]) for path, _, body in rest} == {
            json.dumps(["/chat/completions", {"stream": False, "messages": [], "top_p": 0.5}])
        }
