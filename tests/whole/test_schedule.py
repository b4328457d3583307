"""How near a run comes to what its concurrency allows, by a clock that goes on when nothing else is left to do."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from dataclasses import replace
from types import SimpleNamespace

import pytest

from conformance.areas.catalogue import catalogue, probes, routes
from conformance.reference.respond import Server
from conformance.run import live
from conformance.run.options import Options
from conformance.send import aside, fetch, inprocess, preflight
from conformance.send.allowance import Allowances
from conformance.send.budget import Budget
from conformance.send.requests import requests
from conformance.send.target import Target

DELAY = 0.5
AT_ONCE = 8
LINE = None
"""A lock, where one answer is made at a time."""
BASE_URL = "http://127.0.0.1:9/v1"


class Selector(selectors.DefaultSelector):
    """Waits for nothing: where there is nothing but time to wait for, it has passed."""

    passed = 0.0

    def select(self, timeout=None):
        found = super().select(0 if timeout is None or timeout > 0 else timeout)
        if not found and timeout is None:
            return super().select(None)
        if not found and timeout > 0:
            self.passed += timeout
        return found


class Loop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own."""

    def __init__(self):
        self.selector = Selector()
        super().__init__(self.selector)

    def time(self):
        return self.selector.passed


@pytest.fixture
def answered(monkeypatch):
    """(id, begin, end) of each request that is sent; every answer takes its time."""
    server, replies, found = Server(routes(), now=lambda: inprocess.EPOCH), {}, []

    async def send(request, target, *_, **__):
        began = asyncio.get_running_loop().time()
        line = inprocess._line(server, request, [], replies)
        x, replies[request.id] = inprocess._asked(server, request, line)
        async with LINE or contextlib.nullcontext():
            await asyncio.sleep(DELAY)
        found.append((request.id, began, asyncio.get_running_loop().time()))
        return replace(x, url=x.url.replace(inprocess.BASE_URL, BASE_URL), arrivals=((DELAY, len(x.body)),))

    monkeypatch.setattr(aside, "AT_ONCE", 1 << 40)  # a thread would see the clock go on
    for module in (fetch, preflight):
        monkeypatch.setattr(module, "send", send)
    return found


def run(concurrency):
    book = SimpleNamespace(open=lambda *_: None, take=lambda _: None)
    loop, target = Loop(), Target(BASE_URL, "", "sk-any")
    options = Options(base_url=BASE_URL, concurrency=concurrency)
    chosen = live.asked(options, list(catalogue().values()))
    loop.run_until_complete(live._send(target, options, chosen, book, Budget(), lambda *_: None, Allowances()))
    loop.close()


@pytest.fixture
def ran(answered):
    run(AT_ONCE)
    return answered


def test_a_run_takes_little_longer_than_its_requests_one_after_the_other_in_so_many_lines(ran):
    ideal = len(ran) * DELAY / AT_ONCE
    assert len(ran) > 300
    assert max(end for _, _, end in ran) <= 1.15 * ideal + 1.5


def most_at_once(sent, after=0.0):
    """How many were in flight together at most, of those that began after so many seconds."""
    some = [each for each in sent if each[1] >= after]
    return max(sum(began <= other < end for _, began, end in some) for _, other, _ in some)


def test_an_endpoint_that_serves_many_at_once_is_asked_more_and_more(answered):
    run(None)
    assert max(end for _, _, end in answered) <= 16 * DELAY
    assert most_at_once(answered) > 3 * AT_ONCE


def test_an_endpoint_that_serves_one_at_a_time_is_soon_asked_hardly_more(answered, monkeypatch):
    monkeypatch.setattr("tests.whole.test_schedule.LINE", asyncio.Lock())
    run(None)
    assert most_at_once(answered, after=100 * DELAY) <= AT_ONCE  # what must begin together does
    later = [each for each in answered if each[1] >= 100 * DELAY]
    several = sum(sum(b <= began < e for _, b, e in later) > 3 for _, began, _ in later)
    assert several < 0.2 * len(later)


def test_what_tidies_up_waits_for_what_is_about_the_same(ran):
    times = {id: (began, end) for id, began, end in ran}
    for id in ("output", "errors"):
        assert times[f"files.deleted-{id}"][0] >= times[f"files.batch-{id}"][1]
    assert times["files.gone"][0] >= times["files.deleted"][1]


def test_what_a_server_may_not_outlive_is_alone(ran):
    last = {request.id for probe in probes() if probe.manner.leaves for request in requests(probe, "")}
    alone = [(id, began, end) for id, began, end in ran if id in last]
    assert alone
    for id, began, end in alone:
        assert not [other for other, b, e in ran if b < end and e > began and other != id]
