"""What a run may cost is bounded before each request and by what answers say they used; a dry run says it and sends nothing."""

from __future__ import annotations

import json
import re

import pytest

from conformance.exchange import SERVED, Exchange
from conformance.exchange.probe import Probe, user
from conformance.run.run_file import read
from conformance.send.budget import ANSWER, LONGEST, Budget, estimate, used
from conformance.send.embedded import Reference
from conformance.send.requests import requests
from tests.support.lying import WITHOUT_DONE

pytestmark = pytest.mark.usefixtures("elsewhere")


def request(id: str = "a", **body):
    return requests(Probe(id, {"messages": user("hello " * 40), **body}), "m")[0]


def answer(id: str = "a", status: int | None = 200, **body) -> Exchange:
    sent = json.dumps({"model": "m", "messages": []}).encode()
    return Exchange(id, "POST", "http://x/v1/chat/completions", (), sent, status, (), json.dumps(body).encode())


# ---------------------------------------------------------------------- estimates


def test_an_estimate_counts_what_is_sent_and_the_limit_on_what_comes_back():
    assert 60 < estimate(request(max_completion_tokens=16)).prompt < 90
    assert estimate(request(max_completion_tokens=16)).answer == 16
    assert estimate(request(max_tokens=16, n=3)).answer == 48
    assert estimate(request()).answer == ANSWER
    assert estimate(request(max_completion_tokens=10**8)).answer == LONGEST
    assert estimate(request(max_completion_tokens=-1, n="x")).answer == ANSWER
    assert estimate(requests(Probe("list", method="GET", path="/models"), "m")[0]).total == 0
    assert estimate(requests(Probe("odd", b"not json"), "m")[0]).prompt == 2


def test_an_attachment_costs_the_same_however_long():
    assert estimate(request(data="QUJD" * 100)).total == estimate(request(data="QUJD" * 10_000)).total


@pytest.mark.parametrize(
    ("exchange", "tokens"),
    [
        (answer(usage={"total_tokens": 42}), 42),
        (answer(usage={"total_tokens": True}), None),
        (answer(usage={"total_tokens": -5}), None),
        (answer(usage=[]), None),
        (answer(), None),
        (answer(status=404, usage={"total_tokens": 42}), 0),
        (answer(status=None), None),
    ],
)
def test_what_an_answer_says_it_used(exchange, tokens):
    assert used(exchange) == tokens


# ---------------------------------------------------------------------- the budget


def test_requests_in_flight_count():
    budget = Budget(requests=2)
    assert [budget.admit(request(id)) for id in "abc"] == [None, None, "--budget-requests 2 was reached"]
    budget.settle(answer("a"))
    assert budget.admit(request("c")) is not None
    assert (budget.stopped, budget.record["requests"]) == ("--budget-requests", 1)


def test_tokens_are_reserved_and_then_counted_as_the_endpoint_says():
    cost = estimate(request()).total
    budget = Budget(tokens=2 * cost + 1)
    assert [budget.admit(request(id)) is None for id in "abc"] == [True, True, False]
    budget.settle(answer("a", usage={"total_tokens": 1}))
    assert budget.admit(request("c")) is None, "it was cheaper than estimated"
    budget.settle(answer("b"))
    assert budget.record == {"requests": 2, "tokens": 1 + cost, "estimated": cost}
    assert budget.left(10) == cost // 10


def test_what_was_not_admitted_is_not_counted():
    budget = Budget()
    budget.settle(answer("never", status=None))
    assert (budget.record["requests"], budget.left(5), budget.said([])) == (0, None, [])


def test_no_request_is_admitted_after_so_many_seconds():
    now = [100.0]
    budget = Budget(seconds=10, clock=lambda: now[0])
    assert budget.admit(request("a")) is None
    now[0] = 110.0
    assert budget.admit(request("b")) == "--max-seconds 10 was reached"
    assert budget.stopped == "--max-seconds"


@pytest.mark.parametrize(("took", "bound"), [(0.01, 900), (30.0, 3825)])
def test_the_first_answers_say_how_long_a_run_may_take(took, bound):
    """170 answers of 30 s each, 8 at once, are 640 s of an honest endpoint."""
    budget = Budget()
    for _ in range(16):
        assert budget.seconds is None
        budget.took(took, late=False, planned=170, at_once=8)
    assert budget.seconds == bound
    budget = Budget(seconds=5)
    for _ in range(16):
        budget.took(took, late=False, planned=170, at_once=8)
    assert budget.seconds == 5


def late(budget, at_once, *, alone=False):
    """How many answers may be late, and how many requests are under way then, each time."""
    free = []
    while budget.admit(request(str(len(free)))) is None:
        free.append(budget.under_way(at_once))
        budget.took(60.0, late=True, planned=170, at_once=at_once, alone=alone and len(free) == 1)
    return free


def test_no_more_requests_are_under_way_than_may_still_be_late():
    assert late(Budget(), 8) == [8] * 9 + [7, 6, 5, 4, 3, 2, 1]
    assert late(Budget(), 32) == [32] * 33 + [*range(31, 0, -1)]
    assert late(Budget(), 1) == [1] * 16


def test_a_first_request_that_is_late_by_itself_is_a_round_of_the_two():
    assert late(Budget(), 8, alone=True) == [8] * 2 + [7, 6, 5, 4, 3, 2, 1]


# ---------------------------------------------------------------------- the command


def test_a_run_cut_short_by_its_budget_is_not_judged(call, server):
    code, out, _ = call("--budget-requests", "5", server=server)
    run = read("reports/latest/run.jsonl")
    out = " ".join(out.split())
    assert (code, len(run.exchanges), run.footer["cost"]["requests"]) == (3, 5, 5)
    assert "requests not sent: --budget-requests 5 was reached" in out
    assert re.search(r"--budget-requests ended the run early: [0-9]+ requests were not sent, after 5 requests and", out)
    assert "NOT JUDGED" in out


def test_what_fails_within_the_budget_is_red_all_the_same(call):
    with Reference(lie=WITHOUT_DONE) as server:
        assert call("--only", "stream.done", "--budget-requests", "20", server=server)[0] == 1


def test_a_budget_that_is_large_enough_changes_nothing(call, server):
    code, _, _ = call("--only", "model", "--budget-requests", "500", "--budget-tokens", "900000", server=server)
    footer = read("reports/latest/run.jsonl").footer
    assert (code, [reason for _, reason in footer["skipped"] if "--budget" in reason]) == (0, [])
    assert {id for id, _ in footer["skipped"]} <= {"mistakes.window", "mistakes.window-streamed"}


def test_tokens_stay_within_the_budget_as_the_endpoint_counts_them(call, server):
    code, out, _ = call("--budget-tokens", "3000", server=server)
    run = read("reports/latest/run.jsonl")
    counted = sum(used(x) or 0 for x in run.exchanges if x.ok)
    assert code == 3
    assert 0 < counted <= run.footer["cost"]["tokens"] <= 3000
    assert "--budget-tokens 3,000 leaves too few for it" in " ".join(out.split())
    assert "mistakes.window" in {id for id, _ in run.footer["skipped"]}


# ---------------------------------------------------------------------- a dry run


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(call, tmp_path):
    code, out, err = call("--dry-run", "--base-url", "http://user:secret@127.0.0.1:1/v1?api-key=secret")
    assert (code, err) == (0, "")
    assert re.search(r"^tools +[0-9]+ +[0-9]+ +[0-9,]+ +[0-9,]+$", out, re.M)
    assert "Nothing was sent." in out
    assert "mistakes.too-long" not in out, "who bills a large window is not asked to fill it"
    assert "secret" not in out
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_says_apart_what_is_dear(call):
    usual = ("--dry-run", "--base-url", "http://127.0.0.1:1/v1", "--quiet")
    _, out, _ = call(*usual, "--endpoints", "images,speech,chat")
    found = re.search(
        r"Of these, (.*), which cost more than a chat request: --cheap leaves them out\.", " ".join(out.split())
    )
    counts = dict(re.findall(r"([0-9]+) (?:is|are) for (\w+)", found[1])[::-1])
    assert set(counts.values()) == {"images", "speech"}
    _, cheap, _ = call(*usual, "--endpoints", "images,speech,chat", "--cheap")
    assert "Of these" not in cheap
    before, after = (int(re.match(r"([0-9]+) requests", text)[1]) for text in (out, cheap))
    assert before - after == sum(map(int, counts))


def test_a_dry_run_counts_what_a_run_sends(call, server):
    chat = ("--only", "stream", "--endpoints", "chat,models", "--model", server.model)
    _, out, _ = call("--dry-run", *chat, server=server)
    said = int(re.search(r"([0-9,]+) requests, about", out).group(1).replace(",", ""))
    call(*chat, server=server)
    run = read("reports/latest/run.jsonl")
    further = sum(
        SERVED in x.id for x in run.exchanges
    )  # named apart: how far the long prompt grows is not known beforehand
    assert said == run.footer["cost"]["requests"] - further + len(run.footer["skipped"])


def test_a_dry_run_says_what_the_budget_leaves_out(call):
    _, out, _ = call("--dry-run", "--quiet", "--budget-requests", "20", "--base-url", "http://127.0.0.1:1/v1")
    assert out.startswith("20 requests, about ")
    assert re.search(r"The budget leaves out [0-9]+ requests, about [0-9,]+ tokens\.", out)


def test_a_dry_run_says_how_many_requests_more_depth_sends(call):
    _, out, _ = call("--dry-run", "--depth", "quick", "--base-url", "http://127.0.0.1:1/v1")
    counts = [int(n) for n in re.findall(r"^--depth (?:normal|deep): ([0-9]+) requests$", out, re.M)]
    assert len(counts) == 2
    assert counts == sorted(counts)


def test_a_burst_is_part_of_the_plan(call):
    _, out, _ = call("--dry-run", "--burst", "12", "--only", "rate.burst-status", "--base-url", "http://127.0.0.1:1/v1")
    assert re.search(r"^burst +12 +6 ", out, re.M)
