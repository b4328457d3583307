"""What is asked to tell one model from another, how it is decided, and what is said of it."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace

import pytest

from conformance.exchange import Exchange
from conformance.parity.answers import Answer
from conformance.parity.same_model import ruling, samples
from conformance.parity.same_model.ruling import _outlier
from conformance.report.parity_summary import most_apart
from conformance.run.user_error import UserError
from tests.parity.same_model.test_samples import prompt


@pytest.mark.parametrize(
    ("apart", "outlier"),
    [
        ([(0.9, "a"), (0.1, "b"), (0.1, "c")], "a"),
        ([(0.3, "a"), (0.3, "a"), (0.2, "b"), (0.3, "c")], "a"),  # asked in two ways
        ([(0.3, "a"), (0.3, "b"), (0.3, "c")], None),
        ([(0.9, "a"), (-5.0, "b"), (-0.1, "c")], "a"),
        ([(0.9, "a"), (0.1, "b")], None),
        ([(0.0, "a"), (-0.1, "b"), (0.0, "c")], None),
    ],
)
def test_one_prompt_that_makes_most_of_the_effect_is_named(apart, outlier):
    assert _outlier(sorted(apart, reverse=True)) == outlier


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"verdict": "different", "prompts_most_apart": ["a", "b"], "outlier": "a"},
         "more than half of it is from one prompt alone: a"),
        ({"verdict": "not-told", "prompts_most_apart": ["a"], "outlier": "a"},
         "more than half of it is from one prompt alone: a"),
        ({"verdict": "different", "prompts_most_apart": ["a", "b"]}, "most apart on a, b"),  # recorded before
        ({"verdict": "not-told", "prompts_most_apart": ["a", "b"], "outlier": None}, ""),
        ({"verdict": "different", "prompts_most_apart": [], "outlier": None}, ""),
    ],
)  # fmt: skip
def test_the_prompts_of_the_effect_are_said(line, said):
    assert most_apart(line) == said


def told(id: str, *, content: str = "x", tops: object = None, usage: object = None, status: int = 200) -> Exchange:
    logprobs = None if tops is None else {"content": [{"token": "x", "logprob": -1, "top_logprobs": tops}]}
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": content},
        "logprobs": logprobs,
    }
    body = json.dumps({"choices": [choice], "usage": usage or {"prompt_tokens": 3, "completion_tokens": 2}}).encode()
    return Exchange(id, "POST", "http://h/v1/chat/completions", (), b"{}", status, (), body, ((0.1, len(body)),))


def tops(*values: float) -> list[dict]:
    return [{"token": f"t{n}", "logprob": value} for n, value in enumerate(values)]


class Side:
    """Gives so many top logprobs at most, and keeps what it is asked."""

    def __init__(self, side: str, most: int) -> None:
        self.side, self._most, self.asked = side, most, []

    async def ask(self, questions: list) -> list[Exchange]:
        self.asked += questions
        return [self._answer(id, body.get("top_logprobs")) for id, body in questions]

    def _answer(self, id: str, wanted: int | None) -> Exchange:
        return told(id, tops=tops(*[-1.0] * wanted) if wanted and wanted <= self._most else None)


@pytest.mark.parametrize(
    ("most", "tries", "kinds", "top"),
    [
        ((20, 20), 1, {"logprobs"}, {20}),
        ((20, 5), 2, {"logprobs"}, {5}),
        ((20, 4), 2, {"warm", "nucleus", "cold"}, set()),
    ],
)
def test_the_strongest_way_that_both_sides_allow_is_asked(most, tries, kinds, top):
    sides = [Side("target", most[0]), Side("baseline", most[1])]
    asyncio.run(ruling.ask([prompt("a.b"), prompt("a.c")], sides, []))
    for side in sides:
        names = [id.partition("#")[2] for id, _ in side.asked]
        assert names[:tries] == [f"same.try-{n}:a.b" for n in (20, 5)[:tries]]
        assert {name.partition(":")[0].removeprefix("same.") for name in names[tries:]} == kinds
        assert {body["top_logprobs"] for _, body in side.asked[tries:] if "top_logprobs" in body} == top
        assert len(names) == len(set(names))
        assert len(names) - tries == (2 * 25 if top else 2 * ((200 - 6) // 2 - 3 + 3 + 3))


@pytest.mark.parametrize(("recorded", "way"), [("same.logprobs:a.b", "logprobs"), ("same.warm:a.b", "warm")])
def test_a_recorded_baseline_is_asked_as_it_was(recorded, way):
    side = Side("target", 20)
    asyncio.run(ruling.ask([prompt("a.b")], [side], [told(f"baseline#{recorded}")]))
    assert any(id.startswith(f"target#same.{way}:") for id, _ in side.asked)
    assert any("try-" in id for id, _ in side.asked) is (way == "logprobs")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (tops(-1.0, -2), {"t0": -1.0, "t1": -2.0}),
        (tops(0.5, -1e9), {"t0": 0.0, "t1": -100.0}),
        (
            [
                {"token": 1, "logprob": -1},
                {"token": "a", "logprob": True},
                {"token": "b", "logprob": "x"},
                {"logprob": -1},
                3,
            ],
            None,
        ),
        ({"token": "a", "logprob": -1}, None),
        ([], None),
    ],
)
def test_top_logprobs_are_read_where_they_are_some(given, read):
    assert ruling.logprobs(Answer(prompt("a.b"), told("x", tops=given))) == read
    assert ruling.logprobs(Answer(prompt("a.b"), told("x", tops=given, status=500))) is None


PROMPTS = [prompt(f"a.{n}") for n in range(3)]


def both(kind: str, mine, theirs, number: int = 4) -> list[Exchange]:
    """So many answers of both sides to all prompts, each made by (prompt, number)."""
    return [
        replace(answer(p.id, n), id=ruling.question(side, kind, p, n)[0])
        for side, answer in (("target", mine), ("baseline", theirs))
        for p in PROMPTS
        for n in range(1, number + 1)
    ]


def test_what_both_sides_told_of_logprobs_is_one_line():
    def quiet(id: str, n: int) -> Exchange:
        return told("", tops=tops(-1.0, -2.0, -3.0))

    def moved(id: str, n: int) -> Exchange:
        return told("", tops=tops(-1.0 - 0.3 * (id != "a.0"), -2.0, -3.0))

    line = ruling.judge(PROMPTS, both("logprobs", moved, quiet), 0.05)
    assert (line["verdict"], line["method"], line["unit"]) == ("different", "logprobs", "nats")
    assert line["why"] == "both sides give top logprobs; sampling (temperature, top_p) does not show in them"
    assert (line["prompts"], line["samples"], line["permutations"], line["alpha"]) == (3, 4, 2000, 0.05)
    assert line["effect"] == pytest.approx(0.1)
    assert line["prompts_most_apart"] == ["a.1", "a.2"]
    assert line["outlier"] is None
    assert (
        line["cost"]["target"]
        == line["cost"]["baseline"]
        == {"requests": 12, "prompt_tokens": 36, "completion_tokens": 24}
    )
    [statistic] = line["statistics"]
    assert (statistic["name"], statistic["about"]) == ("logprobs", samples.ABOUT["logprobs"])
    assert statistic["p_value"] == line["p_value"] < 0.05
    same = ruling.judge(PROMPTS, both("logprobs", quiet, quiet), 0.05)
    assert (same["verdict"], same["p_value"], same["effect"], same["prompts_most_apart"]) == ("not-told", 1.0, 0.0, [])
    assert same["power"]["smallest"] == pytest.approx(0.002)
    one = ruling.judge(
        PROMPTS, [x for x in both("logprobs", moved, quiet) if "a.0" not in x.id or x.id.endswith("a.0")], 0.05
    )
    assert one["prompts"] == 2, "one answer of a side is too few"
    assert ruling.judge(PROMPTS, both("logprobs", moved, quiet), line["p_value"])["verdict"] == "not-told", (
        "at most alpha"
    )


def test_where_one_side_gives_no_logprobs_texts_are_compared():
    line = ruling.judge(
        PROMPTS, both("cold", lambda id, n: told("", content="a"), lambda id, n: told("", content="b"), 3), 0.05
    )
    assert (line["verdict"], line["method"], line["unit"], line["samples"]) == ("different", "text", "of the words", 3)
    assert line["why"] == "not both sides give top logprobs"
    assert line["effect"] == 1.0


BAD = {"prompt_tokens": "3", "completion_tokens": None}


@pytest.mark.parametrize(
    ("own", "why", "requests"),
    [
        ([], "no prompt has an uncertain answer", 0),
        ([told("target#other")], "no prompt has an uncertain answer", 0),
        ([told("target#same.cold:a.0")], "the recorded baseline was not recorded with --same-model", 1),
        (
            [told("target#same.cold:a.0", usage=BAD), told("baseline#same.cold:a.0", status=500)],
            "too few usable answers of both sides",
            1,
        ),
        ([told("target#same.cold:x.y"), told("baseline#same.cold:x.y")] * 3, "too few usable answers of both sides", 3),
    ],
)
def test_what_cannot_be_tested_says_why(own, why, requests):
    line = ruling.judge(PROMPTS, own, 0.01)
    assert (line["verdict"], line["why"], line["p_value"], line["effect"], line["prompts"]) == (
        "not-tested",
        why,
        None,
        None,
        0,
    )
    assert (line["samples"], line["permutations"], line["power"]["splits"], line["power"]["detected"]) == (0, 0, 0, 0)
    assert line["cost"]["target"]["requests"] == requests
    if own and own[0].json["usage"] == BAD:
        assert line["cost"]["target"] == {"requests": 1, "prompt_tokens": 0, "completion_tokens": 0}


def test_without_numpy_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(UserError, match=r"pip install 'openai-conformance\[parity\]'"):
        ruling.needs()
