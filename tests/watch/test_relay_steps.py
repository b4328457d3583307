"""The relay step by step, without a socket: what each side is sent, when it is read no more, how the exchange is said to end."""

from __future__ import annotations

import asyncio

import pytest

from conformance.watch import observed, proxy, relay
from conformance.watch.endpoint import BUFFER, Endpoint
from conformance.watch.observed import Observed, Seen
from conformance.watch.proxy import End, Proxy, _Door, _host, _Outbox
from conformance.watch.relay import GONE, Program
from conformance.watch.upstream import CannotConnect, Upstream

HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n"
ASK = HEAD + b"ask!"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
DONE = b"e\r\ndata: [DONE]\n\n\r\n"


class Wire:
    """A transport that keeps what is done with it."""

    def __init__(self, half_closes: bool = True) -> None:
        self.sent, self.did, self._half_closes = b"", [], half_closes

    def write(self, data: bytes) -> None:
        self.sent += data

    def can_write_eof(self) -> bool:
        return self._half_closes

    def get_extra_info(self, name: str) -> None:
        return None

    def __getattr__(self, name: str):
        return lambda *given: self.did.append((name, *given))


class Way:
    """An upstream that leads to one wire, as soon as it is let."""

    origin, host_header, whole_urls, proxy_header = b"http://h", b"h", False, b""

    def __init__(self, **of: object) -> None:
        self.wire, self.ready, self.fails, self.ends = Wire(**of), asyncio.Event(), False, []
        self.ready.set()

    async def connect(self, make) -> Endpoint:
        await self.ready.wait()
        if self.fails:
            raise CannotConnect("no connection to h (refused)")
        self.ends.append(make())
        self.ends[-1].connection_made(self.wire)
        return self.ends[-1]


class Box(list):
    """What was seen."""

    put = list.append
    unreads = 0

    def unread(self) -> None:
        self.unreads += 1


class Relay:
    """A connection of a program's, and its other end; by default a whole request has passed."""

    def __init__(self, **of: object) -> None:
        self.way, self.box, self.every, self.wire = Way(**of), Box(), set(), Wire()
        self.program = Program(self.way, self.box, self.every)
        self.program.connection_made(self.wire)

    async def ask(self, *pieces: bytes) -> Relay:
        for piece in pieces or (ASK,):
            self.program.data_received(piece)
            await settled()
        return self

    def answer(self, *pieces: bytes) -> Relay:
        for piece in pieces:
            self.way.ends[0].data_received(piece)
        return self

    def told(self) -> list[tuple[int | None, str, str | None]]:
        self.program._catch_up()
        return [(seen.status, seen.ended, seen.failure) for seen in self.box]


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_each_side_is_told_at_which_size_it_has_to_wait():
    one = await Relay().ask()
    assert one.wire.did == one.way.wire.did == [("set_write_buffer_limits", BUFFER)]
    assert one.every == {one.program}


async def test_a_head_is_passed_on_when_it_is_whole_and_the_body_as_it_comes():
    one = await Relay().ask(HEAD[:-2])
    assert one.way.ends == []
    await one.ask(HEAD[-2:] + b"as")
    assert one.way.wire.sent == HEAD + b"as"
    await one.ask(b"k!")
    assert (one.way.wire.sent, one.told()) == (ASK, [])
    one.answer(OK + b"{}")
    assert (one.wire.sent, one.told()) == (OK + b"{}", [(200, "complete", None)])
    assert bytes(one.box[0].request_body) == b"ask!"


@pytest.mark.parametrize(("more", "passed"), [(0, False), (1, True)])
async def test_what_is_longer_than_any_head_is_no_http_and_passes(more, passed, monkeypatch):
    monkeypatch.setattr(relay, "LONGEST_HEAD", 64)
    monkeypatch.setattr(observed, "HEAD", 32)
    one = await Relay().ask(b"x" * (64 + more))
    assert (one.way.wire.sent, one.box.unreads) == ((b"x" * 65, 1) if passed else (b"", 0))
    if passed:
        one.answer(OK + b"{}")
        await one.ask(b"more")
        assert (one.way.wire.sent, one.wire.sent, one.told()) == (b"x" * 65 + b"more", OK + b"{}", [])


async def test_a_further_request_waits_for_its_turn():
    one = await Relay().ask(HEAD + b"as", b"k!" + ASK)
    assert one.way.wire.sent == ASK
    assert one.wire.did[1:] == [("pause_reading",)]
    one.answer(OK + b"{}")
    assert one.told() == [(200, "complete", None)]
    assert one.way.wire.sent == ASK * 2
    assert one.wire.did[2:] == [("resume_reading",)]
    one.answer(OK + b"{}")
    assert one.told() == [(200, "complete", None)] * 2


async def test_who_reads_slowly_slows_the_other_side_down():
    one = await Relay().ask()
    one.program.pause_writing()
    one.program.resume_writing()
    assert one.way.wire.did[1:] == [("pause_reading",), ("resume_reading",)]
    one.way.ends[0].pause_writing()
    one.way.ends[0].resume_writing()
    assert one.wire.did[1:] == [("pause_reading",), ("resume_reading",)]
    early = Relay()
    early.program.pause_writing()
    early.program.resume_writing()
    assert early.way.wire.did == []


@pytest.mark.parametrize(("half_closes", "how"), [(True, "write_eof"), (False, "close")])
async def test_a_program_that_sends_no_more_may_still_listen(half_closes, how):
    one = await Relay(half_closes=half_closes).ask()
    assert one.program.eof_received() is True
    assert one.way.wire.did[1:] == [(how,)]
    one.answer(OK + b"{}")
    assert one.told() == [(200, "complete", None)]
    assert one.program.eof_received() is False, "there is nothing that it waits for"


async def test_a_program_that_ends_before_there_is_a_connection_is_ended_with_it():
    assert Relay().program.eof_received() is False
    one = Relay()
    one.way.ready.clear()
    await one.ask()
    assert one.program.eof_received() is True
    one.way.ready.set()
    await settled()
    assert (one.way.wire.sent, one.way.wire.did[1:]) == (ASK, [("write_eof",)])


async def test_a_program_that_has_had_done_may_go():
    one = (await Relay().ask()).answer(STREAM, DONE)
    assert one.program.eof_received() is False
    assert one.way.wire.did[1:] == []
    one.program.connection_lost(None)
    assert one.told() == [(200, "complete", None)]
    assert one.way.wire.did[1:] == [("abort",)]


@pytest.mark.parametrize(
    ("answers", "told"),
    [((), (None, "left", GONE)), ((STREAM,), (200, "left", GONE)), ((STREAM, DONE[:-6]), (200, "left", GONE))],
)
async def test_a_program_that_goes_before_the_answer_is_whole_has_left(answers, told):
    one = (await Relay().ask()).answer(*answers)
    one.program.connection_lost(None)
    assert (one.told(), one.every) == ([told], set())


async def test_a_program_that_goes_while_a_connection_is_made_leaves_none():
    one = Relay()
    one.way.ready.clear()
    await one.ask()
    one.program.connection_lost(None)
    one.way.ready.set()
    await settled()
    assert (one.way.ends, one.told()) == ([], [])


WHOLE, CAME = "the connection was {} before the body was whole", "the connection was {} before an answer came"


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ((), (None, "cut", CAME)),
        ((STREAM,), (200, "cut", WHOLE)),
        ((OK + b"{",), (200, "cut", WHOLE)),
        ((OK + b"{}",), (200, "complete", None)),
    ],
)
async def test_an_endpoint_that_ends_its_connection_does_so_for_the_program(answers, told, broken):
    one = (await Relay().ask()).answer(*answers)
    one.way.ends[0].connection_lost(ConnectionResetError() if broken else None)
    status, ended, failure = told
    assert one.told() == [(status, ended, failure and failure.format("reset" if broken else "closed"))]
    assert one.wire.did[-1] == ("abort" if broken else "close",)


async def test_a_body_without_a_length_ends_with_the_connection_and_not_with_a_reset():
    endless = b"HTTP/1.1 200 OK\r\n\r\n{}"
    one = (await Relay().ask()).answer(endless)
    one.way.ends[0].connection_lost(None)
    assert one.told() == [(200, "complete", None)]
    two = (await Relay().ask()).answer(endless)
    two.way.ends[0].connection_lost(OSError())
    assert two.told() == [(200, "cut", WHOLE.format("reset"))]


async def test_an_endpoint_that_closes_when_the_program_has_ended_was_left():
    one = (await Relay().ask()).answer(STREAM)
    one.program.eof_received()
    one.way.ends[0].connection_lost(None)
    assert one.told() == [(200, "left", GONE)]


async def test_no_connection_is_a_refusal_and_breaks_the_programs_own():
    one = Relay()
    one.way.fails = True
    await one.ask()
    assert one.told() == [(None, "refused", "no connection to h (refused)")]
    assert one.wire.did[-1] == ("abort",)
    assert bytes(one.box[0].request_body) == b"ask!"


async def test_an_answer_that_is_none_is_said_to_be_and_all_after_it_passes():
    one = (await Relay().ask()).answer(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")
    [(status, ended, failure)] = one.told()
    assert (status, ended) == (None, "undecodable")
    assert failure.startswith("the answer is not HTTP/1.1 (")
    one.answer(b"anything")
    await one.ask(b"whatever")
    assert (one.wire.sent[-8:], one.way.wire.sent[-8:], one.box.unreads) == (b"anything", b"whatever", 1)
    one.program.connection_lost(None)
    assert len(one.told()) == 1


async def test_an_answer_that_nobody_asked_for_is_passed_on():
    one = (await Relay().ask()).answer(OK + b"{}", OK + b"{}")
    assert one.told() == [(200, "complete", None)]
    assert one.wire.sent == (OK + b"{}") * 2


# ---------------------------------------------------------------------- reading along


def passing(*answers: bytes) -> Observed:
    one = Observed(10.0, 1000.0)
    assert one.asked(ASK) == len(ASK)
    for n, answer in enumerate(answers, 1):
        one.answered(answer, 10.0 + n)
    return one


def chunks(*bodies: bytes) -> list[bytes]:
    return [b"%x\r\n%b\r\n" % (len(body), body) for body in bodies]


@pytest.mark.parametrize(("most", "ended", "kept"), [(3, "complete", 3), (2, "limit", 2)])
def test_so_many_portions_of_a_body_are_read(most, ended, kept, monkeypatch):
    monkeypatch.setattr(observed, "PORTIONS", most)
    one = passing(STREAM, *chunks(b"a", b"b", b"c"))
    assert (one.seen.ended, [portion for _, portion in one.seen.portions]) == (ended, [b"a", b"b", b"c"][:kept])
    if ended == "limit":
        assert one.seen.failure == "not judged: more than 2 portions in one body (limit: portions)"
        assert one.answer.odd == "more than 2 portions"
    else:
        assert [at for at, _ in one.seen.portions] == [2.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("most", "ended", "kept"), [(6, "complete", [b"aa", b"bb", b"cc"]), (5, "limit", [b"aa", b"bb"])]
)
def test_so_many_bytes_of_a_body_are_kept(most, ended, kept, monkeypatch):
    monkeypatch.setattr(observed, "KEPT", most)
    one = passing(STREAM, *chunks(b"aa", b"bb", b"cc"), b"0\r\n\r\n")
    assert (one.seen.ended, [portion for _, portion in one.seen.portions]) == (ended, kept)
    assert one.answer.done, "it passes all the same, and the next answer begins where it ends"
    if ended == "limit":
        assert one.seen.failure == "not judged: the body is longer than 5 bytes as it came (limit: body)"


@pytest.mark.parametrize(("said", "done"), [(["data: ", "[DO", "NE", "]\n"], True), (["data:", " ", "[DO", "NE", "]\n"], False),
                                            (["x", "\ndata:[DONE]", "\n", "\n", ""], True), (["data: [DONES"], False)])  # fmt: skip
def test_done_is_looked_for_at_the_end_of_what_came(said, done):
    assert passing(STREAM, *chunks(*(each.encode() for each in said if each))).said_all is done
    assert Observed(0.0, 0.0).said_all is False


def test_what_was_said_first_of_an_end_stays():
    one = passing()
    one.end("cut", "first")
    one.end("left", "second")
    assert (one.seen.ended, one.seen.failure, one.seen.started) == ("cut", "first", 1000.0)
    Observed(0.0, 0.0).end("cut", "there is nothing to say it of")


def test_bytes_behind_a_request_are_none_of_it_and_what_is_none_is_all_unread():
    one = passing()
    assert one.asked(b"GET /") == 0
    odd = Observed(0.0, 0.0)
    assert (odd.asked(b"\x16 no HTTP\r\n\r\n"), odd.blind, odd.asked(b"more")) == (13, True, 4)
    assert odd.answered(OK, 1.0) is False
    two = passing(OK + b"{}HTTP/1.1")
    assert (two.answer.done, [portion for _, portion in two.seen.portions], two.beyond) == (True, [b"{}"], b"")
    switched = Observed(0.0, 0.0)
    switched.asked(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
    switched.answered(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nbeyond", 1.0)
    assert (switched.answer.upgraded, switched.beyond, switched.seen.status) == (True, b"beyond", 101)


async def test_what_passed_is_read_soon_by_itself(monkeypatch):
    monkeypatch.setattr(relay, "LATER", 0)
    one = (await Relay().ask()).answer(OK, b"{}")
    for _ in range(5):
        await asyncio.sleep(0)
    assert [seen.status for seen in one.box] == [200]


# ---------------------------------------------------------------------- what is handed over


class Pipe:
    """The way to the process that judges."""

    def __init__(self, *said: object) -> None:
        self.sent, self._said = [], [*said]

    def send(self, what: object) -> None:
        self.sent.append(what)

    def poll(self, seconds: float) -> bool:
        return bool(self._said)

    def recv(self) -> object:
        said = self._said.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


def seen(asked: int, *portions: int) -> Seen:
    return Seen("GET", "/", [], 0.0, bytearray(asked), portions=[(0.0, bytes(size)) for size in portions])


def test_what_does_not_fit_beside_what_waits_is_counted_as_lost(monkeypatch):
    monkeypatch.setattr(proxy, "WAITING", 10)
    pipe = Pipe()
    outbox = _Outbox(pipe)
    first, second = seen(3, 2, 1), seen(2, 2)
    for each in (first, seen(1, 4), second, seen(0, 1)):
        _Door(outbox, 2).put(each)
    _Door(outbox, 0).unread()
    outbox.start()
    outbox.end()
    assert pipe.sent == [first, second, End(lost=2, unread=1)]
    assert first.door == 2
    later = seen(10)
    outbox.put(later)
    assert outbox._lost == 2, "what was handed over no longer waits"


def listening(*said: object) -> Proxy:
    one = Proxy(Upstream("http://h/v1"))
    one._from, one.over = Pipe(*said), None
    return one


def test_what_passed_is_given_until_all_is_over():
    first = seen(1)
    one = listening(first, End(1, 2), "never read")
    assert (one.next(0.0), one.over) == (first, None)
    assert (one.next(0.0), one.over) == (None, End(1, 2))
    assert one.next(0.0) is None
    quiet = listening()
    assert (quiet.next(0.0), quiet.over) == (None, None)
    killed = listening(EOFError())
    assert (killed.next(0.0), killed.over) == (None, End(lost=1, unread=0))


def test_an_address_is_written_as_in_a_url():
    assert [_host(each) for each in (("127.0.0.1", 80), ("::1", 80))] == ["127.0.0.1:80", "[::1]:80"]


@pytest.mark.parametrize(
    ("url", "proxy", "header", "whole"),
    [
        ("http://h/v1", None, b"", False),
        ("http://h/v1", "http://p:1", b"", True),
        ("https://h/v1", "http://p:1", b"", False),
        ("http://u:p@h:8/v1", "http://a%20b:c%40@p:1", b"Proxy-Authorization: Basic YSBiOmNA\r\n", True),
        ("http://h/v1", "http://a@p:1", b"Proxy-Authorization: Basic YTo=\r\n", True),
    ],
)
def test_what_a_proxy_is_told(url, proxy, header, whole):
    way = Upstream(url, proxy)
    assert (way.proxy_header, way.whole_urls) == (header, whole)
    assert way.host_header == (b"h:8" if ":8" in url else b"h")
    assert way.origin == url.split("/")[0].encode() + b"//" + way.host_header
