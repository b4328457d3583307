"""How many requests are in flight: more where answers get no slower, fewer where they do or where one says that it is too much."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from statistics import median

import pytest

from conformance.exchange.probe import Probe
from conformance.send.pace import BEGIN, MOST, Pace
from conformance.send.requests import requests
from tests.support.recordings import HONEST

ANSWER = HONEST["chat.hello"]
(REQUEST,) = requests(Probe("any", {}), "m")
STAGED = replace(REQUEST, probe=replace(REQUEST.probe, stage="limited"))


def one_round(pace, clock, took, x=ANSWER):
    """As many are sent as may be, and all answered after so long; gives the time then."""
    many = [replace(REQUEST, id=f"{clock}.{n}") for n in range(pace.now)]
    for each in many:
        pace.sent(each, clock)
    for each in many:
        pace.came(each, x, clock + took)
    return clock + took


def rounds(pace, many, time, x=ANSWER):
    """So many rounds, in each as many answers as are in flight, after `time(in flight)` seconds each. Gives how many were, by round."""
    clock, seen = 0.0, []
    for _ in range(many):
        seen.append(pace.now)
        clock = one_round(pace, clock, time(pace.now), x)
    return seen


def served(places, uneven, greeting=1.0, seed=1):
    """How many are in flight as 350 requests are served by a server with so many places, of which each takes the next that waits. An
    answer takes half a second, give or take; a greeting alone so much of that."""
    chance, pace, clock = random.Random(seed), Pace(), 0.0
    pace.alone(0.5 * greeting)
    coming = [(replace(REQUEST, id=str(n)), 0.5 * math.exp(chance.gauss(0, uneven))) for n in range(350)]
    flying, at_once = [], []
    while coming or flying:
        while coming and len(flying) < pace.now:
            flying.append(coming.pop(0))
            pace.sent(flying[-1][0], clock)
        at_once.append(len(flying))
        working = flying[:places]
        first = min(working, key=lambda each: each[1])
        clock += first[1]
        flying = [(r, left - first[1]) for r, left in working if r is not first[0]] + flying[places:]
        pace.came(first[0], ANSWER, clock)
    return at_once[:300]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("greeting", [0.3, 1.0])
@pytest.mark.parametrize("uneven", [0.05, 0.7])
def test_answers_that_are_of_many_lengths_do_not_hide_that_many_are_served_at_once(uneven, greeting, seed):
    assert max(served(1000, uneven, greeting, seed)) == MOST


def test_what_waits_its_turn_is_not_asked_for_at_once():
    assert median(served(1, 0.05)) <= 2
    assert median(served(4, 0.05)) <= 8
    assert max(served(8, 0.05)) <= 16


@pytest.mark.parametrize("seed", range(5))
def test_of_one_at_a_time_few_are_asked_for_however_long_the_answers_are(seed):
    assert median(served(1, 0.7, seed=seed)) <= BEGIN


def test_it_grows_while_answers_get_no_slower():
    seen = rounds(Pace(), 8, lambda at_once: 0.5)
    assert seen[0] == BEGIN
    assert seen == sorted(seen)
    assert seen[-1] == MOST


def test_one_at_a_time_is_asked_one_or_two_at_once():
    pace = Pace()
    pace.alone(0.1)
    assert set(rounds(pace, 20, lambda at_once: 0.1 * at_once)[4:]) <= {1, 2}


def test_a_server_of_four_slots_is_not_flooded():
    pace = Pace()
    pace.alone(0.1)
    assert max(rounds(pace, 20, lambda at_once: 0.1 * max(1, at_once / 4))[2:]) <= 12


@pytest.mark.parametrize("status", [429, 503])
def test_it_halves_at_once_where_one_says_that_it_is_too_much_and_does_not_come_back(status):
    pace = Pace()
    busy = replace(ANSWER, status=status, memo={})
    one_round(pace, 1.0, 1.0, busy)  # all of a round say it, which is once
    assert pace.now == BEGIN // 2
    rounds(pace, 20, lambda at_once: 0.5)
    assert BEGIN // 2 < pace.now < BEGIN


def test_answers_that_are_slow_for_another_reason_slow_nothing_down():
    pace = Pace()
    pace.alone(0.01)  # a model that was still small, a cache
    assert rounds(pace, 12, lambda at_once: 0.5)[-1] == MOST


def test_what_the_reference_stages_and_a_number_that_is_given_change_nothing():
    busy = replace(ANSWER, status=429, memo={})
    pace, fixed = Pace(), Pace(3)
    for each, request in ((pace, STAGED), (fixed, REQUEST)):
        each.sent(request, 1.0)
        each.came(request, busy, 2.0)
    assert (pace.now, fixed.now, fixed.together) == (BEGIN, 3, 3)


def test_what_begins_together_may_do_so_at_any_pace():
    pace = Pace()
    one_round(pace, 1.0, 1.0, replace(ANSWER, status=429, memo={}))
    assert pace.now < pace.together == BEGIN


def test_it_does_not_grow_while_one_is_not_answered():
    pace = Pace()
    pace.sent(replace(REQUEST, id="hangs"), 0.0)
    for n in range(100):
        each = replace(REQUEST, id=f"{n}")
        pace.sent(each, float(n))
        pace.came(each, ANSWER, n + 0.5)
    assert pace.now == BEGIN


def test_it_does_not_grow_where_answers_time_out():
    assert set(rounds(Pace(), 5, lambda at_once: 3.0, replace(ANSWER, ended="timeout", memo={}))) == {BEGIN}
