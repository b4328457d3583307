"""Connections that are kept: whatever an endpoint does over one is told as over a connection of its own, and requests share them."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from dataclasses import replace

import pytest
import trustme

from conformance.exchange.probe import Probe
from conformance.send.allowance import Allowance
from conformance.send.kept_lines import KeptLines
from conformance.send.letters import letter
from conformance.send.requests import requests
from conformance.send.target import Target, url_of
from tests.send.test_sender import HALF, HANGING, NO_ANSWER, QUICK, SHORT, TINY
from tests.support import hostile
from tests.support.hostile import JSON, SSE, chunk, says, serve, whole


async def ask(behaviour, limits=TINY, *, times: int = 1, midway: bool = False, streamed: bool = False, context=None):
    """What came of letters to a server that behaves like this, one after another, and how many connections it took."""
    async with asyncio.timeout(HANGING), serve(behaviour, context) as url:
        target = Target(url, "m", "k")
        body = {"messages": [{"role": "user", "content": "TEXT"}], "stream": streamed}
        [request] = requests(Probe("x", body), "m")
        made = letter(request, target, url_of(url, request), "TEXT")
        async with KeptLines(target, Allowance(limits)) as lines:
            got = [await lines.ask(f"x.{n}", made, f"text {n}".encode(), midway=midway) for n in range(times)]
            return [each.exchange(target) for each in got], lines.opened


@pytest.mark.parametrize("behaviour", NO_ANSWER)
async def test_without_an_answer_the_exchange_says_why(behaviour):
    ended, words = NO_ANSWER[behaviour]
    [x], _ = await ask(behaviour, QUICK if ended == "timeout" else TINY)
    assert (x.status, x.body, x.ended) == (None, b"", ended)
    assert words in x.failure


@pytest.mark.parametrize("behaviour", HALF)
async def test_half_an_answer_is_kept_with_what_is_wrong(behaviour):
    ended, words, body = HALF[behaviour]
    [x], _ = await ask(behaviour, QUICK if ended == "timeout" else TINY)
    assert (x.status, x.ended) == (200, ended)
    assert words in x.failure
    assert x.body[: len(body)] == body
    assert len(x.body) <= TINY.body_bytes
    if x.body:
        assert x.arrivals[-1][1] == len(x.body)


async def test_a_slow_drip_ends_with_the_whole():
    [x], _ = await ask(hostile.drips, limits=SHORT)
    assert (x.ended, x.failure) == ("timeout", "the answer was not complete after 0.8 s (limit: whole request)")


@pytest.mark.parametrize("behaviour", [hostile.stays_open_after_done, hostile.talks_on_after_done])
async def test_a_stream_left_open_after_done_is_soon_left(behaviour):
    [x], _ = await ask(behaviour, QUICK, streamed=True)
    assert x.failure == "the connection stayed open 0.4 s after data: [DONE] (limit: after [DONE])"
    assert x.done_at is not None


EVENTS = b"".join(b"data: %d\n\n" % n for n in range(40)) + b"data: [DONE]\n\n"
ODD = {
    "by chunks": SSE + chunk(EVENTS) + b"0\r\n\r\n",
    "by chunks with an extension": SSE + b"%x;a=b\r\n%b\r\n0\r\n\r\n" % (len(EVENTS), EVENTS),
    "by chunks with a trailer": SSE + chunk(EVENTS) + b"0\r\nX-Sum: 1\r\n\r\n",
    "after an early answer": b"HTTP/1.1 102 Processing\r\n\r\n" + SSE + chunk(EVENTS) + b"0\r\n\r\n",
    "to the end of the connection": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + EVENTS,
    "with a length": whole(EVENTS, b"Content-Type: text/event-stream"),
    "in gzip": whole(gzip.compress(EVENTS), b"Content-Encoding: gzip"),
    "in deflate": whole(gzip.zlib.compress(EVENTS), b"Content-Encoding: deflate"),
    "with a folded header": JSON + b"X-A: 1\r\n 2\r\nContent-Length: %d\r\n\r\n" % len(EVENTS) + EVENTS,
    "by HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(EVENTS) + EVENTS,
}


@pytest.mark.parametrize("how", ODD)
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_an_answer_framed_in_any_way_and_cut_anywhere_is_read(how, size):
    async def behaviour(writer, request):
        for at in range(0, len(ODD[how]), size):
            writer.write(ODD[how][at : at + size])
            await asyncio.sleep(0)

    [x], _ = await ask(behaviour, streamed=True)
    assert (x.status, x.ended, x.body) == (200, "complete", EVENTS)
    assert x.arrivals[-1][1] == len(EVENTS)


async def test_a_client_that_leaves_midway_has_the_first_event():
    async def behaviour(writer, request):
        writer.write(SSE + chunk(b"data: 1\n\n"))
        await writer.drain()
        await asyncio.sleep(HANGING)

    [x], _ = await ask(behaviour, midway=True, streamed=True)
    assert (x.ended, x.body, x.intent) == ("left", b"data: 1\n\n", {"leaves"})


async def test_requests_go_over_one_connection_and_over_a_new_one_where_it_was_closed():
    carried = []

    async def two_and_no_more(writer, request):
        peer = writer.get_extra_info("peername")
        carried.append(peer)
        writer.write(whole(b"{}"))
        if carried.count(peer) == 2:
            writer.close()

    async with asyncio.timeout(HANGING), serve(two_and_no_more, kept=True) as url:
        target = Target(url, "m", "k")
        [request] = requests(Probe("x", {"messages": []}), "m")
        made = letter(request, target, url_of(url, request), "TEXT")
        async with KeptLines(target, Allowance(replace(TINY, whole=HANGING))) as lines:
            got = [await lines.ask("x", made, b"") for _ in range(5)]
    assert [each.ended for each in got] == ["complete"] * 5
    assert [carried.count(peer) for peer in dict.fromkeys(carried)] == [2, 2, 1]


async def test_tls_is_spoken_where_the_certificate_is_trusted(tmp_path, monkeypatch):
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    [x], _ = await ask(says(whole(b"{}")), context=context)
    assert (x.ended, x.status) == ("refused", None)
    assert "the certificate is not accepted" in x.failure
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    [x], _ = await ask(says(SSE + chunk(EVENTS) + b"0\r\n\r\n"), context=context, streamed=True)
    assert (x.ended, x.body) == ("complete", EVENTS)


async def test_a_host_that_is_not_there_is_told():
    target = Target("http://127.0.0.1:1/v1", "m", "k")
    [request] = requests(Probe("x", {"messages": []}), "m")
    async with KeptLines(target, Allowance(TINY)) as lines:
        got = await lines.ask("x", letter(request, target, url_of(target.base_url, request), "TEXT"), b"")
    assert (got.ended, got.failure) == ("refused", "nothing listens at 127.0.0.1:1 (connection refused)")


async def test_keys_reach_no_exchange():
    [x], _ = await ask(says(whole(b'{"key": "kkkk-a-very-secret-key"}')), TINY)
    assert "Bearer k" not in repr(x)
    assert x.sent("content-length") == str(len(x.request_body))
