"""Sending examples live: one after the other, within the budget, and not for ever to an endpoint that is gone."""

from __future__ import annotations

import pytest

from conformance.areas.questions import GREETING
from conformance.explore.sending import Live, Spent
from conformance.send.budget import Budget
from conformance.send.limits import Limits
from conformance.send.requests import requests
from conformance.send.target import Target

HELLO = requests(GREETING, "m")


@pytest.fixture
def live(server):
    """Makes a way of sending to the reference, or to where nobody is, and a list of what it kept."""

    def make(base_url=server.base_url, budget=None):
        kept = []
        target = Target(base_url, server.model, server.key)
        return Live(target, Limits(unanswered=2), budget or Budget(), kept.append, set(), 0.0), kept

    return make


def test_every_exchange_is_kept_and_given_in_order(live, server):
    sending, kept = live()
    with sending:
        exchanges = sending.ask(requests(GREETING, server.model))
    assert [x.id for x in exchanges] == ["chat.hello", "chat.hello+stream"]
    assert [x.status for x in exchanges] == [200, 200]
    assert kept == exchanges


def test_an_endpoint_that_is_gone_ends_it(live):
    sending, kept = live(base_url="http://127.0.0.1:9/v1")
    with sending:
        assert [x.answered for x in sending.ask(HELLO)] == [False, False]
        with pytest.raises(Spent, match="the last 3 requests got no answer"):
            sending.ask(HELLO)
    assert len(kept) == 3


def test_requests_without_an_answer_do_not_end_it_while_the_endpoint_is_there(live, server):
    sending, _ = live()
    with sending:
        sending._unanswered = 2
        assert all(x.answered for x in sending.ask(requests(GREETING, server.model)))


def test_the_budget_ends_it(live):
    sending, kept = live(budget=Budget(requests=1))
    with sending, pytest.raises(Spent, match="--budget-requests 1 was reached"):
        sending.ask(HELLO)
    assert kept == []
