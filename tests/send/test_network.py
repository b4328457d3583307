"""A network that fails is an exchange that says so, in the words of its user."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time

import httpx
import pytest
import respx
import trustme

from conformance.exchange.probe import Probe
from conformance.send import network
from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from conformance.send.target import Target
from conformance.send.transport_errors import explained
from tests.support.hostile import JSON, SSE, chunk, says, serve, whole

KEY = "sk-test-0123456789abcdef0123456789"


HEAD = b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: 1\r\n" % n for n in range(network.HEAD_LINES - 2))


@pytest.mark.parametrize("at", [5, len(HEAD) - 1, len(HEAD), len(HEAD) + 1, len(HEAD) + 2, len(HEAD) + 50])
def test_no_line_of_a_body_is_taken_for_one_of_its_head(at):
    answer, head = HEAD + b"\r\n" + b"data: {}\n\n" * 3000, network.Head()
    assert head.bounded(answer[:at]) + head.bounded(answer[at:]) == answer


@pytest.mark.parametrize("at", [5, 3000, len(HEAD) + 3000])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_head_ends_where_it_has_too_many_lines(at, ending):
    answer, head = (HEAD + b"x: 1\r\n" * 3000 + b"\r\nbody").replace(b"\r\n", ending), network.Head()
    given = head.bounded(answer[:at]) + head.bounded(answer[at:])
    lines, blank, _ = given.partition(b"\n\r\n")
    assert (lines.count(b"\n") + 1, blank) == (network.HEAD_LINES, b"\n\r\n")


def caused(error, cause):
    error.__cause__ = cause
    return error


class Breaks(httpx.AsyncByteStream):
    """A body that stops with an error."""

    def __init__(self, error):
        self.error = error

    async def __aiter__(self):
        yield b'{"half":'
        raise self.error


URL = "http://api.example.test:8000/v1"
MISHAPS = [
    (httpx.ConnectError("All connection attempts failed"), "refused", "no connection to api.example.test:8000"),
    (httpx.ConnectTimeout("x"), "timeout", "within 10 s (limit: connect)"),
    (httpx.PoolTimeout("x"), "timeout", "PoolTimeout"),
    (httpx.ReadTimeout("x"), "timeout", "ReadTimeout"),
    (httpx.WriteError("x"), "cut", "reset"),
    (httpx.ReadError("x"), "cut", "reset"),
    (httpx.ProxyError("407 Proxy Authentication Required"), "refused", "the proxy refused"),
    (httpx.RemoteProtocolError("Server disconnected without sending a response."), "cut", "before the headers"),
    (httpx.RemoteProtocolError("illegal status line: bytearray(b'\\x1b[2J')"), "undecodable", "not HTTP/1.1"),
    (httpx.UnsupportedProtocol("x"), "refused", "cannot be sent"),
    (RuntimeError(f"surprise {KEY}"), "undecodable", "RuntimeError"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "ended", "words"), MISHAPS, ids=lambda value: str(value)[:40])
@respx.mock
async def test_each_mishap_is_an_exchange_that_says_it(error, ended, words):
    respx.post(f"{URL}/chat/completions").mock(side_effect=error)
    got = []
    await fetch([Probe("x", {})], Target(URL, "m", KEY), Limits(), on_exchange=got.append)
    (x,) = got
    assert (x.status, x.body, x.ended) == (None, b"", ended)
    assert words in x.failure
    assert KEY not in repr(x)
    assert x.failure.isprintable()


CAUSED = [
    (caused(httpx.ConnectError("x"), ConnectionRefusedError(111, "Connection refused")), "refused",
     "nothing listens at api.example.test:8000 (connection refused)"),
    (caused(httpx.ConnectError("x"), socket.gaierror(-2, "Name or service not known")), "refused",
     "the host 'api.example.test' is not known (Name or service not known)"),
    (caused(httpx.ConnectError("x"), ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")), "refused",
     "TLS to api.example.test:8000 failed"),
    (caused(httpx.ConnectError("x"), OSError(113, "No route to host")), "refused", "(No route to host)"),
    (caused(httpx.ConnectError("x"), ExceptionGroup("all", [OSError(1, "one"), ConnectionRefusedError(111, "two")])),
     "refused", "nothing listens"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "ended", "words"), CAUSED)
def test_what_led_to_a_mishap_is_said(error, ended, words):
    assert explained(error, f"{URL}/models", Limits(), str)[0] == ended
    assert words in explained(error, f"{URL}/models", Limits(), str)[1]


@pytest.mark.parametrize("error", [httpx.ReadError("x"), httpx.RemoteProtocolError("peer closed connection (x)")])
@respx.mock
async def test_a_mishap_in_the_middle_keeps_what_had_come(error):
    respx.post(f"{URL}/chat/completions").mock(return_value=httpx.Response(200, stream=Breaks(error)))
    got = []
    await fetch([Probe("x", {})], Target(URL, "m", KEY), Limits(), on_exchange=got.append)
    assert [(x.status, x.body, x.ended) for x in got] == [(200, b'{"half":', "cut")]


async def test_tls_with_a_server_that_does_not_speak_it():
    got = []

    async def plain(writer, request):
        writer.write(JSON + b"\r\n{}")

    async with serve(plain) as url:
        target = Target(url.replace("http:", "https:"), "m")
        # The server reads a TLS hello as a request that never ends; it is we who must not wait for it.
        await fetch([Probe("x", {})], target, Limits(connect=0.5), on_exchange=got.append)
    assert (got[0].status, got[0].ended) == (None, "timeout")


async def test_a_closed_port_and_a_host_that_does_not_exist():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    got = []
    await fetch([Probe("x", {})], Target(f"http://127.0.0.1:{port}/v1", "m"), Limits(), on_exchange=got.append)
    await fetch([Probe("x", {})], Target("http://no-such-host.invalid/v1", "m"), Limits(), on_exchange=got.append)
    assert got[0].failure == f"nothing listens at 127.0.0.1:{port} (connection refused)"
    assert "no-such-host.invalid" in got[1].failure
    assert {x.ended for x in got} <= {"refused", "timeout"}


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def certified(authority):
    """The context of a server whose certificate that authority has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


async def half(writer, request):
    writer.write(whole(b"{}").replace(b"Length: 2", b"Length: 9"))


@pytest.mark.parametrize(
    ("behaviour", "body", "ended"),
    [(says(whole(b"{}")), b"{}", "complete"), (half, b"{}", "cut")],
    ids=["whole", "half"],
)
async def test_tls_with_a_certificate_that_is_trusted(
    authority, certified, tmp_path, monkeypatch, behaviour, body, ended
):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    got = []
    async with serve(behaviour, certified) as url:
        await fetch([Probe("x", {})], Target(url, "m"), Limits(), on_exchange=got.append)
    assert [(x.status, x.body, x.ended) for x in got] == [(200, body, ended)]


async def test_tls_with_a_certificate_that_nobody_vouches_for(certified):
    got = []
    async with serve(says(whole(b"{}")), certified) as url:
        await fetch([Probe("x", {})], Target(url, "m"), Limits(), on_exchange=got.append)
    assert (got[0].status, got[0].ended) == (None, "refused")
    assert "the certificate is not accepted" in got[0].failure


async def test_an_answer_came_when_it_came_whatever_kept_this_program_busy():
    async with serve(says(whole(b"{}"))) as url, httpx.AsyncClient(transport=network.Transport()) as http:
        async with http.stream("GET", url) as response:
            await response.aread()
        # Long after the last byte: what is told is when that byte came, not now.
        assert network.arrived(response) == network.arrived(response) < time.perf_counter()
    assert network.arrived(httpx.Response(200)) < network.arrived(httpx.Response(200))  # on a foreign connection: now


async def test_all_addresses_of_a_host_may_refuse(monkeypatch):
    """`localhost` often is two: then asyncio tells their errors in one text."""
    error = OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 9), [Errno 111] Connect call failed")

    async def refuse(*_, **__):
        raise error

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", refuse)
    got = []
    await fetch([Probe("x", {})], Target("http://localhost:9/v1", "m"), Limits(), on_exchange=got.append)
    assert got[0].failure == "nothing listens at localhost:9 (connection refused)"


async def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(monkeypatch):
    seen = []

    async def proxy(writer, request):
        seen.append(request.split(b" ")[1])
        writer.write(whole(b'{"from": "proxy"}'))

    got = []
    async with serve(proxy) as through, serve(says(whole(b"{}"))) as here:
        monkeypatch.setenv("http_proxy", through.removesuffix("/v1"))
        for url in ("http://api.example.test/v1", here):
            await fetch([Probe("x", {})], Target(url, "m"), Limits(), on_exchange=got.append)
    assert [x.body for x in got] == [b'{"from": "proxy"}', b"{}"]
    assert seen == [b"http://api.example.test/v1/chat/completions"]


async def test_what_nobody_reads_is_not_taken_from_the_system():
    sent = 0

    async def flood(writer, request):
        nonlocal sent
        writer.write(SSE)
        while True:
            writer.write(chunk(bytes(1 << 20)))
            await writer.drain()
            sent += 1

    async with serve(flood) as url, httpx.AsyncClient(transport=network.Transport()) as http, http.stream("GET", url):
        for _ in range(100):
            await asyncio.sleep(0.005)
    assert sent < 64  # MiB: the buffers of two sockets, and few portions


async def test_the_limit_of_the_first_byte_does_not_hold_for_the_second():
    async def pause(writer, request):
        writer.write(SSE + chunk(b"data: 1\n\n"))
        await asyncio.sleep(1.3)
        writer.write(chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")

    got = []
    async with serve(pause) as url:
        await fetch([Probe("x", {})], Target(url, "m"), Limits(first_byte=1, silence=60), on_exchange=got.append)
    assert [x.ended for x in got] == ["complete"]
