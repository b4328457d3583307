"""In which order requests are sent, how many at once, and which not at all."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace

import pytest

from conformance.areas.catalogue import probes
from conformance.exchange.probe import EARLIER, Probe
from conformance.send.allowance import Allowance
from conformance.send.budget import Budget
from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from conformance.send.plan import planned_requests
from conformance.send.requests import requests
from conformance.send.target import Target
from tests.support.asking import PATIENT, ask, head
from tests.support.hostile import FOREVER, serve, whole


class Counting:
    """A server that answers only once `together` requests are in flight at the same time, or nothing more is to come."""

    def __init__(self, together, total):
        self.together, self.left = together, total
        self.flying = self.most = 0
        self.full = asyncio.Event()

    async def __call__(self, writer, request):
        self.flying += 1
        self.most = max(self.most, self.flying)
        if self.flying >= min(self.together, self.left):
            self.full.set()
        await self.full.wait()
        if self.flying == 1:
            self.full.clear()
        self.flying -= 1
        self.left -= 1
        writer.write(whole(b"{}"))


@pytest.mark.parametrize("concurrency", [1, 3, 8])
async def test_so_many_requests_are_in_flight_and_never_more(concurrency):
    server, got = Counting(concurrency, 24), []
    async with serve(server) as url:
        many = [Probe(f"p{n}", {}) for n in range(24)]
        await fetch(many, Target(url, "m"), PATIENT, concurrency=concurrency, on_exchange=got.append)
    assert server.most == concurrency
    assert {x.status for x in got} == {200}
    assert len({x.id for x in got}) == 24


def planned(earlier):
    return {"from": len(earlier)}


def build(name):
    return lambda earlier: {"from": earlier and earlier.id, "name": name}


CHAIN = [
    Probe("alone", {}),
    Probe("c", after="b", build=build("c")),
    Probe("a", {}),
    Probe("b", after="a", build=build("b")),
    Probe("other", {}),
]


async def test_longest_chains_go_first_and_each_request_after_what_it_is_built_from():
    sent = []
    got, skipped = await ask(sent, lambda url: Target(url, "m"), *CHAIN, concurrency=1)
    assert [x.id for x in got] == ["a", "b", "alone", "c", "other"]
    assert [x.asked.get("from") for x in got] == [None, "a", None, "b", None]
    assert skipped == []


async def test_a_request_waits_for_nothing_but_what_it_is_built_from():
    """`b` is sent while the slow request, on which it does not depend, has no answer yet."""
    b_is_there = asyncio.Event()

    async def answer(writer, request):
        if b'"name": "b"' in request:
            b_is_there.set()
        elif b'"slow"' in request:
            await b_is_there.wait()
        writer.write(whole(b"{}"))

    got = []
    chain = [Probe("slow", {"slow": 1}), *(p for p in CHAIN if p.name in ("a", "b"))]
    async with serve(answer) as url:
        await fetch(chain, Target(url, "m"), PATIENT, concurrency=2, on_exchange=got.append)
    assert got[0].id == "a"
    assert {x.ended for x in got} == {"complete"}


async def test_no_request_of_ours_arrives_before_the_answer_it_is_built_from():
    """All real probes, at the concurrency of a run: what has been answered when a request arrives holds its `after`."""
    answered, early = set(), []
    target = Target("", "m")
    after = {r.id: r.after for p in probes() for r in requests(p, "m")}
    marked = [Probe(p.name, p.body, headers=(("X-Name", p.name),), streamed=p.streamed, after=p.after or p.manner.over,
                    build=p.build and (planned if p.after == EARLIER else build(p.name)), method="POST")
              for p in probes() if p.stage is None]  # fmt: skip

    async def answer(writer, request):
        name = head(request)[1]["X-Name"]
        name += "+stream" if b'"stream": true' in request and f"{name}+stream" in after else ""
        before = {id for id in after if id.startswith("chat.")} if after[name] == EARLIER else {after[name]} - {None}
        if not before <= answered:
            early.append(name)
        await asyncio.sleep(0)
        answered.add(name)
        writer.write(whole(b"{}"))

    got = []
    async with serve(answer) as url:
        skipped = await fetch(marked, Target(url, "m"), PATIENT, on_exchange=got.append)
    assert early == []
    assert skipped == []
    assert {x.id for x in got} == {r.id for p in marked for r in requests(p, "m")}
    assert planned_requests(marked, target)[0].id in {value for value in after.values() if value}


async def test_what_is_there_already_is_not_sent_again():
    sent = []
    first, _ = await ask([], lambda url: Target(url, "m"), *CHAIN)
    have = {x.id: x for x in first if x.id in ("a", "alone")}
    got, _ = await ask(sent, lambda url: Target(url, "m"), *CHAIN, have=have)
    assert sorted(x.id for x in got) == ["b", "c", "other"]
    assert len(sent) == 3
    assert next(x for x in got if x.id == "b").asked["from"] == "a"


async def test_a_budget_bounds_what_is_sent_and_names_what_was_left_out():
    sent = []
    first, _ = await ask([], lambda url: Target(url, "m"), CHAIN[0])
    got, skipped = await ask(
        sent, lambda url: Target(url, "m"), *CHAIN, have={x.id: x for x in first}, budget=Budget(2), concurrency=1
    )
    assert sorted(x.id for x in got) == ["a", "b"]
    assert len(sent) == 2
    assert [tuple(s) for s in skipped] == [(id, "--budget-requests 2 was reached") for id in ("c", "other")]


async def test_a_probe_whose_answer_gives_nothing_is_skipped_and_so_is_only_what_needs_it():
    nothing = Probe("a2", after="a", build=lambda earlier: None)
    last = Probe("a3", after="a2", build=build("a3"))
    got, skipped = await ask([], lambda url: Target(url, "m"), CHAIN[2], nothing, last)
    assert [tuple(s) for s in skipped] == [("a2", "the answer to a gives nothing to send")]
    assert next(x for x in got if x.id == "a3").asked["from"] is None


async def test_staged_probes_go_only_to_a_server_that_can_stage():
    staged = Probe("s", {}, stage="overloaded")
    got, skipped = await ask([], lambda url: Target(url, "m"), staged)
    assert (got, skipped) == ([], [])
    got, _ = await ask([], lambda url: Target(url, "m", stages=True), staged)
    assert [x.id for x in got] == ["s"]


async def test_stopping_a_run_leaves_no_request_behind():
    flying = []

    async def hang(writer, request):
        flying.append(request)
        await asyncio.sleep(FOREVER)

    async with serve(hang) as url:
        task = asyncio.create_task(
            fetch([Probe(f"p{n}", {}) for n in range(9)], Target(url, "m"), PATIENT, on_exchange=print)
        )
        while len(flying) < 8:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
    assert len(flying) == 8
    assert [t for t in asyncio.all_tasks() if t is not asyncio.current_task()] == []


_MADE = re.compile(rb"[0-9a-f]{12,}")
"""What is made of the number of a request, which hangs on what came between."""
_ASIDE = {"date", "connection", "content-encoding", "upgrade", "sec-websocket-accept", "sec-websocket-extensions"}
"""Headers of the server's, and one that hangs on the length of a list, which others may have made longer."""


async def test_the_reference_over_a_socket_says_the_same_as_within_the_process():
    """The proofs of the checks judge answers that never saw a socket: they must be those a live run sees."""
    from conformance.send import inprocess
    from conformance.send.embedded import Reference

    inside, live = {x.id: x for x in inprocess.exchanges()}, {}
    with Reference() as server:
        target = Target(server.base_url, server.model, server.key, stages=True, models=server.server.models)
        skipped = await fetch(probes(), target, PATIENT, on_exchange=lambda x: live.setdefault(x.id, x))
    assert {id for id, _ in skipped} == {"mistakes.too-long", "mistakes.too-long-streamed"}, (
        "the reference told its window"
    )
    assert set(inside) - set(live) == {probe.name for probe in probes() if probe.manner.http2}
    assert set(live) <= set(inside)
    for id, x in live.items():
        assert (x.status, x.ended, x.intent) == (inside[id].status, inside[id].ended, inside[id].intent), id
        bodies = [_MADE.sub(b"", side.request_body.partition(b'"id"')[0]) for side in (x, inside[id])]
        assert bodies[0] == bodies[1], id
        names = [{name.lower() for name, _ in side.headers} for side in (x, inside[id])]
        assert names[0] - _ASIDE == names[1] - _ASIDE, id
        if x.ok and not x.streaming and x.media_type == "application/json":
            assert set(json.loads(x.body)) == set(json.loads(inside[id].body)), id


async def test_what_is_to_be_last_is_sent_after_all_others_and_alone():
    flying, most, order = 0, {}, []

    async def answer(writer, request):
        nonlocal flying
        flying += 1
        name = json.loads(request.partition(b"\r\n\r\n")[2])["name"]
        order.append(name)
        await asyncio.sleep(0.01)
        most[name] = flying
        flying -= 1
        writer.write(whole(b"{}"))

    last = [Probe(f"l{n}", {"name": f"l{n}"}, last=True) for n in range(2)]
    others = [Probe(f"p{n}", {"name": f"p{n}"}) for n in range(9)]
    async with serve(answer) as url:
        await fetch([*last, *others], Target(url, "m"), PATIENT, on_exchange=lambda x: None)
    assert order[-2:] == ["l0", "l1"]
    assert (most["l0"], most["l1"]) == (1, 1)


def windowed(window, counts=lambda words: words):
    """A server with this context window, which tells it nowhere; `counts` are the tokens that it says it has read."""

    async def answer(writer, request):
        words = len(json.loads(request.partition(b"\r\n\r\n")[2])["messages"][0]["content"].split())
        if words > window:
            return writer.write(whole(b"{}", status=b"400 Bad Request"))
        body = {"object": "chat.completion", "usage": {"prompt_tokens": counts(words)}}
        return writer.write(whole(json.dumps(body).encode(), b"Content-Type: application/json"))

    return answer


@pytest.mark.parametrize(
    ("server", "sent", "left"),
    [
        (windowed(4096), [("", 5_000, 400), ("-streamed", 5_000, 400)], None),
        (windowed(8192), [("~served", 5_000, 200), ("", 40_000, 400), ("-streamed", 40_000, 400)], None),
        (windowed(10**6), [("~served", 5_000, 200), ("~served2", 40_000, 200), ("", 300_000, 200)],
         "a prompt of 300,000 words was served, and nothing longer is sent"),
        (windowed(10**6, lambda words: 2048), [("", 5_000, 200)],  # cut in silence: that is the finding
         "a prompt of 5,000 words was served, and nothing longer is sent"),
    ],
    ids=["4k", "8k", "1M", "cuts"],
)  # fmt: skip
async def test_a_prompt_beyond_the_window_grows_until_it_is_refused(server, sent, left):
    these, got = [p for p in probes() if p.name.startswith("mistakes.too-long")], []
    async with serve(server) as url:
        skipped = await fetch(these, Target(url, "m"), PATIENT, on_exchange=got.append)
    seen = [(x.id.removeprefix("mistakes.too-long"), x.request_body.count(b"word "), x.status) for x in got]
    assert seen == sent
    assert [reason for _, reason in skipped] == ([left] if left else [])


@pytest.mark.parametrize(
    ("told", "words", "why"),
    [
        ({"max_model_len": 2048}, [4096, 4096], "a window of 2,048 tokens is told, so none is looked for"),
        ({"context_window": 1_000_000}, [], "a window of 1,000,000 tokens is told, and nothing longer is sent"),
        ({}, [], "no context window is told; --depth deep looks for it with prompts of up to 300,000 words"),
    ],
    ids=["told", "too large", "unknown"],
)
async def test_a_prompt_beyond_the_window_is_asked_where_the_window_is_told(told, words, why):
    these = [p for p in probes() if p.name.startswith(("mistakes.window", "mistakes.too-long"))]
    deep, usual = ([p for p in these if (p.depth == "deep") is which] for which in (True, False))
    listed = (await ask([], lambda url: Target(url, "m"), Probe("models.list", {})))[0][0]
    listed = replace(listed, body=json.dumps({"data": [{"id": "m", **told}]}).encode(), memo={})
    got = []
    async with serve(windowed(2048)) as url:
        skipped = await fetch(usual, Target(url, "m"), PATIENT, have={listed.id: listed}, on_exchange=got.append)
        if words:
            skipped = await fetch(deep, Target(url, "m"), PATIENT, have={listed.id: listed}, on_exchange=got.append)
    assert [x.request_body.count(b"word ") for x in got] == words
    assert [reason for _, reason in skipped] == [why, why]


async def test_a_window_is_told_by_an_error_that_names_it_too():
    these = [p for p in probes() if p.name.startswith("mistakes.window")]
    refused = (await ask([], lambda url: Target(url, "m"), Probe("chat.huge", {"messages": []})))[0][0]
    said = "This model's maximum context length is 1,024 tokens. However, you requested 99999 tokens."
    refused = replace(refused, status=400, body=json.dumps({"error": {"message": said}}).encode(), memo={})
    got = []
    async with serve(windowed(1024)) as url:
        await fetch(these, Target(url, "m"), PATIENT, have={refused.id: refused}, on_exchange=got.append)
    assert [x.request_body.count(b"word ") for x in got] == [2048, 2048]


class Tiring:
    """Every second request gets the head of an answer and then nothing, or one byte of it now and then."""

    def __init__(self, drips):
        self.drips, self.asked = drips, 0

    async def __call__(self, writer, request):
        self.asked += 1
        if self.asked % 2:
            writer.write(whole(b"{}"))
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
        while True:
            await asyncio.sleep(0.05 if self.drips else FOREVER)
            writer.write(b" ")
            await writer.drain()


@pytest.mark.parametrize("drips", [True, False])
async def test_an_endpoint_that_is_late_again_and_again_is_asked_no_more(drips):
    server, got, limits = Tiring(drips), [], Limits(whole=0.2, first_byte=0.1, silence=0.1)
    async with serve(server) as url:
        many = [Probe(f"p{n}", {}) for n in range(100)]
        skipped = await fetch(many, Target(url, "m"), limits, on_exchange=got.append)
    late = sum(x.ended == "timeout" for x in got)
    assert late == 16  # none was under way whose lateness would have been one too many
    assert len(skipped) > 40
    assert {reason.partition(" ")[2] for _, reason in skipped} == {
        "requests before it took longer than --timeout allows"
    }


class Lingering:
    """Says all of a stream, and never ends it."""

    async def __call__(self, writer, request):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: [DONE]\n\n")
        await writer.drain()
        await asyncio.sleep(FOREVER)


async def test_what_was_said_whole_is_not_late():
    got, limits = [], Limits(whole=5, after_done=0.01)
    async with serve(Lingering()) as url:
        many = [Probe(f"p{n}", {}) for n in range(30)]
        assert await fetch(many, Target(url, "m"), limits, on_exchange=got.append) == []
    assert len(got) == 30


async def test_what_is_planned_from_all_answers_is_sent_last_and_gets_them_all():
    planned = Probe("planned", after=EARLIER, build=lambda earlier: {"from": sorted(x.id for x in earlier)})
    empty = Probe("empty", after=EARLIER, build=lambda earlier: None)
    got, skipped = await ask([], lambda url: Target(url, "m"), planned, *CHAIN, empty)
    assert (got[-1].id, got[-1].asked["from"]) == ("planned", ["a", "alone", "b", "c", "other"])
    assert [(each.id, each.reason) for each in skipped] == [("empty", "what was answered before gives nothing to send")]
    assert (await ask([], lambda url: Target(url, "m"), planned))[0][0].asked["from"] == []


async def test_an_endpoint_that_was_waited_for_in_vain_too_long_ends_the_run():
    """Each hangs alone, so that it takes a clock to tell: 16 that are late would take 16 times as long."""
    chain = [Probe(f"n{n}", {}, after=f"n{n - 1}" if n else None, build=lambda x: {}) for n in range(6)]
    got, budget = [], Budget()
    limits = Limits(whole=0.2, vain=0.5)
    async with serve(lambda writer, request: asyncio.sleep(FOREVER)) as url:
        skipped = await fetch(
            chain, Target(url, "m"), limits, budget=budget, allowance=Allowance(limits), on_exchange=got.append
        )
    assert {x.ended for x in got} == {"timeout"}
    assert 1 <= len(got) <= 3
    assert len(got) + len(skipped) == len(chain)
    assert all(reason.endswith("in all (--timeout)") for _, reason in skipped)
    assert budget.said(skipped)[0].startswith(f"--timeout ended the run early: {len(skipped)} requests were not sent")
