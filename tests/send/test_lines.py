"""Which connection a request goes over, beside which others, and why it is not sent."""

from __future__ import annotations

import asyncio

import pytest

from conformance.exchange.probe import Manner, Probe
from conformance.send.fetch import fetch
from conformance.send.plan import planned_requests
from conformance.send.target import Target
from tests.support.asking import PATIENT
from tests.support.hostile import serve, whole

FIRST = Probe("first", {"n": 1})


def second(**manner):
    return Probe("second", {"n": 2}, manner=Manner(over="first", **manner))


class Kept:
    """A server whose connections go on: it keeps which request came over which of them; `after` is done after each answer."""

    def __init__(self, *headers, after=lambda writer: None):
        self.headers, self.after, self.seen = headers, after, []

    async def __call__(self, writer, request):
        self.seen.append((writer.get_extra_info("peername"), request.partition(b"\r\n\r\n")[2]))
        writer.write(whole(b"{}", *self.headers))
        self.after(writer)


async def sent(server, *probes, **options):
    got = {}
    async with serve(server, kept=True) as url:
        skipped = await fetch(
            probes, Target(url, "m"), PATIENT, on_exchange=lambda x: got.setdefault(x.id, x), **options
        )
    return got, dict(skipped)


async def test_a_request_goes_over_the_connection_of_an_earlier_one():
    server = Kept()
    got, skipped = await sent(server, second(), FIRST, Probe("other", {"n": 3}))
    over = {body: peer for peer, body in server.seen}
    assert skipped == {}
    assert {x.status for x in got.values()} == {200}
    one, two, other = (over[got[id].request_body] for id in ("first", "second", "other"))
    assert one == two != other


async def test_a_chain_goes_over_one_connection():
    server = Kept()
    got, _ = await sent(server, FIRST, second(), Probe("third", {"n": 3}, manner=Manner(over="second")))
    assert len(got) == 3
    assert len({peer for peer, _ in server.seen}) == 1


async def test_what_an_answer_called_closed_carries_nothing_more():
    got, skipped = await sent(Kept(b"Connection: close"), FIRST, second())
    assert set(got) == {"first"}
    assert skipped == {"second": "the connection of first did not outlast its answer"}


async def test_what_was_closed_without_a_word_is_seen_by_the_next_request():
    got, skipped = await sent(Kept(after=lambda writer: writer.close()), FIRST, second())
    assert skipped == {}
    assert (got["second"].status, got["second"].ended) == (None, "cut")


async def test_what_was_closed_in_silence_carries_nothing_more():
    def soon(writer):
        asyncio.get_running_loop().call_later(0.05, writer.close)

    _, skipped = await sent(Kept(after=soon), FIRST, second(idle=0.3))
    assert skipped == {"second": "the endpoint closed the connection of first within 0.3 s of silence, as it may"}


async def test_a_request_over_a_connection_that_there_is_not_is_not_sent():
    _, skipped = await sent(Kept(), Probe("second", {}, manner=Manner(over="nothing")))
    assert skipped == {"second": "nothing, over whose connection it goes, was not sent"}


def beside(count, **more):
    return [Probe(f"m{n}", {"n": n}, manner=Manner(beside="group"), **more) for n in range(count)]


async def test_what_is_to_be_sent_at_once_is():
    flying, together = 0, asyncio.Event()

    async def answer(writer, request):
        nonlocal flying
        if b'"beside"' in request:
            flying += 1
            if flying == 3:
                together.set()
            await together.wait()
        writer.write(whole(b"{}"))

    got = []
    group = [Probe(f"m{n}", {"beside": n}, manner=Manner(beside="group")) for n in range(3)]
    async with serve(answer) as url:
        many = [*(Probe(f"p{n}", {}) for n in range(4)), *group, *(Probe(f"q{n}", {}) for n in range(4))]
        await fetch(many, Target(url, "m"), PATIENT, concurrency=3, on_exchange=got.append)
    assert len(got) == 11
    assert {x.status for x in got} == {200}


async def test_more_at_once_than_is_allowed_is_not_sent():
    got, skipped = await sent(Kept(), *beside(3), concurrency=2)
    assert got == {}
    assert skipped == dict.fromkeys(("m0", "m1", "m2"), "--concurrency 2 lets no 3 requests be under way at once")


async def test_who_leaves_does_so_alone_and_last():
    flying, others = set(), []

    async def answer(writer, request):
        name = request.partition(b'"name": "')[2].partition(b'"')[0]
        flying.add(name)
        await asyncio.sleep(0.02)
        if name == b"leaver":
            others.append(flying - {name})
        flying.discard(name)
        writer.write(whole(b"{}"))

    got = []
    leaver = Probe("leaver", {"name": "leaver"}, manner=Manner(leaves="midway"))
    after = Probe("after", {"name": "after"}, after="leaver")
    async with serve(answer) as url:
        many = [leaver, after, *(Probe(f"p{n}", {"name": f"p{n}"}) for n in range(9))]
        await fetch(many, Target(url, "m"), PATIENT, concurrency=4, on_exchange=got.append)
    assert others == [set()]
    assert [x.id for x in got][-2:] == ["leaver", "after"]


def test_what_comes_after_a_leaver_is_planned_last():
    leaver = Probe("leaver", {}, manner=Manner(leaves="waiting"))
    planned = planned_requests([Probe("after", {}, after="leaver"), leaver, Probe("x", {})], Target("http://h", "m"))
    assert [request.id for request in planned] == ["x", "leaver", "after"]


OFFER = (("Connection", "Upgrade"), ("Upgrade", "h2c"))
BEHIND_A_PROXY = [
    {"headers": OFFER},
    *({"manner": manner} for manner in (Manner(portions=2), Manner(expects=True), Manner(leaves="waiting"))),
]


@pytest.mark.parametrize("how", BEHIND_A_PROXY)
async def test_behind_a_proxy_what_only_it_would_see_is_not_sent(how, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    skipped = await fetch(
        [Probe("x", {}, **how)], Target("http://api.example.test/v1", "m"), PATIENT, on_exchange=print
    )
    assert dict(skipped) == {"x": "a proxy of the environment stands between, and it is the proxy that would see this"}


async def test_over_tls_no_client_offers_http2_so():
    skipped = await fetch(
        [Probe("x", {}, headers=OFFER)], Target("https://127.0.0.1:9/v1", "m"), PATIENT, on_exchange=print
    )
    assert "over plain http alone" in dict(skipped)["x"]
