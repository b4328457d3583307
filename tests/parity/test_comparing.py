"""One golden prompt compared: the baseline's own noise is the tolerance; and how texts, times and gates are counted."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.exchange import Exchange
from conformance.parity.answers import Answer
from conformance.parity.asking import body
from conformance.parity.comparing import compare
from conformance.parity.gates import exit_code, gates
from conformance.parity.likeness import parting, similarity, words
from conformance.parity.prompt import Must, Prompt
from conformance.parity.timing import counted, latency_record, percentile
from conformance.parity.totals import totals

PROMPT = Prompt("a.b", "a", "A prompt.", {"messages": []}, ("text",), Must(contains=("Paris",)), False, "a.yaml:1")


def answer(
    text="Paris.",
    *,
    finish="stop",
    status=200,
    prompt=PROMPT,
    times=(0.1, 0.2, 0.3),
    tokens=3,
    id="target#a.b",
    started=1.0,
):
    """A streamed answer in as many portions as there are times, the words spread over them."""
    pieces = [text[n :: len(times)] for n in range(len(times))] if len(times) == 1 else [text, *[""] * (len(times) - 1)]
    chunks = [
        {"choices": [{"index": 0, "delta": {"content": piece or " "[:0]}, "finish_reason": None}]} for piece in pieces
    ]
    chunks[-1]["choices"][0]["finish_reason"] = finish
    chunks.append({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": tokens}})
    sent, arrivals = b"", []
    for at, chunk in zip([*times, times[-1]], chunks, strict=True):
        sent += b"data: " + json.dumps(chunk).encode() + b"\n\n"
        arrivals.append((at, len(sent)))
    asked = json.dumps(body(prompt, 1)).encode()
    x = Exchange(
        id, "POST", "http://h/v1/chat/completions", (), asked, status, (), sent, tuple(arrivals), started=started
    )
    return Answer(prompt, x)


def line(mine, theirs, *, same_model=True, prompt=PROMPT):
    made = [
        [answer(text, prompt=prompt) if isinstance(text, str) else text for text in side] for side in (mine, theirs)
    ]
    return compare(prompt, *made, same_model=same_model)


CASES = [
    (["Paris."], ["Paris.", "Paris."], "same", "same"),
    (["It is Paris."], ["Paris.", "Paris."], "differs", "worse"),
    (["It is Paris."], ["Paris.", "Paris!"], "within-noise", "same"),
    (["Paris."], ["Paris.", "Paris!"], "within-noise", "same"),
    # Asked again: one answer that agrees is enough, none is not.
    (["It is Paris.", "Paris.", "It is Paris."], ["Paris."] * 5, "within-noise", "same"),
    (["It is Paris."] * 4, ["Paris."] * 5, "differs", "worse"),
    (["It is Paris."] * 4, ["Paris."] * 4 + ["Paris!"], "within-noise", "same"),
]


@pytest.mark.parametrize(("mine", "theirs", "outcome", "gap"), CASES)
def test_what_differs_between_the_baselines_own_answers_is_not_held_against_the_target(mine, theirs, outcome, gap):
    found = line(mine, theirs)
    assert (found["outcome"], found["gap"]) == (outcome, gap)


def test_other_words_of_another_model_are_told_and_do_not_count():
    found = line(["It is Paris."], ["Paris.", "Paris."], same_model=False)
    assert (found["outcome"], found["gap"]) == ("differs", "same")


def test_what_must_hold_counts_whatever_the_model():
    assert line(["Rome."], ["Paris.", "Paris."], same_model=False)["gap"] == "worse"
    assert line(["Paris."], ["Rome.", "Rome."], same_model=False)["gap"] == "better"
    assert line(["Rome."], ["Rome.", "Paris."], same_model=False)["gap"] == "same"


def test_a_side_without_a_usable_answer_is_said_and_the_others_answer_kept():
    dead = answer(status=500)
    found = line([dead], ["Paris.", "Paris."])
    assert (found["outcome"], found["gap"]) == ("not-compared", "worse")
    assert found["why"] == "no usable answer of the target: HTTP 500"
    assert found["baseline"]["usable"] == 2
    found = line(["Paris."], [dead, dead])
    assert (found["outcome"], found["gap"]) == ("not-compared", "not-compared")
    assert line(["Paris."], [])["why"] == "no usable answer of the baseline: it was not asked"


def test_texts_are_shown_where_they_part():
    found = line(["The capital is Paris."], ["The capital of France is Paris.", "It is Paris."])["text"]
    assert not found["equal"]
    assert 0.5 < found["similarity"] < 1
    assert found["diverges"] == {
        "at": 2, "unit": "word", "before": "The capital", "target": " is Paris.", "baseline": " of France is Paris.",
    }  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_similarity_and_parting_of_any_two_texts(one, other):
    alike = similarity(one, other)
    assert 0 <= alike <= 1
    assert (alike == 1) == (one == other)
    assert "".join(words(one)) == one
    found = parting(words(one), words(other), "word")
    if found is None:
        assert one == other
    else:
        assert one.startswith(found.before[-5:]) or found.before[-5:] in one
        assert found.target != found.baseline


def test_times_are_read_from_the_portions_of_a_stream():
    found = answer(times=(0.5, 0.6, 0.8), tokens=4)
    assert found.times[0] == 0.5
    assert found.latency["first"] == 0.5
    assert found.latency["total"] == 0.8


def test_percentiles_and_slow_answers():
    assert [percentile(list(range(1, 101)), share) for share in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert percentile([], 0.5) is None
    usual = [answer(times=(0.1,), id=f"target#p{n}", started=None) for n in range(19)]
    row = latency_record("target", [*usual, answer(times=(0.9,), id="target#slow", started=None)])
    assert row["first"] == {"p50": 0.1, "p95": 0.1, "p99": None, "values": 20, "least": 0.1, "most": 0.9}
    assert {slow["exchange"] for slow in row["slow"]} == {"target#slow"}
    assert row["slow"][0]["usual"] == pytest.approx(0.1)
    assert row["tokens"] == 60


@pytest.mark.parametrize(
    ("number", "told"), [(0, []), (19, []), (20, ["p50", "p95"]), (99, ["p50", "p95"]), (100, ["p50", "p95", "p99"])]
)
def test_of_few_values_no_percentile_is_told(number, told):
    row = latency_record("target", [answer(times=(0.1 + n,), started=None) for n in range(number)])["first"]
    assert [name for name in ("p50", "p95", "p99") if row[name] is not None] == told
    assert (row["values"], row["least"]) == (number, 0.1 if number else None)


def test_portions_that_come_at_once_have_no_time_between_them():
    assert answer(times=(0.1, 0.1, 0.1)).gaps == ()
    assert latency_record("target", [answer(times=(0.1, 0.1))] * 50)["between"]["values"] == 0


def test_the_warm_up_is_not_counted():
    first = [answer(times=(9.0,), id=f"target#w{n}", started=100.0 + n / 10) for n in range(8)]  # the first ends at 109
    later = [answer(times=(0.1,), id=f"target#p{n}", started=109.0 + n) for n in range(30)]
    assert [a.id for a in counted([*later, *first])] == [a.id for a in later]
    row = latency_record("target", [*first, *later])
    assert (row["answers"], row["warm_up"], row["first"]["most"]) == (30, 8, 0.1)


OPTIONS = {"max_gap": 0, "min_tool_success": None, "min_schema_valid": None}


def test_gates_and_exit_codes():
    good, bad = line(["Paris."], ["Paris.", "Paris."]), line(["Rome."], ["Paris.", "Paris."])
    unknown = line(["Paris."], [answer(status=500)])

    def judged(lines, same=None, **options):
        found = totals(lines)
        rows = gates(OPTIONS | options, found, same)
        return exit_code(rows, found), {row["gate"]: row["holds"] for row in rows}

    assert judged([good]) == (0, {"--max-gap": True})
    assert judged([good, bad]) == (1, {"--max-gap": False})
    assert judged([good, bad], max_gap=1) == (0, {"--max-gap": True})
    assert judged([good, unknown]) == (3, {"--max-gap": None})
    assert judged([line([answer(status=500)], ["Paris.", "Paris."])]) == (3, {"--max-gap": False})
    assert judged([good], min_tool_success=0.9) == (3, {"--max-gap": True, "--min-tool-success": None})
    same = {"p_value": 0.5, "alpha": 0.01}
    assert judged([good], same)[1]["--same-model"] is True
    assert judged([good], same | {"p_value": 0.001}) == (1, {"--max-gap": True, "--same-model": False})
    assert judged([good], same | {"p_value": None})[0] == 3


def test_every_sampling_parameter_is_pinned_unless_the_prompt_says_otherwise():
    asked = body(PROMPT, 2)
    assert (
        asked | {"temperature": 0, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0, "n": 1, "seed": 2}
        == asked
    )
    assert (asked["stream"], asked["stream_options"], asked["max_tokens"]) == (True, {"include_usage": True}, 512)
    own = Prompt(
        "a.b",
        "a",
        "",
        {"messages": [], "temperature": 1, "stream": False, "max_completion_tokens": 9},
        (),
        Must(),
        False,
        "",
    )
    asked = body(own, 1)
    assert (asked["temperature"], asked["stream"], asked["max_completion_tokens"]) == (1, False, 9)
    assert "stream_options" not in asked
    assert "max_tokens" not in asked
