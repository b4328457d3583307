"""What passes through the relay is what was sent, when it was sent; and what it makes of it is what passed."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct

import pytest
import trustme

from conformance.watch import relay, upstream
from conformance.watch.relay import BUFFER, Program
from conformance.watch.upstream import Upstream
from tests.support import hostile
from tests.support.hostile import JSON, SSE

ASK = b'POST /v1/chat/completions?a=%2F HTTP/1.1\r\nhOST:  here \r\nX-Odd:\tvalue \r\ncontent-LENGTH: 14\r\n\r\n{"model": "m"}'
PATIENCE = 20


class Seen(list):
    """What the relay saw."""

    put = list.append
    unread_connections = 0

    def unread(self) -> None:
        self.unread_connections += 1


@contextlib.asynccontextmanager
async def relayed(base_url: str):
    """A relay to this endpoint: where it listens, and what it saw."""
    seen, programs = Seen(), set()
    way = Upstream.of(base_url)
    server = await asyncio.get_running_loop().create_server(lambda: Program(way, seen, programs), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()
        for program in [*programs]:
            program.transport.abort()
        await until(lambda: not programs)


async def until(true) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.01)


async def ask(port: int, *requests: bytes) -> bytes:
    """All that comes back on one connection that asks so, until the other side closes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for request in requests:
            writer.write(request)
            await writer.drain()
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    finally:
        writer.close()


ANSWERS = {
    "plain": JSON + b"Content-Length: 2\r\n\r\n{}",
    "odd": b"HTTP/1.1 200 \r\nx-a:1\r\nX-A:  2 \r\nContent-Length: 2\r\n\r\n{}",
    "trailers": SSE + b"5;ext=1\r\ndata:\r\n2\r\n\n\n\r\n0\r\nX-Trailer: yes\r\n\r\n",
    "until closed": b"HTTP/1.1 200 OK\r\n\r\ndata: [DONE]\n\n",
    "old": b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold",
    "informed": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + JSON + b"Content-Length: 2\r\n\r\n{}",
    "empty": b"HTTP/1.1 204 No Content\r\n\r\n",
    "no HTTP": b"SSH-2.0-OpenSSH_9\r\n",
    "bad chunk": SSE + b"zz\r\nhello\r\n",
    "cut": JSON + b"Content-Length: 200\r\n\r\n{}",
    "nothing": b"",
    "bytes": JSON + b"Content-Length: 256\r\n\r\n" + bytes(range(256)),
}
ENDED = {"no HTTP": "cut", "bad chunk": "undecodable", "cut": "cut", "nothing": "cut"}


@pytest.mark.parametrize("kind", ANSWERS)
async def test_bytes_pass_unchanged_in_both_directions(kind):
    got = []

    async def behaviour(writer, request):
        got.append(request)
        writer.write(ANSWERS[kind])
        await writer.drain()

    async with hostile.serve(behaviour) as base_url, relayed(base_url) as (port, seen):
        assert await ask(port, ASK) == ANSWERS[kind]
        host = base_url.removeprefix("http://").removesuffix("/v1").encode()
        assert got == [ASK.replace(b"hOST:  here ", b"hOST:  " + host)]
        await until(lambda: seen)
        assert seen[0].ended == ENDED.get(kind, "complete")
        assert (seen[0].target, bytes(seen[0].request_body)) == ("/v1/chat/completions?a=%2F", b'{"model": "m"}')


async def test_portions_are_neither_merged_nor_held_back():
    go = asyncio.Event()
    portions = [SSE, b"1\r\na\r\n", b"1\r\nb\r\n", b"1\r\nc\r\n0\r\n\r\n"]

    async def behaviour(writer, request):
        for portion in portions:
            writer.write(portion)
            await writer.drain()
            await go.wait()
            go.clear()

    async with hostile.serve(behaviour) as base_url, relayed(base_url) as (port, seen):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK)
        async with asyncio.timeout(PATIENCE):
            for portion in portions:
                assert await reader.read(1000) == portion  # the next is sent only when this one is here
                go.set()
        await until(lambda: seen)
        assert [portion for _, portion in seen[0].portions] == [b"a", b"b", b"c"]
        times = [at for at, _ in seen[0].portions]
        assert times == sorted(times)
        writer.close()


async def test_what_the_program_sends_in_portions_arrives_in_them():
    got, portions = [], [ASK[:-4], ASK[-4:-2], ASK[-2:]]

    async def handle(reader, writer):
        for _ in portions:
            got.append(await reader.read(1000))
            arrived.set()
        writer.write(JSON + b"Content-Length: 2\r\n\r\n{}")
        writer.close()

    arrived = asyncio.Event()
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, relayed(f"http://{address}/v1") as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for portion in portions:
            arrived.clear()
            writer.write(portion)
            async with asyncio.timeout(PATIENCE):
                await arrived.wait()
        await reader.read()
        writer.close()
    assert got == [portions[0].replace(b"here ", address.encode()), *portions[1:]]


@pytest.mark.parametrize("how", ["closed", "reset"])
async def test_a_program_that_goes_away_is_gone_for_the_endpoint(how):
    gone = asyncio.Event()

    async def handle(reader, writer):
        await reader.readuntil(b'"m"}')
        writer.write(SSE + b"3\r\nabc\r\n")
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        gone.set()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server, relayed(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1") as (port, seen):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK)
        await reader.readuntil(b"abc")
        if how == "reset":
            own = writer.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()
        async with asyncio.timeout(PATIENCE):
            await gone.wait()
        await until(lambda: seen)
        assert (seen[0].ended, seen[0].status) == ("left", 200)


async def test_a_program_that_goes_after_done_has_had_all():
    async def behaviour(writer, request):
        writer.write(SSE + b"e\r\ndata: [DONE]\n\n\r\n")
        await asyncio.sleep(hostile.FOREVER)

    async with hostile.serve(behaviour) as base_url, relayed(base_url) as (port, seen):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK)
        await reader.readuntil(b"[DONE]")
        writer.close()
        await until(lambda: seen)
        assert seen[0].ended == "complete"


async def test_a_connection_that_breaks_breaks_for_the_program():
    async def behaviour(writer, request):
        writer.write(SSE + b"3\r\nabc\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)  # what is on its way when a connection is reset may be lost
        own = writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with hostile.serve(behaviour) as base_url, relayed(base_url) as (port, seen):
        with pytest.raises(ConnectionResetError):
            await ask(port, ASK)
        await until(lambda: seen)
        assert (seen[0].ended, seen[0].failure) == ("cut", "the connection was reset before the body was whole")


async def test_where_nothing_listens_the_program_sees_a_broken_connection():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with relayed(f"http://127.0.0.1:{port}/v1") as (own, seen):
        with pytest.raises(ConnectionResetError):
            await ask(own, ASK)
        assert (seen[0].ended, seen[0].failure) == (
            "refused",
            f"no connection to 127.0.0.1:{port} (Connection refused)",
        )


async def test_one_connection_for_one_with_requests_in_a_row_or_at_once():
    connections = []

    async def handle(reader, writer):
        connections.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b'"m"}')
                writer.write(JSON + b"Content-Length: 1\r\n\r\n%d" % len(connections))
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server, relayed(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1") as (port, seen):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for requests in (1, 1, 3):
            writer.write(ASK * requests)
            for _ in range(requests):
                async with asyncio.timeout(PATIENCE):
                    assert (await reader.readuntil(b"\r\n\r\n1")).endswith(b"\r\n\r\n1")
        await until(lambda: len(seen) == 5)
        assert len(connections) == 1
        assert {each.ended for each in seen} == {"complete"}
        writer.close()
        await until(connections[0].is_closing)


async def test_a_slow_reader_slows_the_endpoint_down():
    sent = 0
    full = asyncio.Event()

    async def behaviour(writer, request):
        nonlocal sent
        writer.transport.set_write_buffer_limits(0)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            try:
                async with asyncio.timeout(2):
                    writer.write(bytes(BUFFER))
                    await writer.drain()
            except TimeoutError:
                full.set()
                return
            sent += BUFFER

    async with hostile.serve(behaviour) as base_url, relayed(base_url) as (port, _):
        with socket.create_connection(("127.0.0.1", port)) as program:
            program.sendall(ASK)
            async with asyncio.timeout(60):
                await full.wait()
    assert sent < 100 * 1024 * 1024  # what the buffers of the system hold, and no more of ours than BUFFER


async def test_another_protocol_passes_and_is_said_to_be_unread():
    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x02hi")
        assert await reader.readexactly(4) == b"\x81\x00\xff\xfe"
        writer.write(b"\x88\x00")
        writer.close()

    upgrade = b"GET /v1/realtime HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server, relayed(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1") as (port, seen):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(upgrade)
        await reader.readuntil(b"\x02hi")
        writer.write(b"\x81\x00\xff\xfe")
        assert await reader.read() == b"\x88\x00"
        writer.close()
        assert (list(seen), seen.unread_connections) == ([], 1)


async def test_what_is_no_request_passes_unread():
    async def handle(reader, writer):
        assert await reader.readexactly(len(odd)) == odd
        writer.write(b"anything")
        writer.close()

    odd = b"\x16\x03\x01 no HTTP\r\n\r\n"
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server, relayed(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1") as (port, seen):
        assert await ask(port, odd) == b"anything"
        assert (list(seen), seen.unread_connections) == ([], 1)


async def test_an_answer_that_comes_before_all_was_asked():
    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await reader.readuntil(b'"m"}')
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server, relayed(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1") as (port, seen):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK[:-14])
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ASK[-14:])
        assert await reader.read() == b""
        writer.close()
        assert [(each.status, bytes(each.request_body)) for each in seen] == [(413, b'{"model": "m"}')]


# ---------------------------------------------------------------------- the way there


@pytest.fixture
def trusted(monkeypatch, tmp_path):
    """The context of a server of this name; who reads the environment trusts it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "inference.example").configure_cert(context)
    return context


async def hello(writer, request):
    writer.write(JSON + b"Content-Length: 2\r\n\r\n{}")


async def test_tls_to_the_endpoint(trusted):
    async with hostile.serve(hello, trusted) as base_url, relayed(base_url) as (port, seen):
        assert (await ask(port, ASK)).endswith(b"{}")
        assert seen[0].status == 200


async def test_a_certificate_that_is_not_accepted_is_said():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with hostile.serve(hello, context) as base_url, relayed(base_url) as (port, seen):
        with pytest.raises(ConnectionResetError):
            await ask(port, ASK)
        assert "the certificate is not accepted" in seen[0].failure


@contextlib.asynccontextmanager
async def proxy(to: int, status: bytes = b"200"):
    """A proxy that leads to this port whatever it is asked for: its URL, and the heads it got."""
    heads = []

    async def copy(reader, writer):
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def handle(reader, writer):
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        onward = await asyncio.open_connection("127.0.0.1", to)
        if heads[-1].startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 %b Said\r\n\r\n" % status)
        else:
            onward[1].write(heads[-1])
        await asyncio.gather(copy(reader, onward[1]), copy(onward[0], writer))

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://user:se%20cret@127.0.0.1:{server.sockets[0].getsockname()[1]}", heads


BASIC = b"Proxy-Authorization: Basic dXNlcjpzZSBjcmV0\r\n"


async def test_a_tunnel_through_the_proxy_of_the_environment(trusted, monkeypatch):
    async with (
        hostile.serve(hello, trusted) as base_url,
        proxy(int(base_url.split(":")[2].split("/")[0])) as (url, heads),
    ):
        monkeypatch.setenv("https_proxy", url)
        async with relayed("https://inference.example/v1") as (port, seen):
            assert (await ask(port, ASK)).endswith(b"{}")
        host = b"inference.example:443"
        assert heads == [b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n%b\r\n" % (host, host, BASIC)]
        assert not any(b"Proxy" in name for name, _ in seen[0].request_headers)


async def test_a_proxy_that_refuses_is_said(trusted, monkeypatch):
    async with hostile.serve(hello) as base_url, proxy(int(base_url.split(":")[2].split("/")[0]), b"407") as (url, _):
        monkeypatch.setenv("https_proxy", url)
        async with relayed("https://inference.example/v1") as (port, seen):
            with pytest.raises(ConnectionResetError):
                await ask(port, ASK)
        assert seen[0].failure == "the proxy that the environment names refused the connection (407)"


async def test_a_proxy_for_plain_http_is_asked_for_whole_urls(monkeypatch):
    async with hostile.serve(hello) as base_url, proxy(int(base_url.split(":")[2].split("/")[0])) as (url, heads):
        monkeypatch.setenv("http_proxy", url)
        async with relayed("http://inference.example/v1") as (port, seen):
            assert (await ask(port, ASK)).endswith(b"{}")
        assert heads[0].startswith(b"POST http://inference.example/v1/chat/completions?a=%2F HTTP/1.1\r\n" + BASIC)
        assert b"hOST:  inference.example\r\n" in heads[0]
        assert seen[0].target == "/v1/chat/completions?a=%2F"


def test_what_is_on_this_machine_needs_no_proxy(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    assert Upstream.of("http://127.0.0.1:8000/v1").proxy is None
    with pytest.raises(ValueError, match="none for HTTP"):
        Upstream.of("https://inference.example/v1")
    monkeypatch.setenv("no_proxy", "inference.example")
    assert Upstream.of("https://inference.example/v1").proxy is None


async def test_a_connection_is_waited_for_no_longer_than_that(monkeypatch):
    monkeypatch.setattr(upstream, "CONNECT", 0.05)

    async def never(*_, **__):
        await asyncio.sleep(hostile.FOREVER)

    async with relayed("http://inference.example/v1") as (port, seen):
        monkeypatch.setattr(Upstream, "_direct", never)
        with pytest.raises(ConnectionResetError):
            await ask(port, ASK)
        assert seen[0].failure == "no connection to inference.example within 0.05 s"


# ---------------------------------------------------------------------- reading along


async def test_bytes_pass_before_they_are_read(monkeypatch):
    """Where nothing is ever read by itself, all passes, and is read when the next request or the end wants to know what was."""
    monkeypatch.setattr(relay, "LATER", 3600)
    answer = JSON + b"Content-Length: 2\r\n\r\n{}"

    async def handle(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b'"m"}'):
                writer.write(answer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server, relayed(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1") as (port, seen):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(PATIENCE):
            for number in range(3):
                writer.write(ASK)
                assert await reader.readexactly(len(answer)) == answer
                assert len(seen) == number
        writer.close()
        await until(lambda: len(seen) == 3)
    assert [(x.status, bytes(x.request_body), [data for _, data in x.portions]) for x in seen] == [
        (200, b'{"model": "m"}', [b"{}"])
    ] * 3
    assert [x.ended for x in seen] == ["complete"] * 3
