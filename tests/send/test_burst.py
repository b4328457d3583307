"""A real 429: how a burst runs into one, how many requests that takes, and what is waited for. The clocks are ours."""

from __future__ import annotations

import json

import pytest

from conformance.areas.catalogue import catalogue, judge
from conformance.exchange import Exchange
from conformance.reference.limiter import Limiter
from conformance.run.gate import NOT_JUDGED
from conformance.send.budget import Budget
from conformance.send.burst import FEWEST, KEPT_BACK, LONGEST_WAIT, SLACK, Wait, plan, reach_limits
from conformance.send.embedded import Reference
from conformance.send.limits import Limits
from conformance.send.patience import named_wait
from conformance.send.target import Target
from tests.support.command import command, elsewhere

LIMIT = 5
OURS = [check for check in catalogue().values() if check.law.__module__ == "conformance.areas.limits.recovery"]


def answer(request, status=200, **headers) -> Exchange:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(request.id, request.method, "", (), request.body, status, pairs, b"{}", intent=request.probe.intent)


def play(steps, statuses, **headers):
    """Do what a plan says; `statuses` are those of the requests in order, the last one for all further."""
    sent, waits, got = [], [], None
    while True:
        try:
            step = steps.send(got)
        except StopIteration as end:
            return sent, waits, end.value
        if isinstance(step, Wait):
            waits.append(step.seconds)
            continue
        got = []
        for request in step:
            status = statuses[min(len(sent), len(statuses) - 1)]
            got.append(answer(request, status, **(headers if status == 429 else {})))
            sent.append(request)


# ---------------------------------------------------------------------- the plan


def test_it_stops_at_the_first_429_and_asks_once_streamed_and_once_after_the_wait():
    sent, waits, skipped = play(plan("burst", "m", 50, 1), [200, 200, 429], retry_after="7")
    assert [r.id for r in sent] == ["burst.1", "burst.2+stream", "burst.3", "burst.4+stream", "burst.recovery"]
    assert (waits, skipped) == ([7 + SLACK], [])
    assert all(json.loads(r.body)["max_completion_tokens"] == 1 for r in sent)


@pytest.mark.parametrize("at_once", [1, 3, 8])
@pytest.mark.parametrize("most", [3, 4, 11, 40])
def test_no_more_requests_are_sent_than_allowed_nor_at_once(most, at_once):
    for statuses in ([200], [429], [200] * (most - KEPT_BACK - 1) + [429]):
        steps = plan("burst", "m", most, at_once)
        got, sent = None, 0
        while True:
            try:
                step = steps.send(got)
            except StopIteration:
                break
            if isinstance(step, Wait):
                continue
            assert len(step) <= at_once
            got = [answer(r, statuses[min(sent + n, len(statuses) - 1)], retry_after="1") for n, r in enumerate(step)]
            sent += len(step)
        assert FEWEST - KEPT_BACK <= sent <= most


@pytest.mark.parametrize(
    ("statuses", "headers", "said"),
    [
        ([200], {}, "48 cheap requests met no limit"),
        ([429], {}, "names no time"),
        ([429], {"retry_after": "6m0s"}, "names no time"),
        ([429], {"retry_after": "86400"}, "86,400 s, longer than the 60 s"),
        ([None], {}, "no answer came"),
    ],
)
def test_what_keeps_it_from_waiting_is_said(statuses, headers, said):
    _, waits, skipped = play(plan("burst", "m", 50, 4), statuses, **headers)
    assert waits == []
    assert [s.id for s in skipped] == ["burst.recovery"]
    assert said in skipped[0].reason


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "2"}, 2),
        ({"retry_after": "0"}, 0),
        ({"retry_after": "1.5"}, 1.5),
        ({"retry_after": "2", "retry_after_ms": "250"}, 0.25),
        ({"retry_after": "2", "retry_after_ms": "0"}, 2),
        ({"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30),
        ({"retry_after": "Wed, 21 Oct 2020 07:28:00 GMT"}, 0),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "9" * 400}, None),
        ({}, None),
    ],
)
def test_the_wait_is_read_as_the_official_clients_read_it(headers, seconds):
    [request] = next(plan("burst", "m", 3, 1))
    assert named_wait(answer(request, 429, **headers), now=1_792_567_650.0) == seconds


# ---------------------------------------------------------------------- a real limiter


def test_a_limiter_counts_by_key_and_window():
    clock = 100.0
    limiter = Limiter(2, 1.0, lambda: clock)
    assert [limiter.count("a").left for _ in range(4)] == [1, 0, -1, -1]
    assert limiter.count("b").left == 1
    assert limiter.count("a").headers()["retry_after"] == "1"
    clock = 100.75
    assert limiter.count("a").headers()["x_ratelimit_reset_requests"] == "250ms"
    clock = 101.0
    assert limiter.count("a").left == 1


async def burst_at(server: Reference, *, key: str | None = None, most: int | None = 20):
    """The exchanges of a burst against a server on a socket, whose clock only the waits of the burst move."""
    clock = [1_790_000_000.0]
    server.server.now = lambda: clock[0]
    found, waited = [], []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock[0] += seconds

    skipped = await reach_limits(
        Target(server.base_url, server.model, server.key), Limits(), most=most, limited_key=key, at_once=8,
        on_exchange=found.append, sleep=sleep,
    )  # fmt: skip
    return found, waited, skipped


async def test_a_real_limit_is_reached_judged_and_passes():
    with Reference(limit=LIMIT) as server:
        found, waited, skipped = await burst_at(server)
    assert (len(found), skipped, waited) == (9, [], [1 + SLACK])
    assert sorted(x.status for x in found) == [200] * (LIMIT + 1) + [429] * 3
    assert {x.streaming for x in found if x.status == 429} == {False, True}
    assert {v.check.id: (v.outcome, v.problems) for v in judge(found, OURS) if v.outcome != "pass"} == {}
    assert judge(found[:1], OURS)[0].outcome == "not-exercised"


async def test_a_key_that_is_used_up_costs_a_plain_a_streamed_request_and_one_after_the_wait():
    with Reference(limit=1) as server:
        server.server._limiter.window = 3600.0
        await burst_at(server)
        server.server._limiter.window = 1.0
        found, waited, skipped = await burst_at(server, key=server.key, most=None)
    assert [x.id for x in found] == ["limited-key.1", "limited-key.2+stream", "limited-key.recovery"]
    assert [x.status for x in found] == [429, 429, 200]
    assert (waited, skipped) == ([1 + SLACK], [])
    assert {v.check.id: v.problems for v in judge(found, OURS) if v.outcome not in ("pass", "not-exercised")} == {}


async def no_sleep(seconds: float) -> None:
    pass


async def test_what_the_budget_leaves_bounds_it():
    with Reference(limit=LIMIT) as server:
        target, found = Target(server.base_url, server.model, server.key), []
        options = {"at_once": 1, "on_exchange": found.append, "sleep": no_sleep}
        few = await reach_limits(target, Limits(), most=20, limited_key="sk-other", budget=Budget(2), **options)
        assert [s.id for s in few] == ["burst.1", "limited-key.1"]
        assert found == []
        await reach_limits(target, Limits(), most=20, limited_key=None, budget=Budget(4), **options)
    assert len(found) == 2


# ---------------------------------------------------------------------- the command


def test_the_command_provokes_the_limit_of_the_embedded_reference(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    code, out, _ = command(monkeypatch, capsys)(
        "--burst", "12", "--only", "rate.recovers", "--only", "rate.burst-status"
    )
    assert (code, "2 of 2 checks pass" in out) == (0, True)


def test_without_it_nothing_is_sent_and_the_checks_are_not_exercised(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    code, out, _ = command(monkeypatch, capsys)("--only", "rate.recovers", "--only", "rate.burst-status")
    assert code == 3
    assert "no check found anything to judge" in out
    run = (tmp_path / "reports/latest/run.jsonl").read_text()
    assert "burst.1" not in run


def test_no_file_holds_the_limited_key(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    monkeypatch.setenv("USED_UP", "sk-used-up-0123456789abcdef")
    with Reference() as server:
        code, out, err = command(monkeypatch, capsys)("--limited-key-env", "USED_UP", "--only", "rate", server=server)
    run = (tmp_path / "reports/latest/run.jsonl").read_text()
    assert "limited-key.1" in run
    assert "1 cheap request met no limit" in out
    assert "sk-used-up" not in run + out + err
    assert code == NOT_JUDGED  # of limits, which none was met of


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--burst", "2"], "a whole number from 3"),
        (["--burst", "many"], "a whole number from 1"),
        (["--limited-key-env", "sk-not-a-name"], "takes the name of an environment variable"),
        (["--limited-key-env", "USED_UP"], "needs --base-url"),
        (["--limited-key-env", "USED_UP", "--base-url", "http://127.0.0.1:9/v1"], "$USED_UP, which is not set"),
        (["--replay", "x.jsonl", "--burst", "9"], "--burst has no meaning with it"),
    ],
)
def test_mistakes_are_one_line(monkeypatch, capsys, tmp_path, arguments, said):
    elsewhere(monkeypatch, tmp_path)
    monkeypatch.delenv("USED_UP", raising=False)
    code, _, err = command(monkeypatch, capsys)(*arguments)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1


def test_the_longest_wait_is_a_minute():
    assert LONGEST_WAIT == 60
