"""What clients send and get is kept as it was, without secrets, and only what a server owed."""

from __future__ import annotations

import asyncio
import gzip

import httpx
import httpx2
import pytest

from openai_conformance import Recorder, judge

URL = "http://api.test/v1"
SSE = b'data: {"id": "a", "choices": []}\n\ndata: [DONE]\n\n'
KEY = "sk-verysecret1234567890abcdef"


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Portions, and the error that ends them."""

    def __init__(self, *portions: bytes, error: Exception | None = None) -> None:
        self.portions, self.error = portions, error

    def __iter__(self):
        yield from self.portions
        if self.error:
            raise self.error

    async def __aiter__(self):
        for portion in self:
            yield portion


def recorded(ask, *portions, error=None, **answer):
    """The exchanges that a client kept to which a server answers so."""
    recorder = Recorder()
    inner = httpx.MockTransport(lambda request: httpx.Response(200, stream=Body(*portions, error=error), **answer))
    with httpx.Client(base_url=URL, transport=recorder.transport(inner)) as client:
        ask(client)
    return recorder.exchanges


def test_an_exchange_is_as_it_was():
    headers = [("Content-Type", "application/json"), ("X-Request-Id", "r")]
    [x] = recorded(lambda c: c.post("/embeddings", json={"model": "m"}), b'{"data"', b": []}", headers=headers)
    assert (x.id, x.method, x.url, x.status, x.ended) == ("0", "POST", f"{URL}/embeddings", 200, "complete")
    assert (x.asked, x.json, x.header("x-request-id")) == ({"model": "m"}, {"data": []}, "r")
    assert x.arrivals == ()


def test_the_client_sees_what_the_server_said():
    seen = []
    recorded(
        lambda c: seen.append(c.get("/models").json()),
        gzip.compress(b'{"data": 1}'),
        headers={"content-encoding": "gzip"},
    )
    assert seen == [{"data": 1}]


def test_content_coding_is_undone():
    [x] = recorded(lambda c: c.get("/models"), gzip.compress(b"{}"), headers={"content-encoding": "gzip"})
    assert x.body == b"{}"


def test_a_coding_that_stops_halfway_is_said():
    body = gzip.compress(b'{"a": 1}')[:-4]
    [x] = recorded(lambda c: c.get("/models"), body, headers={"content-encoding": "gzip"})
    assert x.ended == "undecodable"


def test_no_key_is_kept():
    [x] = recorded(
        lambda c: c.get("/models", headers={"Authorization": f"Bearer {KEY}"}), b'{"you": "%s"}' % KEY.encode()
    )
    assert KEY not in repr(x)


@pytest.mark.parametrize("path", ["/health", "/models/x:generate"])
def test_what_is_not_of_this_api_is_not_kept(path):
    assert recorded(lambda c: c.post(path, json={}), b"{}") == []


def read_one(client):
    with client.stream("POST", "/chat/completions", json={"stream": True}) as answer:
        next(answer.iter_raw())


def test_a_stream_that_is_left_after_its_end_is_whole():
    [x] = recorded(read_one, SSE, b"never read")
    assert (x.ended, x.body) == ("complete", SSE)


def test_a_stream_that_the_client_leaves_is_not_kept():
    assert recorded(read_one, SSE[:20], SSE[20:]) == []


def test_an_answer_that_the_server_breaks_off_is_kept_as_that():
    def ask(client):
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/models")

    [x] = recorded(ask, b'{"da', error=httpx.RemoteProtocolError("peer closed connection"))
    assert (x.ended, x.body) == ("cut", b'{"da')


def test_a_time_out_of_the_client_is_nothing_of_the_servers():
    def ask(client):
        with pytest.raises(httpx.ReadTimeout):
            client.get("/models")

    assert recorded(ask, b'{"da', error=httpx.ReadTimeout("late")) == []


def test_an_empty_answer_is_kept():
    [x] = recorded(lambda c: c.get("/models"))
    assert (x.body, x.ended) == (b"", "complete")
    assert "http.json-empty" in [each.check for each in judge([x]) if each.outcome == "fail"]


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_async_clients_of_both_libraries(library):
    recorder = Recorder()
    inner = library.MockTransport(lambda request: library.Response(200, json={"object": "list", "data": []}))

    async def ask():
        async with library.AsyncClient(base_url=URL, transport=recorder.wrapped(library, inner)) as client:
            return (await client.get("/models")).json()

    assert asyncio.run(ask())["object"] == "list"
    assert [x.json for x in recorder.exchanges] == [{"object": "list", "data": []}]


def test_a_form_is_sent_and_kept():
    [x] = recorded(lambda c: c.post("/files", data={"purpose": "batch"}, files={"file": ("a.jsonl", b"{}")}), b"{}")
    assert x.asked["purpose"] == "batch"
