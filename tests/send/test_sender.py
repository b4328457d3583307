"""No endpoint can hang, crash or fill the memory of a run: each misbehaviour gives an exchange that says what happened."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from dataclasses import replace

import pytest

from conformance.areas.catalogue import judge, probes
from conformance.exchange.probe import Probe
from conformance.judge.condition import whole as is_whole
from conformance.send import inprocess
from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from conformance.send.target import Target
from conformance.wire import jsontext, sse
from conformance.wire.coding import Decoder, Undecodable
from tests.support import hostile
from tests.support.hostile import JSON, SSE, chunk, says, serve, whole

TINY = Limits(connect=5, whole=40, body_bytes=60_000, run_bytes=120_000, lines=5000)
QUICK = replace(TINY, first_byte=0.8, silence=0.6, after_done=0.4)
SHORT = replace(TINY, whole=0.8)
PATIENT = Limits(whole=30)
HANGING = 60
"""Seconds after which a test has shown a hang."""


hostile.bomb()  # made before any clock runs


async def ask(behaviour, limits=TINY, streamed=False):
    """The one exchange of a request to a server that behaves like this."""
    got = []
    body = {"messages": [], "stream": True} if streamed else {"messages": []}
    async with asyncio.timeout(HANGING), serve(behaviour) as url:
        await fetch([Probe("x", body)], Target(url, "m", "k"), limits, on_exchange=got.append)
    assert len(got) == 1
    return got[0]


NO_ANSWER = {
    hostile.closes_at_once: ("cut", "closed before the headers"),
    hostile.resets: ("cut", "reset"),
    hostile.silent: ("timeout", "no answer came within 0.8 s (limit: first byte)"),
    hostile.drips_headers: ("timeout", "no answer came within 0.8 s (limit: first byte)"),
    hostile.endless_headers: ("limit", "headers"),
    hostile.endless_header_line: ("limit", "headers"),
    hostile.endless_early_answers: ("timeout", "limit: first byte"),
    says(b"\x16\x03\x01 what is this\r\n\r\n"): ("undecodable", "not HTTP/1.1"),
    says(b"<html>Hello</html>"): ("cut", "closed before the headers"),
    says(b"HTTP/1.1 000 Zero\r\n\r\n"): ("undecodable", "not HTTP/1.1"),
    says(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"): ("undecodable", "not HTTP/1.1"),
    says(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"): ("undecodable", "not HTTP/1.1"),
    says(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}"): ("undecodable", "not HTTP/1.1"),
}


@pytest.mark.parametrize("behaviour", NO_ANSWER)
async def test_without_an_answer_the_exchange_says_why(behaviour):
    ended, words = NO_ANSWER[behaviour]
    x = await ask(behaviour, QUICK if ended == "timeout" else TINY)
    assert (x.status, x.body, x.ended) == (None, b"", ended)
    assert words in x.failure
    assert is_whole(x) is False


HALF = {
    says(JSON + b"Content-Length: 99999999999999999999\r\n\r\n{}"): ("cut", "expected 99999999999999999999", b"{}"),
    hostile.big_headers: ("limit", "limit: headers", b""),
    hostile.silent_after_headers: ("timeout", "no byte of the body came within 0.8 s (limit: first byte)", b""),
    hostile.silent_after_a_part: ("timeout", "no byte came for 0.6 s (limit: silence)", b'{"half":'),
    hostile.drips_a_chunk_header: ("timeout", "no byte came for 0.6 s (limit: silence)", b"data: 1\n\n"),
    hostile.closes_early: ("cut", "received 8 bytes, expected 100", b'{"half":'),
    hostile.leaves_chunks_open: ("cut", "incomplete chunked read", b"data: 1\n\n"),
    hostile.resets_in_the_middle: ("cut", "reset", b"data: 1\n\n"),
    hostile.endless_chunk_header: ("limit", "frame of a chunk", b""),
    hostile.endless_body: ("limit", "longer than 60,000 bytes", b"x" * 60_000),
    hostile.endless_tiny_chunks: ("limit", "more than 40,000 portions", b"x" * 40_000),
    hostile.endless_events: ("limit", "more than 5,000 lines", b"data: 1\n\n" * 2000),
    hostile.gzip_bomb: ("limit", "longer than 60,000 bytes", bytes(60_000)),
    hostile.gzip_of_empty_members: ("undecodable", "more than 1000 members", b""),
    says(SSE + b"zz\r\n"): ("undecodable", "not HTTP/1.1", b""),
    says(SSE + chunk(b"data: 1\n\n") + b"-1\r\n"): ("undecodable", "not HTTP/1.1", b"data: 1\n\n"),
    says(whole(b"{}", b"Content-Encoding: br")): ("undecodable", "Content-Encoding is 'br'", b""),
    says(whole(b"{}", b"Content-Encoding: gzip")): ("undecodable", "the body is not gzip", b""),
    says(whole(gzip.compress(b"{}"), b"Content-Encoding: gzip, gzip")): ("undecodable", "'gzip, gzip'", b""),
    says(whole(gzip.compress(b"{}" * 999)[:-12], b"Content-Encoding: gzip")): ("undecodable", "stops before its end", b""),
}  # fmt: skip


@pytest.mark.parametrize("behaviour", HALF)
async def test_half_an_answer_is_kept_with_what_is_wrong(behaviour):
    ended, words, body = HALF[behaviour]
    x = await ask(behaviour, QUICK if ended == "timeout" else TINY)
    assert (x.status, x.ended) == (200, ended)
    assert words in x.failure
    assert x.body[: len(body)] == body
    assert len(x.body) <= TINY.body_bytes
    assert is_whole(x) is False
    if x.body:
        assert x.arrivals[-1][1] == len(x.body)


async def test_a_slow_drip_ends_with_the_whole():
    x = await ask(hostile.drips, limits=SHORT)
    assert (x.ended, x.failure) == ("timeout", "the answer was not complete after 0.8 s (limit: whole request)")
    assert x.body[:3] == b":::"


@pytest.mark.parametrize("behaviour", [hostile.stays_open_after_done, hostile.talks_on_after_done])
async def test_a_stream_left_open_after_done_is_soon_left(behaviour):
    x = await ask(behaviour, QUICK, streamed=True)
    assert (x.ended, x.failure) == (
        "timeout",
        "the connection stayed open 0.4 s after data: [DONE] (limit: after [DONE])",
    )
    assert is_whole(x)
    assert x.done_at is not None


async def test_endless_trailers_end():
    x = await ask(hostile.endless_trailers, replace(TINY, first_byte=30, silence=30, after_done=30), streamed=True)
    assert x.ended == "limit"
    assert x.done_at == 0


async def test_done_inside_a_text_is_no_end():
    body = b'data: {"content": "data: [DONE]"}\n\n'

    async def goes_on(writer, request):
        writer.write(SSE + chunk(body))
        await writer.drain()
        await asyncio.sleep(0.25)
        writer.write(chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")

    x = await ask(goes_on, limits=Limits(whole=30, after_done=0.05), streamed=True)
    assert (x.ended, x.body) == ("complete", body + b"data: [DONE]\n\n")


async def test_a_redirect_is_recorded_and_not_followed():
    calls = []

    async def redirect(writer, request):
        calls.append(request)
        writer.write(whole(b"", b"Location: http://127.0.0.1:1/v1/elsewhere", status=b"307 Temporary Redirect"))

    x = await ask(redirect)
    assert (x.status, x.ended, len(calls)) == (307, "complete", 1)


async def test_a_content_length_that_is_too_short_cuts_the_body():
    x = await ask(says(JSON + b'Content-Length: 3\r\n\r\n{"whole": 1}'))
    assert (x.body, x.ended) == (b'{"w', "complete")


async def test_a_body_without_length_ends_with_the_connection():
    x = await ask(says(JSON + b"\r\n{}"))
    assert (x.body, x.ended, x.failure) == (b"{}", "complete", None)


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(b"a" * 999) + gzip.compress(b"b"), gzip.compress(b"a" * 999 + b"b")],
    ids=["two members", "one member"],  # the bytes hold the second at which they were made
)
async def test_gzip_is_undone(packed):
    x = await ask(says(whole(packed, b"content-encoding: GZIP")), limits=PATIENT)
    assert (x.body, x.ended) == (b"a" * 999 + b"b", "complete")
    assert x.arrivals[-1][1] == 1000
    assert ("content-encoding", "GZIP") in x.headers


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
@pytest.mark.parametrize("bits", [15, -15, 31])
def test_coded_bytes_may_come_in_any_portions(bits, size):
    packer = zlib.compressobj(wbits=bits)
    packed = packer.compress(b"data: 1\n\n" * 500) + packer.flush()
    decoder = Decoder("gzip" if bits == 31 else "deflate")
    out = b"".join(decoder.feed(packed[n : n + size], 1 << 20) for n in range(0, len(packed), size))
    decoder.close()
    assert out == b"data: 1\n\n" * 500


def test_a_decoder_never_gives_more_than_one_byte_too_many():
    decoder = Decoder("gzip")
    assert len(decoder.feed(gzip.compress(bytes(1 << 20)), 1000)) == 1001


@pytest.mark.parametrize("name", ["br", "zstd", "utf-8", "gzip, br", "compress"])
def test_codings_not_offered_are_refused(name):
    with pytest.raises(Undecodable, match="Content-Encoding"):
        Decoder(name)


@pytest.mark.parametrize("name", [None, "", "identity", " , identity"])
def test_no_coding_changes_nothing(name):
    decoder = Decoder(name)
    assert decoder.feed(b"\x1f\x8b", 10) == b"\x1f\x8b"
    decoder.close()


async def test_all_bodies_together_are_bounded_and_the_rest_is_not_sent():
    got, served = [], []

    async def big(writer, request):
        served.append(request)
        writer.write(whole(b"x" * 45_000))

    async with serve(big) as url:
        many = [Probe(f"p{n:02}", {}) for n in range(20)]
        await fetch(many, Target(url, "m", "k"), TINY, concurrency=2, on_exchange=got.append)
    assert sum(len(x.body) for x in got) == TINY.run_bytes
    assert len(got) == 20
    assert len(served) <= 5
    assert {x.ended for x in got} == {"complete", "limit", "refused"}
    assert "all bodies of this run together" in next(x.failure for x in got if x.ended == "limit")
    assert "not sent: the answers before it came to 120,000 bytes" in got[-1].failure


async def test_an_endpoint_that_is_dead_is_given_up():
    got, served = [], []

    async def dead(writer, request):
        served.append(request)

    async with serve(dead) as url:
        many = [Probe(f"p{n:02}", {}) for n in range(60)]
        await fetch(many, Target(url, "m", "k"), Limits(), concurrency=4, on_exchange=got.append)
    assert len(got) == 60
    assert Limits().unanswered <= len(served) <= Limits().unanswered + 4
    assert {x.status for x in got} == {None}
    assert "not sent: the" in got[-1].failure


async def test_hostile_answers_do_not_break_what_is_built_from_them():
    wanted = [p for p in probes() if p.name in ("chat.hello", "chat.again", "tools.auto", "tools.result", "chat.tier",
                                                "chat.stored", "models.list", "mistakes.too-long")]  # fmt: skip
    bodies = [b'{"choices": [{"index": 0, "message": "\\ud800"}], "id": "\\ud800", "data": 7}', b"[]", b"", b"null",
              b'{"id": ["x"], "choices": {}, "data": [{"max_model_len": "x"}, 1, null]}', b"[" * 5000,
              b'{"choices": [{"index": 0, "message": {"tool_calls": [{"id": {}, "function": {"name": 1}}]}}]}']  # fmt: skip
    for body in bodies:
        got = []
        async with serve(says(whole(body))) as url:
            skipped = await fetch(wanted, Target(url, "m", "k"), Limits(), on_exchange=got.append)
        assert len(got) + len(skipped) == 13
        assert {x.status for x in got} == {200}


NOTHING = {"status": None, "headers": (), "arrivals": (), "body": b""}
RUINS = {
    "refused": lambda x: NOTHING | {"ended": "refused"},
    "cut": lambda x: NOTHING | {"ended": "cut"},
    "silent after headers": lambda x: {"body": b"", "arrivals": (), "ended": "timeout"},
    "half": lambda x: {"body": x.body[: len(x.body) // 2], "ended": "cut"},
    "coded": lambda x: {"body": b"\x1f\x8b", "ended": "undecodable"},
}


@pytest.mark.parametrize("ruin", RUINS)
def test_what_a_limit_leaves_of_an_answer_breaks_no_check_and_passes_hardly_any(ruin):
    ruined = [replace(x, failure=ruin, memo={}, **RUINS[ruin](x)) for x in inprocess.exchanges()]
    verdicts = judge(ruined)
    assert [(v.check.id, v.reason) for v in verdicts if v.outcome == "broken"] == []
    passed = [v.check.id for v in verdicts if v.outcome == "pass"]
    assert len(passed) < len(verdicts) / 20
    assert passed == [] or any(x.status is not None for x in ruined)


def test_reading_a_long_body_takes_time_in_proportion_to_its_length():
    """A quadratic reader would need minutes for these; the bound is a hang, not a speed."""
    assert len(sse.read(b"data: 1\n\n" * 100_000)[1]) == 100_000
    assert len(sse.read(b"data: 1\r\r" * 100_000)[1]) == 100_000
    deep = b"[" + b"[]," * 101
    with pytest.raises(jsontext.NotJSON):
        jsontext.parse(deep + b'"' + b'\\"' * 4_000_000)
    assert len(jsontext.parse(deep + b'"' + b"a" * 8_000_000 + b'"]')) == 102
