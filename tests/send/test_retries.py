"""What is asked again: each refusal kept under a name of its own, within the budget, and what takes a request apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.exchange import REFUSED, Exchange
from conformance.exchange.probe import PATIENT, Probe
from conformance.send.budget import Budget
from conformance.send.patience import later
from conformance.send.requests import ONWARD, requests
from conformance.send.retries import Again, Asker, longer

pytestmark = pytest.mark.usefixtures("slept")


def request(*intent):
    return requests(Probe("a", {}, intent=frozenset(intent)), "m")[0]


def endpoint(sent, *statuses):
    """Answers with these, one after another, and the last from then on."""
    left = list(statuses)

    async def send(request):
        sent.append(request.id)
        status = left.pop(0) if len(left) > 1 else left[0]
        return Exchange(request.id, "POST", "http://h/v1/x", (), request.body or b"", status, (), b"{}")

    return send


async def asked(probe, rules, *statuses, budget=None):
    sent, kept = [], []
    x = await Asker(endpoint(sent, *statuses), kept.append, budget or Budget(), rules).ask(probe)
    return x, [(each.id, each.status) for each in kept], sent


async def test_what_is_there_only_later_is_asked_for_again_and_the_refusals_stay(slept):
    x, kept, sent = await asked(request(PATIENT), (later,), 404, 404, 200)
    assert (x.id, x.status, len(sent)) == ("a", 200, 3)
    assert kept == [("a" + REFUSED, 404), ("a" + REFUSED + "2", 404)]
    assert slept == [1.0, 2.0]


@pytest.mark.parametrize("statuses", [(404, 404, 404, 404), (200,)])
async def test_patience_has_an_end(statuses):
    x, kept, sent = await asked(request(PATIENT), (later,), *statuses)
    assert x.status == statuses[-1]
    assert len(sent) == len(kept) + 1 <= 3


async def test_without_the_intent_nothing_is_asked_again():
    _, kept, sent = await asked(request(), (later,), 404)
    assert (kept, len(sent)) == ([], 1)


async def test_the_last_answer_a_budget_allows_stands_and_is_counted_once():
    budget = Budget(2)
    assert budget.admit(request(PATIENT)) is None
    x, kept, sent = await asked(request(PATIENT), (later,), 404, 404, 200, budget=budget)
    assert (x.id, x.status, len(sent)) == ("a", 404, 2)
    assert len(kept) == 1
    budget.settle(x)
    assert budget.sent == 2


async def test_a_request_under_another_id_is_an_exchange_more():
    """As for taking apart what was refused."""

    def apart(request, x):
        for n in range(2):
            yield Again(replace(request, id=f"a~{n}"))

    x, kept, sent = await asked(request(), (apart,), 400, 200, 422)
    assert (x.id, x.status, sent) == ("a", 400, ["a", "a~0", "a~1"])
    assert kept == [("a~0", 200), ("a~1", 422)]


async def test_the_first_rule_looks_at_what_the_later_ones_asked_for():
    def once_more(on):
        def rule(request, x):
            if x.status == on:
                yield Again(request)

        return rule

    x, kept, _ = await asked(request(), (once_more(503), once_more(404)), 503, 404, 503, 200)
    assert x.status == 200
    assert kept == [("a" + REFUSED + n, status) for n, status in (("", 503), ("2", 404), ("3", 503))]


@pytest.mark.parametrize(("statuses", "times"), [((202, 202, 200), 3), ((202,), ONWARD + 1)])
async def test_what_is_not_done_is_asked_for_again_later_and_not_for_ever(slept, statuses, times):
    probe = Probe("a", method="GET", onward=lambda x: {} if x.status == 202 else None)
    x, kept, sent = await asked(requests(probe, "m")[0], (longer("m"),), *statuses)
    assert (x.status, len(sent), len(kept)) == (statuses[-1], times, times - 1)
    assert slept[:2] == [0.1, 0.2]
    assert max(slept) <= 2.0
