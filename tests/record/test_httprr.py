"""Traces of httprr: requests and responses as they were on the wire, chunks undone."""

from __future__ import annotations

import pytest

from conformance.record.entries import Skipped
from conformance.record.httprr import FIRST
from tests.support.recordings import HONEST, read

PLAIN, STREAM, LIST = HONEST["chat.hello"], HONEST["chat.hello+stream"], HONEST["models.list"]


def call(x, *, chunked=False) -> bytes:
    """What httprr writes of this exchange."""
    body = (
        b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in (x.body[:9], x.body[9:], b"")) if chunked else x.body
    )
    headers = [pair for pair in x.headers if pair[0] not in ("transfer-encoding", "content-length")]
    headers += [("Transfer-Encoding", "chunked")] if chunked else [("Content-Length", str(len(body)))]
    request = raw(
        f"{x.method} /v1{x.url.partition('/v1')[2]} HTTP/1.1",
        [("Host", "api.example.org"), *x.request_headers],
        x.request_body,
    )
    response = raw("HTTP/1.1 200 OK", headers, body)
    return b"%d %d\n%b%b" % (len(request), len(response), request, response)


def raw(first, headers, body) -> bytes:
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in headers), "", ""]).encode() + body


@pytest.fixture
def trace(tmp_path):
    def make(*calls: bytes):
        (tmp_path / "a.httprr").write_bytes(FIRST + b"\n" + b"".join(calls))
        return read(tmp_path / "a.httprr")

    return make


def test_every_call_is_the_exchange_that_it_was(trace):
    these = (PLAIN, STREAM, LIST)
    found = trace(call(PLAIN), call(STREAM, chunked=True), call(LIST))
    assert [(x.route, x.status, x.asked, x.body) for x in found] == [(x.route, 200, x.asked, x.body) for x in these]
    assert found[0].url == "https://api.example.org/v1/chat/completions"
    assert found[0].header("x-request-id") == PLAIN.header("x-request-id")
    assert "sk-" not in str(found[0].request_headers)


def test_a_trace_that_stops_early_gives_what_was_whole(trace):
    first, rest = trace(call(PLAIN), call(STREAM)[:-20])
    assert first.json == PLAIN.json
    assert rest.reason == "it stops in the middle of a call; the rest of the file could not be read"


@pytest.mark.parametrize("wrong", [b"hello\n", b"5 5\n12345", b"999999999 1\n", b"4 4\nGET HTTP", b"x" * 5000])
def test_what_is_no_call_is_said(trace, wrong):
    found = trace(call(PLAIN), wrong)
    assert len(found) == 2
    assert isinstance(found[1], Skipped)
