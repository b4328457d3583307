"""A request goes out in its manner: what the server sees of it, and when the client leaves."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from conformance.exchange.probe import Manner, Probe
from conformance.send import manners
from conformance.send.fetch import fetch
from conformance.send.target import Target
from tests.support.asking import KEY, PATIENT, ask, head
from tests.support.hostile import FOREVER, SSE, chunk, serve, whole

BODY = {"messages": [{"role": "user", "content": "Grüße, 你好"}]}


async def raw(**how):
    sent = []
    got, _ = await ask(sent, lambda url: Target(url, "m", KEY), Probe("x", BODY, **how))
    return got[0], sent[0]


async def test_names_may_all_be_in_lower_case():
    x, request = await raw(manner=Manner(lower_case=True))
    names = set(head(request)[1])
    assert names == {name.lower() for name in names} >= {"host", "content-length", "authorization"}
    assert {name for name, _ in x.request_headers} == names


async def test_headers_may_be_left_out_and_be_there_twice():
    x, request = await raw(manner=Manner(without=("accept", "user-agent")), headers=(("X-A", "1"), ("X-A", "2")))
    assert not set(head(request)[1]) & {"Accept", "User-Agent"}
    assert request.count(b"X-A: ") == 2
    assert x.sent("x-a") == "1, 2"


async def test_a_query_joins_that_of_the_base_url():
    sent = []
    await ask(sent, lambda url: Target(f"{url}?key=1", "m"), Probe("x", BODY, path="/chat/completions?api-version=1"))
    assert head(sent[0])[0] == "POST /v1/chat/completions?key=1&api-version=1 HTTP/1.1"


async def test_a_body_in_chunks_has_no_length_and_is_kept_whole():
    x, request = await raw(manner=Manner(portions=3, chunked=True))
    assert (x.sent("transfer-encoding"), x.sent("content-length")) == ("chunked", None)
    body = request.partition(b"\r\n\r\n")[2]
    assert body.count(b"\r\n") == 2 * 3 + 2
    assert b"".join(body.split(b"\r\n")[1:-2:2]) == x.request_body
    assert x.asked["messages"] == BODY["messages"]


class Pieces(asyncio.Protocol):
    """A server that keeps what comes in as it comes in, says 100 where it is told to, and answers when a body is whole."""

    def __init__(self, came, says_100=True):
        self.came, self.says_100 = came, says_100

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.came.append(data)
        if self.says_100 and b"Expect: 100-continue" in data:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if b"".join(self.came).endswith(b"}"):
            self.transport.write(whole(b"{}"))


@contextlib.asynccontextmanager
async def in_pieces(**how):
    came = []
    server = await asyncio.get_running_loop().create_server(lambda: Pieces(came, **how), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", came


async def test_portions_come_apart_and_the_length_is_said():
    got = []
    async with in_pieces() as (url, came):
        await fetch([Probe("x", BODY, manner=Manner(portions=3))], Target(url, "m"), PATIENT, on_exchange=got.append)
    assert [b"POST" in piece for piece in came] == [True, False, False, False]
    assert (b"".join(came[1:]), got[0].status) == (got[0].request_body, 200)
    assert got[0].sent("content-length") == str(len(got[0].request_body))


@pytest.mark.parametrize("says_100", [True, False])
async def test_a_body_waits_for_100_but_not_for_ever(says_100, monkeypatch):
    monkeypatch.setattr(manners, "CONTINUE", 30 if says_100 else 0.05)
    got = []
    async with in_pieces(says_100=says_100) as (url, came):
        await fetch([Probe("x", BODY, manner=Manner(expects=True))], Target(url, "m"), PATIENT, on_exchange=got.append)
    assert [piece.startswith(b"POST") for piece in came] == [True, False]
    assert (got[0].status, got[0].sent("expect")) == (200, "100-continue")


class Events:
    """A stream that goes on until the client is gone."""

    def __init__(self):
        self.gone = asyncio.Event()

    async def __call__(self, writer, request):
        writer.write(SSE)
        with contextlib.suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(chunk(b"data: {}\n\n"))
                await writer.drain()
                await asyncio.sleep(0.01)
        self.gone.set()


async def test_a_client_leaves_midway():
    server, got = Events(), []
    async with serve(server) as url:
        leaver = Probe("x", {**BODY, "stream": True}, manner=Manner(leaves="midway"))
        await fetch([leaver], Target(url, "m"), PATIENT, on_exchange=got.append)
        await asyncio.wait_for(server.gone.wait(), 30)
    assert (got[0].status, got[0].ended) == (200, "left")
    assert got[0].body.startswith(b"data: {}\n\n")
    assert "went away" in got[0].failure


async def test_a_client_leaves_while_it_waits():
    sent, got = [], []

    async def silent(writer, request):
        sent.append(request)
        await asyncio.sleep(FOREVER)

    async with serve(silent) as url:
        await fetch(
            [Probe("x", BODY, manner=Manner(leaves="waiting"))], Target(url, "m"), PATIENT, on_exchange=got.append
        )
    assert (got[0].status, got[0].ended, got[0].body) == (None, "left", b"")
    assert sent[0].endswith(got[0].request_body)


async def test_what_is_over_cannot_be_left():
    async def short(writer, request):
        writer.write(SSE + chunk(b"data: {}\n\ndata: [DONE]\n\n") + b"0\r\n\r\n")

    got = []
    async with serve(short) as url:
        await fetch(
            [Probe("x", BODY, manner=Manner(leaves="midway"))], Target(url, "m"), PATIENT, on_exchange=got.append
        )
    assert got[0].ended == "complete"
