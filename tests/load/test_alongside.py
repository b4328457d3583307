"""Answers judged in the process beside: each shape once, and yet every answer that is wrong is found and counted."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from conformance.areas.catalogue import catalogue, routes
from conformance.judge.marks import mark
from conformance.load.alongside import Beside
from conformance.load.asked_under_load import KINDS, UNMARKED
from conformance.load.bench import Process
from conformance.reference.respond import Server
from conformance.run.options import Options
from tests.load.test_answer_shapes import NOW, TARGET, answered

CHECKS = [check.id for check in catalogue().values() if check.area != "sdk"]
MANY = 400


@pytest.fixture
def process():
    with Process(Options.make({"asked_by": "load", "sdk": "off"}), CHECKS, ()) as process:
        yield process


def asked(many: int, server: Server):
    """So many answers, (mark, answer), of all kinds but the long one in turn."""
    kinds = [kind for kind in KINDS if kind not in UNMARKED]
    for n in range(many):
        own = mark(n)
        yield own, answered(kinds[n % len(kinds)], own, server, id=f"load.{n}")


async def test_one_answer_in_two_hundred_that_is_a_strangers_is_found_each_time(process):
    numbers = count()
    server = Server(routes(), now=lambda: NOW)
    before, swapped = {}, set()
    async with Beside(process, TARGET) as judge:
        for own, got in asked(MANY, server):
            other = before.get(got.letter.stands_for + got.letter.request.body)
            before[got.letter.stands_for + got.letter.request.body] = got
            if next(numbers) % 200 == 150:
                swapped.add(got.id)
                got = replace(got, headers=other.headers, body=other.body, arrivals=other.arrivals)
            await judge.ready()
            judge.take(got, own)
        failing, news = await judge.level()
        found = await judge.sum()
    assert len(swapped) == 2
    assert failing["connection.no-stranger"] == 2
    assert {id for tally in [found.found["connection.no-stranger"]] for _, ids in tally.shown for id in ids} <= swapped
    assert "connection.no-stranger" in {id for id, _, _ in news}
    assert found.found["connection.no-stranger"].times == MANY
    assert judge.counted > MANY / 2
    assert judge.judged + judge.counted == MANY


async def test_all_pass_at_an_honest_server_and_most_are_counted(process):
    async with Beside(process, TARGET) as judge:
        for own, got in asked(MANY, Server(routes(), now=lambda: NOW)):
            judge.take(got, own)
        failing, news = await judge.level()
    assert (failing, news) == ({}, [])
    assert judge.judged + judge.counted == MANY


async def test_an_id_that_comes_again_is_judged_beside_the_first(process):
    """Also where the first was only counted."""
    answers = list(asked(MANY, Server(routes(), now=lambda: NOW)))
    plain = [(own, got) for own, got in answers if got.letter is answers[0][1].letter]
    (_, first), (own, again) = plain[len(plain) // 2], plain[-1]
    ids = [got.body.partition(b'"id": "')[2].partition(b'"')[0] for got in (first, again)]
    async with Beside(process, TARGET) as judge:
        for mine, got in plain[:-1]:
            judge.take(got, mine)
        judge.take(replace(again, body=again.body.replace(ids[1], ids[0])), own)
        failing, _ = await judge.level()
        found = (await judge.sum()).found["chat.id-unique"]
    assert failing == {"chat.id-unique": 1}
    [(_, shown)] = found.shown
    assert {first.id, again.id} <= set(shown)


async def test_what_fails_once_is_never_counted_unseen(process):
    async with Beside(process, TARGET) as judge:
        for own, got in asked(60, Server(routes(), now=lambda: NOW)):
            judge.take(replace(got, body=got.body.replace(b'"object"', b'"objekt"')), own)
        failing, _ = await judge.level()
    assert failing["chat.object"] == 30
    assert judge.counted == 0
