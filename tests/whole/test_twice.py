"""What an answer says twice is seen as it came over a socket, before any library makes one thing of it."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from conformance.areas.catalogue import judge
from conformance.exchange.probe import Probe
from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from conformance.send.target import Target
from tests.support.hostile import JSON, chunk, says, serve, whole

TEXT = b'{"id": "chatcmpl-1", "object": "chat.completion", "choices": []}'
TYPE = b"Content-Type: application/json"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
REFUSED = b'{"error": {"message": "no", "type": "invalid_request_error", "param": null, "code": null}}'
TWICE = {
    "a length beside chunks": (JSON + CHUNKED + b"Content-Length: 64\r\n\r\n" + chunk(TEXT) + chunk(b""), "http.length-alone"),
    "a plain refusal called gzip": (whole(REFUSED, TYPE, b"Content-Encoding: gzip", status=b"400 Bad Request"), "http.coding-true"),
    "a plain answer called gzip": (whole(TEXT, TYPE, b"Content-Encoding: gzip"), "http.coding-true"),
    "half of a gzip": (whole(gzip.compress(TEXT)[:-9], TYPE, b"Content-Encoding: gzip"), "http.coding-true"),
    "two origins": (whole(TEXT, TYPE, b"Access-Control-Allow-Origin: *", b"access-control-allow-origin: *"), "http.origin-once"),
    "an origin and nothing": (whole(TEXT, TYPE, b"Access-Control-Allow-Origin: *", b"Access-Control-Allow-Origin: "), "http.origin-once"),
    "two origins in one line": (
        whole(TEXT, TYPE, b"Access-Control-Allow-Origin: https://a.example, https://b.example"), "http.origin-once"),
    "a key": (whole(b'{"id": "a", "id": "a"}', TYPE), "http.keys-once"),
    "a key, deep and written otherwise": (
        whole(rb'{"choices": [{"message": {"role": "assistant", "r\u006fle": null}}]}', TYPE), "http.keys-once"),
    "a key of a refusal": (whole(b'{"error": {"code": 1, "code": "a"}}', TYPE, status=b"400 Bad Request"), "http.keys-once"),
}  # fmt: skip
ONCE = {
    "chunks": JSON + CHUNKED + b"\r\n" + chunk(TEXT) + chunk(b""),
    "a length": whole(TEXT, TYPE, b"Access-Control-Allow-Origin: https://a.example"),
    "a coding": whole(gzip.compress(TEXT), TYPE, b"Content-Encoding: gzip"),
    "a key of two objects": whole(b'{"id": "a", "choices": [{"id": "a"}, {"id": "a"}]}', TYPE),
    "a body that is no JSON": whole(b'{"id": "a", "id"', TYPE),
    "an error cut off": whole(REFUSED, TYPE, status=b"400 Bad Request")[:-20],
}
LAWS = {id for _, id in TWICE.values()}


async def failing(answer: bytes) -> set[str]:
    """Which checks fail on what came of this answer."""
    got = []
    async with asyncio.timeout(30), serve(says(answer)) as url:
        await fetch([Probe("x", {"messages": []})], Target(url, "m", "k"), Limits(whole=20), on_exchange=got.append)
    return {verdict.check.id for verdict in judge(got) if verdict.outcome == "fail"}


@pytest.mark.parametrize("name", TWICE)
async def test_it_is_seen(name):
    answer, law = TWICE[name]
    assert await failing(answer) & LAWS == {law}


@pytest.mark.parametrize("name", ONCE)
async def test_once_is_well(name):
    assert await failing(ONCE[name]) & LAWS == set()


@pytest.mark.parametrize("name", [name for name, (_, law) in TWICE.items() if law == "http.coding-true"])
async def test_a_coding_that_is_not_true_is_no_answer_that_stopped(name):
    """It is said once, and not as a wait of ten minutes."""
    assert not await failing(TWICE[name][0]) & {"http.answered", "error.complete"}


async def test_an_answer_that_stopped_still_is():
    assert "http.answered" in await failing(ONCE["an error cut off"])
