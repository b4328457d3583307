"""An endpoint that says "not now": waited for at the start, asked again in mid-run, and each refusal judged."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from conformance.areas.questions import LIST
from conformance.exchange import REFUSED, Exchange
from conformance.exchange.probe import POLLED, Probe
from conformance.reference.lies import Lie
from conformance.report.rows import remarks
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.run_file import read
from conformance.send.budget import Budget
from conformance.send.cannot_judge import CannotJudge
from conformance.send.embedded import Reference
from conformance.send.limits import Limits
from conformance.send.patience import IN_VAIN, POLLS, UNDER_WAY, Patience, loading, unfinished
from conformance.send.preflight import preflight
from conformance.send.requests import requests
from conformance.send.retries import Asker
from conformance.send.target import Target
from tests.support.hostile import serve, whole

pytestmark = pytest.mark.usefixtures("slept")

ASKED = requests(Probe("a", {}), "m")[0]
LOADING = b'{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}'


def answers(*told):
    """Sends these (status, Retry-After), one after another, and the last from then on."""
    left = list(told)

    async def send(request):
        status, after = left.pop(0) if len(left) > 1 else left[0]
        headers = (("Retry-After", after),) if after is not None else ()
        return Exchange(request.id, "POST", "http://h/v1/x", (), request.body or b"", status, headers, b"{}")

    return send


async def asked(rule, *told, request=ASKED):
    kept = []
    return await Asker(answers(*told), kept.append, Budget(), (rule,)).ask(request), kept


# ---------------------------------------------------------------------- in mid-run


@pytest.mark.parametrize(
    ("told", "waits", "status"),
    [
        ([(429, "3"), (200, None)], [3], 200),
        ([(503, "1.5"), (200, None)], [1.5], 200),
        ([(429, "0"), (200, None)], [0.5], 200),  # both SDKs take their own backoff then
        ([(429, "3"), (429, "3"), (200, None)], [3, 6], 200),  # too short: another client was quicker
        ([(429, "3")], [3, 6, 12, 24], 429),
        ([(429, "61")], [], 429),
        ([(429, "soon")], [], 429),
        ([(429, None)], [], 429),
        ([(500, "1")], [], 500),
        ([(429, "Thu, 01 Jan 1970 00:16:50 GMT"), (200, None)], [10], 200),
    ],
)
async def test_what_says_when_to_come_back_is_asked_again_then(slept, told, waits, status):
    x, kept = await asked(Patience(60, now=lambda: 1000.0, served=True), *told)
    assert (x.status, slept) == (status, waits)
    assert len(kept) == len(waits)


async def test_a_503_that_names_no_time_is_waited_for_until_something_was_served(slept):
    rule = Patience(60)
    x, _ = await asked(rule, (503, None), (503, None), (200, None))
    assert (x.status, slept) == (200, [0.5, 1.0])
    x, kept = await asked(rule, (503, None))
    assert (x.status, kept) == (503, [])


async def test_a_situation_that_a_probe_stages_is_not_waited_out(slept):
    staged = requests(Probe("s", {}, stage="rate-limited"), "m")[0]
    x, _ = await asked(Patience(60), (429, "2"), (200, None), request=staged)
    assert (x.status, slept) == (429, [])


async def test_an_endpoint_that_stays_busy_is_not_waited_for_for_ever(slept):
    rule = Patience(60)
    for _ in range(IN_VAIN + 5):
        await asked(rule, (429, "40"))
    assert slept == [40] * IN_VAIN


# ---------------------------------------------------------------------- at the start


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        ([(503, None), (200, None)], [0.5]),
        ([(503, "7"), (200, None)], [7]),
        ([(502, None), (503, None), (401, None)], [0.5, 1.0]),
        ([(429, "5"), (200, None)], [5]),
        ([(429, None)], []),
        ([(500, None)], []),
        ([(503, "61")], []),
        ([(503, "25")], [25, 25, 10]),
    ],
)
async def test_an_endpoint_that_loads_is_asked_until_it_is_up(slept, told, waits):
    await asked(lambda request, x: loading(request, x, 60), *told)
    assert slept == waits


def starting(*first, then=(200, b'{"data": [{"id": "m"}]}', b"Content-Type: application/json")):
    left = list(first)

    async def answer(writer, request):
        status, body, *headers = left.pop(0) if left else then
        writer.write(whole(body, *headers, status=b"%d X" % status))

    return answer


async def test_the_refusals_before_the_first_answer_are_handed_out():
    refused = []
    async with serve(starting((503, LOADING), (503, LOADING, b"Retry-After: 1"))) as url:
        model, x = await preflight(Target(url, ""), None, Limits(), wait=60, on_refusal=refused.append)
    assert (model, x.id, x.status) == ("m", LIST.name, 200)
    assert [(r.id, r.status, r.header("retry-after")) for r in refused] == [
        (f"{LIST.name}{REFUSED}", 503, None),
        (f"{LIST.name}{REFUSED}2", 503, "1"),
    ]


async def test_a_port_where_nothing_listens_yet_is_waited_for(slept, caplog):
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(CannotJudge, match=r"nothing listens at .* waited for 60 s \(--wait\)"):
        await preflight(Target(url, ""), None, Limits(), wait=60)
    assert sum(slept) == 60
    [said] = caplog.messages
    assert "waiting up to 60 s" in said


async def test_what_gives_no_hope_is_not_waited_for(slept):
    for url in ("http://no-such-host.invalid/v1", "https://127.0.0.1:1x/v1"):
        with pytest.raises(CannotJudge):
            await preflight(Target(url, ""), None, Limits(), wait=60)
    assert slept == []


@pytest.mark.parametrize("status", [429, 503])
async def test_that_it_was_waited_for_in_vain_is_said_with_the_time_it_named(status):
    async with serve(starting(then=(status, LOADING, b"Retry-After: 90"))) as url:
        with pytest.raises(CannotJudge, match=rf"{status}\b.*Loading model.*; Retry-After: 90.*a longer --wait"):
            await preflight(Target(url, ""), None, Limits(), wait=60)


# ---------------------------------------------------------------------- a run


def run(folder, monkeypatch, reply):
    with Reference(lie=Lie("busy", "", reply=reply)) as server:
        monkeypatch.setenv("BUSY_KEY", server.key)
        given = {"base_url": server.base_url, "api_key_env": "BUSY_KEY", "report": str(folder), "sdk": "off"}
        return conduct(Options.make(given)), read(folder / "run.jsonl")


def unavailable(reply, status=503, **headers):
    kind, code = {503: ("service_unavailable_error", "server_is_overloaded"), 429: ("requests", "rate_limit_exceeded")}[
        status
    ]
    body = {"error": {"message": "Not now.", "type": kind, "param": None, "code": code}}
    return replace(reply, status=status, body=body, chunks=None).with_headers(
        content_type="application/json", **headers
    )


def test_a_server_that_loads_is_judged_and_that_it_named_no_time_is_advised(tmp_path, monkeypatch):
    calls = iter(range(100_000))
    done, found = run(tmp_path, monkeypatch, lambda call, reply: unavailable(reply) if next(calls) < 3 else reply)
    assert done.exit_code == 0
    assert [x.id for x in found.exchanges if REFUSED in x.id] == [f"{LIST.name}{REFUSED}"]
    told = {v.check.id: v for v in done.verdicts}
    assert told["rate.retry-after-sent"].outcome == "fail"
    assert told["rate.retry-after-sent"].problems[0][0] == (f"{LIST.name}{REFUSED}",)


def test_a_server_whose_list_is_there_before_its_model_is_waited_for(tmp_path, monkeypatch):
    calls = iter(range(100_000))

    def reply(call, reply):
        return unavailable(reply) if call.method == "POST" and next(calls) < 20 else reply

    done, _ = run(tmp_path, monkeypatch, reply)
    assert done.exit_code == 0
    assert {v.outcome for v in done.verdicts if v.check.area in ("chat", "stream")} <= {"pass", "not-exercised"}


def test_a_busy_server_loses_nothing_and_its_refusals_are_judged(tmp_path, monkeypatch):
    calls = iter(range(100_000))

    def reply(call, reply):
        busy = call.method == "POST" and next(calls) % 5 == 4
        return unavailable(reply, 429, retry_after="1s") if busy else reply

    done, found = run(tmp_path, monkeypatch, reply)
    assert {x.status for x in found.exchanges if REFUSED in x.id} == set()
    assert "rate.retry-after" in {
        v.check.id for v in done.verdicts if v.red()
    }  # 1s is no number: nobody can wait for it

    calls = iter(range(100_000))

    def reply(call, reply):
        busy = call.method == "POST" and next(calls) % 5 == 4
        return unavailable(reply, 429, retry_after="1") if busy else reply

    done, found = run(tmp_path, monkeypatch, reply)
    assert {x.status for x in found.exchanges if REFUSED in x.id} == {429}
    assert not [x.id for x in found.exchanges if x.status == 429 and REFUSED not in x.id]
    assert any("the endpoint was busy" in remark for remark in remarks(found))
    assert [v.check.id for v in done.verdicts if v.red() or v.outcome == "untestable"] == []


# ---------------------------------------------------------------------- what is made meanwhile

LOOK = requests(Probe("look", method="GET", path="/batches/b", intent=frozenset({POLLED})), "m")[0]


async def looked(*states, request=LOOK):
    """The last status seen, and how many looks there were."""
    left, seen = list(states), []

    async def send(request):
        state = left.pop(0) if len(left) > 1 else left[0]
        body = state if isinstance(state, bytes) else b'{"status": "%s"}' % state.encode()
        x = Exchange(request.id, "GET", "http://h/v1/batches/b", (), b"", 200, (), body)
        seen.append(x)
        return x

    kept = []
    x = await Asker(send, kept.append, Budget(), (unfinished,)).ask(request)
    return x.body, len(seen), [each.id for each in kept]


@pytest.mark.parametrize("state", UNDER_WAY)
async def test_what_is_being_made_is_looked_at_again_until_it_is_done(state, slept):
    body, looks, kept = await looked(state, state, "completed")
    assert (body, looks) == (b'{"status": "completed"}', 3)
    assert len(kept) == 2
    assert slept[-2:] == list(POLLS[:2])


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled", "expired", "unheard of", b"no json", b"[]"])
async def test_an_end_is_looked_at_once(end):
    assert (await looked(end))[1] == 1


async def test_what_is_never_done_is_left_after_a_bounded_time(slept):
    body, looks, _ = await looked("in_progress")
    assert (body, looks) == (b'{"status": "in_progress"}', 1 + len(POLLS))
    assert sum(POLLS) <= 15


async def test_who_did_not_mean_to_wait_looks_once():
    assert (await looked("in_progress", request=ASKED))[1] == 1
