"""What one endpoint may cost a command is counted in one place, whichever command asks."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from conformance.exchange.probe import Probe
from conformance.send.allowance import OPEN, SOON, Allowance, Allowances, Share
from conformance.send.kept_lines import KeptLines
from conformance.send.letters import letter
from conformance.send.limits import Limits
from conformance.send.network import Transport
from conformance.send.requests import Request
from conformance.send.target import Target, url_of
from tests.support.hostile import SSE, chunk, says, serve, whole

LIMITS = Limits(whole=1, run_bytes=1000, run_lines=100, run_values=100)
ASKED = Request("asked", Probe("asked"), "GET", "/models", (), None, None)


class Came:
    def __init__(self, ended="complete", status=200, body=b"{}"):
        self.ended, self.status, self.body = ended, status, body


def test_an_honest_endpoint_is_asked_on():
    allowance = Allowance(LIMITS)
    for _ in range(1000):
        allowance.came(Came(), 0.5)
    assert allowance.over is None


def waits(*seconds, limits=LIMITS, at_once=1, between=0.0):
    """Why an endpoint is asked no more that was waited for in vain for so long each time, so many at once."""
    now = [0.0]
    allowance = Allowance(limits, at_once=at_once, clock=lambda: now[0])
    for each in seconds:
        now[0] += each
        for _ in range(at_once):
            allowance.came(Came("timeout"), each)
        now[0] += between
        allowance.came(Came(), between)  # what becomes whole is not in vain
    return allowance.over


def test_waiting_in_vain_has_an_end_however_little_each_time_takes():
    assert waits(*[1.0] * 99) is None
    assert waits(*[1.0] * 100) == "answers before it were waited for in vain, for 100 s in all"


def test_those_that_wait_at_once_wait_once():
    assert waits(50.0, at_once=8) is None
    assert waits(50.0, 50.0, at_once=8) is not None


def test_of_two_that_overlap_what_both_wait_counts_once():
    now = [0.0]
    allowance = Allowance(LIMITS, clock=lambda: now[0])
    for at, seconds in ((50.0, 50.0), (52.0, 1.0), (90.0, 50.0), (95.0, 95.0)):
        now[0] = at
        allowance.came(Came("timeout"), seconds)
        assert allowance.over is None
    now[0] = 100.0
    allowance.came(Came("timeout"), 10.0)
    assert allowance.over == "answers before it were waited for in vain, for 100 s in all"


def test_a_slow_endpoint_that_is_asked_for_long_may_hang_more_often():
    assert waits(50.0, 50.0, 50.0, between=200.0) is None
    assert waits(50.0, 50.0, 50.0, between=1.0) is not None


def test_a_longer_time_out_is_waited_for_twice():
    assert waits(600.0, limits=Limits(whole=600)) is None
    assert waits(600.0, 600.0, limits=Limits(whole=600)) is not None


def test_steps_of_one_command_share_what_an_endpoint_may_cost():
    allowances = Allowances()
    allowances.of("http://here/v1", LIMITS).take(b"x" * 1000)
    assert allowances.of("http://here/v1/", LIMITS).over == "the answers before it came to 1,000 bytes"
    assert allowances.of("http://there/v1", LIMITS).over is None


def test_streams_that_stay_open_are_left_sooner_when_that_is_known():
    allowance = Allowance(Limits())
    for _ in range(OPEN):
        assert allowance.limits.after_done == Limits.after_done
        allowance.came(Came("timeout", body=b"data: {}\n\ndata: [DONE]\n\n"), 2.0)
    assert allowance.limits.after_done == SOON
    assert allowance.over is None


def test_requests_in_a_row_without_an_answer_have_an_end():
    allowance = Allowance(replace(LIMITS, unanswered=3))
    for status in (None, None, 200, None, None, None):
        assert allowance.over is None
        allowance.came(Came("cut", status), 0.0)
    assert allowance.over == "the 3 requests before it got no answer"


@pytest.mark.parametrize(
    ("body", "why"),
    [(b"x" * 1001, "came to 1,000 bytes"), (b"\n" * 101, "more than is judged"), (b"," * 101, "more than is judged")],
)
async def test_the_room_of_all_answers_together_has_an_end(body, why):
    allowance = Allowance(LIMITS)
    async with serve(says(whole(body))) as url, httpx.AsyncClient() as http:
        first = await allowance.send(ASKED, Target(url, "m"), http)
        second = await allowance.send(ASKED, Target(url, "m"), http)
    assert first.ended == "limit"
    assert why in (allowance.over or "")
    assert (second.status, second.failure) == (None, f"not sent: {allowance.over}")


def test_each_request_of_a_load_widens_the_room_but_never_beyond_the_first():
    allowance = Allowance(LIMITS, share=Share(left=100, lines=10, values=10))
    for _ in range(50):
        allowance.begin()
        allowance.take(b"\n" * 10)
    assert allowance.over is None
    assert allowance.room.lines == 90
    for _ in range(10):
        allowance.begin()
        allowance.take(b"\n" * 20)
    assert allowance.over is not None


async def test_chunks_cost_work_each_however_small_they_are():
    """A body of a million chunks of one byte would cost 20 s, though it is short."""
    limits = Limits(whole=30, portions=50, run_portions=80)
    allowance = Allowance(limits)
    async with serve(says(SSE + chunk(b"x") * 60)) as url, httpx.AsyncClient(transport=Transport()) as http:
        first = await allowance.send(ASKED, Target(url, "m"), http)
        second = await allowance.send(ASKED, Target(url, "m"), http)
    assert (first.failure, len(first.body)) == ("not judged: more than 50 portions in one body (limit: portions)", 50)
    assert second.failure == "not judged: more than 80 portions in all bodies of this run (limit: portions)"
    assert allowance.over is not None


async def test_a_load_counts_chunks_likewise():
    allowance = Allowance(Limits(whole=30, portions=5_000))
    async with serve(says(SSE + chunk(b"x") * 6_000 + b"0\r\n\r\n")) as url:
        target = Target(url, "m")
        asked = replace(ASKED, method="POST", body=b"{}")
        async with KeptLines(target, allowance) as lines:
            got = await lines.ask("1", letter(asked, target, url_of(url, asked), "STAND-IN"), b"text")
    assert got.failure == "not judged: more than 5,000 portions in one body (limit: portions)"
