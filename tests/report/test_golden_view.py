"""The page shows both sides of a parity run: words and members that differ, sums, and times in pictures with their numbers."""

from __future__ import annotations

import time

import pytest

from conformance.exchange import Exchange
from conformance.report.golden_view import golden_view, parity_verdict
from conformance.report.html import html
from conformance.report.json_diff import json_of, members, word_diff
from conformance.report.latency import latency_view
from conformance.run.run_file import RunWriter, read
from tests.report.test_files import HOSTILE, Tags
from tests.report.test_html import text_of

TIMES = {"p50": 0.02, "p95": 0.2, "p99": 1.5}


def answer(id: str, *words: str, speed: float = 0.01) -> Exchange:
    """A stream of these words, one chunk each."""
    chunk = '{"id": "c", "choices": [{"index": 0, "delta": {"content": %s}, "finish_reason": %s}]}'
    texts = [f'"{word}"' for word in words]
    events = []
    for n, text in enumerate(texts):
        events.append("data: " + chunk % (text, '"stop"' if n == len(texts) - 1 else "null") + "\n\n")
    body, arrivals = "", []
    for n, event in enumerate(events):
        body += event
        arrivals.append((0.02 + n * speed, len(body.encode())))
    return Exchange(id, "POST", "http://x/v1/chat/completions", (), b'{"stream": true}', 200,
                    (("content-type", "text/event-stream"),), body.encode(), tuple(arrivals))  # fmt: skip


def side(*ids: str, **more) -> dict:
    each = {"first": 0.02, "between": 0.01, "total": 0.05, "tokens_per_second": 100.0}
    return {
        "exchanges": list(ids), "usable": len(ids), "finish_reasons": ["stop"] * len(ids), "violations": [[]] * len(ids),
        "schema_valid": [None] * len(ids), "tool": [None] * len(ids), "prompt_tokens": [3] * len(ids),
        "completion_tokens": [5] * len(ids), "latency": [each] * len(ids), "failure": None, **more,
    }  # fmt: skip


def line(prompt: str, outcome: str, gap: str, **more) -> dict:
    aspects = [{"aspect": "text", "outcome": outcome, "target": "a", "baseline": ["b"]}]
    return {"type": "golden", "prompt": prompt, "outcome": outcome, "gap": gap, "why": HOSTILE, "aspects": aspects,
            "text": None, "target": side(f"target#{prompt}"), "baseline": side(f"baseline#{prompt}"), **more}  # fmt: skip


@pytest.fixture
def parity(tmp_path):
    prompts = [
        {"id": id, "category": id.partition(".")[0], "about": "About it.", "compare": ["text"], "must": {}, "uncertain": False,
         "where": "f:1", "request": {"messages": [{"role": "user", "content": f"Say {HOSTILE}"}], "stream": True}}
        for id in ("a.one", "a.two")
    ]  # fmt: skip
    with RunWriter(tmp_path / "parity.jsonl") as writer:
        writer.header({"kind": "parity", "options": {}, "target": {"base_url": "http://x/v1", "model": "m"},
                       "baseline": {"kind": "url", "base_url": "http://b/v1", "model": "n"}, "golden": prompts})  # fmt: skip
        for whose in ("target", "baseline"):
            writer.exchange(answer(f"{whose}#a.one", "the ", "big " if whose == "target" else "small ", "cat<b>"))
            writer.exchange(answer(f"{whose}#a.two", '{\\"n\\": ', "1}" if whose == "target" else "2}", speed=0.1))
        writer.line(line("a.one", "same", "same"))
        writer.line(line("a.two", "differs", "worse"))
        for whose in ("target", "baseline"):
            writer.line({"type": "latency", "side": whose, "answers": 2, "first": TIMES, "between": TIMES, "total": TIMES,
                         "tokens_per_second": {"p50": 100, "p95": 10, "p99": None}, "tokens": 10, "seconds": 1.0,
                         "throughput": 10.5, "slow": [{"exchange": f"{whose}#a.two", "what": "first", "seconds": 2.0,
                                                       "usual": 0.02}]})  # fmt: skip
        gate = {"gate": "--max-gap", "wanted": "at most 0 worse", "seen": "1 worse", "holds": False}
        writer.footer({"counts": {}, "exit_code": 1, "skipped": [], "gates": [gate]})
    return read(tmp_path / "parity.jsonl")


def test_a_parity_run_has_a_page_of_its_own(parity):
    page = html(parity, None, [parity])
    text = text_of(page)
    for said in ("No, do not switch", "of the 2 shipped prompts 1 is answered worse, in a (1 of 2)", "By category",
                 "http://b/v1, model n", "Time to first token", "20.0 ms", "1.50 s", "10.5 tokens/s", "Answers that took long",
                 "--max-gap", "About it."):  # fmt: skip
        assert said in text, said
    assert "<b> big</b>" in page
    assert page.count("<script>") == 2
    ids = [attributes["id"] for _, attributes in Tags(page).tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"golden-a.one", "golden-a.two"} <= set(ids)


def test_what_is_worse_comes_first_and_is_compared_member_by_member(parity):
    view = golden_view(parity)
    assert [prompt.id for prompt in view.prompts] == ["a.two", "a.one"]
    assert [(title, [(m.path, m.target, m.baseline) for m in rows]) for title, rows in view.prompts[0].tables] == [
        ("JSON", [("n", "1", "2")])
    ]
    assert view.heat == [("a", [(1, 2, 3)])]
    assert parity_verdict(parity)[0] == "NO PARITY"


def test_times_have_a_histogram_for_each_side(parity):
    view = latency_view(parity)
    assert [chart.title for chart in view.charts] == ["Time to first token", "Time between tokens", "Tokens per second"]
    assert [[side.count for side in chart.sides] for chart in view.charts] == [[2, 2], [3, 3], [2, 2]]
    assert all(side.path for chart in view.charts for side in chart.sides)
    assert view.charts[2].sides[0].numbers == ("100/s", "10/s", "–")


def test_words_that_differ_are_told():
    assert word_diff("the big cat", "the small cat") == (
        [("the", False), (" big", True), (" cat", False)],
        [("the", False), (" small", True), (" cat", False)],
    )
    assert word_diff("", "") == ([], [])
    for text in ("a\n  b", " a ", "née 漢字, ok"):
        assert "".join(part for part, _ in word_diff(text, "a")[0]) == text


def test_long_answers_are_compared_in_bounded_time():
    began = time.process_time()
    left, _ = word_diff("a b " * 500_000, "b a " * 500_000)
    word_diff("x" * 2_000_000, "y")
    assert time.process_time() - began < 5
    assert left[-1][0].startswith(" … (1,99")


def test_json_is_compared_by_member():
    rows = members(json_of('{"a": {"b": [1, 2.0]}, "c": "x"}'), json_of('{"c": "x", "a": {"b": [1, 3]}, "d": null}'))
    assert [(row.path, row.target, row.baseline) for row in rows if not row.same] == [
        ("a.b.1", "2", "3"),
        ("d", "", "null"),
    ]
    assert [row.path for row in rows if row.same] == ["c", "a.b.0"]
