"""Verdicts are the same with outlines and without: of answers honest and damaged, and of those that differ in nothing but what is in
the holes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.areas.catalogue import catalogue, features
from conformance.exchange import Exchange, find
from conformance.judge import outlines
from conformance.judge.conditions import chat, ok
from conformance.judge.decider import Decider
from conformance.judge.judge import RECORDED, Judge
from conformance.judge.outlines import Outlines, of_answer, of_request
from conformance.judge.registry import Check
from conformance.send.inprocess import exchanges
from tests.support import damage

HONEST = [x for x in exchanges() if "too-long" not in x.intent]
CHECKS = [check for check in catalogue().values() if check.together is None and check.area != "sdk"]
SAMPLE = 150


def judged(these: list[Exchange], found: Outlines | None) -> tuple[Any, ...]:
    court, decider = Judge(CHECKS, RECORDED, outlines=found), Decider(features().values(), outlines=found)
    for each in these:
        x = replace(each, memo={})
        decider.add(x)
        court.add(x)
    return court.found(), decider.finish()


def test_verdicts_are_the_same_with_outlines_and_without():
    chosen = HONEST[::3]
    damaged = [damage.all_damages(x) for x in chosen]
    made = random.Random(1).sample([make for each in damaged for make in each], SAMPLE)
    these = [*chosen, *(make() for make in made)]
    assert judged(these, Outlines(often=0)) == judged(these, None)


def test_much_is_told_by_an_outline():
    found = Outlines(often=0)
    court = Judge(CHECKS, RECORDED, outlines=found)
    for x in HONEST[::10]:
        court.add(replace(x, memo={}))
    passes = [known for outline in found._known.values() for known in outline.made.get(court, {}).values()]
    assert passes.count(True) > len(passes) / 4


def filled(value: Any, own: Any, strings: Iterator[str], numbers: Iterator[int], name: str = "") -> Any:
    """A JSON value with something else in each hole."""
    if isinstance(value, dict):
        return {key: filled(each, own, strings, numbers, key) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, own, strings, numbers, name) for each in value]
    if value is None or not own(name, value):
        return value
    return (
        next(strings) if isinstance(value, str) else type(value)(next(numbers)) * (1 if isinstance(value, int) else -1)
    )


PLAIN = [x for x in HONEST if not x.streaming and x.not_json is None and isinstance(x.json, dict) and of_request(x)]
TEXTS = st.one_of(
    st.text(min_size=1, max_size=8), st.sampled_from(["null", "{}", " ", "a" * 80, "stop", "\n", "é", "call_1", "0"])
)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(PLAIN),
    st.lists(TEXTS, min_size=5, max_size=5),
    st.lists(st.integers(1, 1 << 40), min_size=3, max_size=3),
)
def test_what_differs_in_the_holes_alone_has_one_outline_and_the_verdicts_of_its_own(x, strings, numbers):
    texts, counts = iter(strings * 1000), iter(numbers * 1000)
    answer = json.dumps(filled(x.json, outlines._ANSWER, texts, counts)).encode()
    headers = tuple((name, value if name.lower() in outlines.TOLD else next(texts)) for name, value in x.headers)
    other = replace(x, body=answer, headers=headers, id="other", memo={})
    assert of_request(other) == of_request(x)
    assert of_answer(other) == of_answer(x)
    assert judged([x, other], Outlines(often=0)) == judged([x, other], None)


def check_of(law: Any) -> Check:
    return replace(next(iter(catalogue().values())), law=law, when=chat & ok, together=None)


def test_a_law_that_looks_into_a_hole_is_asked_each_time():
    def law(x):
        """A law."""
        if find(x.json, "id") == "bad":
            yield "the id is bad, expected a good one"

    x = next(x for x in PLAIN if x.route == "chat" and x.ok)
    bad = replace(x, body=json.dumps({**x.json, "id": "bad"}).encode(), memo={})
    court = Judge([check_of(law)], RECORDED, outlines=Outlines(often=0))
    for each in (x, bad, x, bad):
        court.add(replace(each, memo={}))
    assert sum(court.failing().values()) == 2


def test_a_law_that_looks_at_no_hole_is_asked_once():
    seen = []

    def law(x):
        """A law."""
        seen.append(x)
        yield from ()

    court = Judge([check_of(law)], RECORDED, outlines=Outlines(often=1))
    x = next(x for x in PLAIN if x.route == "chat" and x.ok)
    for _ in range(10):
        court.add(replace(x, memo={}))
    assert len(seen) < 6
    assert court.finish()[0].judged


def test_no_more_outlines_are_remembered_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(outlines, "MOST", 3)
    monkeypatch.setattr(outlines, "COUNTED", 5)
    found = Outlines(often=0)
    for x in HONEST[:40]:
        found.of(replace(x, memo={}))
    assert len(found._known) <= 3
    assert len(found._came) <= 6


def test_what_is_not_whole_has_no_outline():
    x = next(x for x in HONEST if x.ok)
    assert Outlines(often=0).of(replace(x, ended="cut", memo={})) is None
    assert Outlines(often=0).of(replace(x, status=None, memo={})) is None
