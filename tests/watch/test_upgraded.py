"""Turns over a WebSocket that passes through the relay are read as the exchanges that they are."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response

from conformance.watch import upgraded
from conformance.watch.program import exchange
from tests.watch.test_relay import relayed, until

HELLO = '{"type": "response.create", "input": "Hello."}'
CREATED, COMPLETED = '{"type": "response.created"}', '{"type": "response.completed", "response": {"id": "resp_1"}}'
ERROR = '{"type": "error", "error": {"message": "no"}}'
FAILED = '{"type": "response.failed"}'


@contextlib.asynccontextmanager
async def talking(answer, path: str = "/v1/responses", **settings):
    """A client's connection, by way of the relay, to a server that answers so; what the relay saw; and the server's settings."""
    client = {name: settings.pop(name) for name in ("compression",) if name in settings}
    async with serve(answer, "127.0.0.1", 0, **settings) as server:
        base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        async with relayed(base_url) as (port, seen), connect(f"ws://127.0.0.1:{port}{path}", **client) as connection:
            yield connection, seen


def turn(seen):
    """What the judge gets."""
    return exchange(seen, "program#1", "http://endpoint", ())


async def received(connection):
    """All that comes until the connection is closed, however it is."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            yield await connection.recv()


async def spoken(connection):
    """Answers each message as a response, in two messages."""
    async for _ in connection:
        await connection.send(CREATED)
        await connection.send(COMPLETED)


@pytest.mark.parametrize("compression", ["deflate", None])
async def test_each_turn_is_an_exchange(compression):
    async with talking(spoken, compression=compression) as (connection, seen):
        for text in (HELLO, HELLO.replace("Hello", "Again" * 500)):
            await connection.send(text)
            assert [await connection.recv(), await connection.recv()] == [CREATED, COMPLETED]
        await connection.close()
        await until(lambda: len(seen) == 2)
        first, second = map(turn, seen)
    assert (first.url, first.method, first.status, first.ended) == (
        "ws://endpoint/v1/responses",
        "GET",
        101,
        "complete",
    )
    assert first.asked == json.loads(HELLO)
    assert b"Again" in second.request_body
    assert first.body == second.body == f"data: {CREATED}\n\ndata: {COMPLETED}\n\n".encode()
    assert second.started >= first.started
    assert seen.unread_connections == 0


async def test_messages_in_pieces_in_binary_and_with_pings_between():
    async def answer(connection):
        async for _ in connection:
            await connection.send([CREATED[:5], CREATED[5:9], CREATED[9:]])
            await (await connection.ping())
            await connection.send(COMPLETED.encode())

    async with talking(answer) as (connection, seen):
        await connection.send([HELLO[:8], HELLO[8:]])
        assert [await connection.recv(), await connection.recv()] == [CREATED, COMPLETED.encode()]
    await until(lambda: seen)
    x = turn(seen[0])
    assert (x.asked, x.ended) == (json.loads(HELLO), "complete")
    assert x.body == f"data: {CREATED}\n\nevent: binary\ndata: {COMPLETED}\n\n".encode()


async def test_two_messages_at_once_are_one_turn():
    async def answer(connection):
        texts = [await connection.recv(), await connection.recv()]
        for _ in texts:
            await connection.send(COMPLETED)
        await connection.wait_closed()

    async with talking(answer) as (connection, seen):
        await connection.send(HELLO)
        await connection.send('{\n"type": "response.create"}')
        assert [await connection.recv(), await connection.recv()] == [COMPLETED, COMPLETED]
    await until(lambda: seen)
    assert turn(seen[0]).request_body.decode().split("\n") == [HELLO, '{ "type": "response.create"}']


@pytest.mark.parametrize(
    ("said", "code", "ended", "failure"),
    [
        ([CREATED], 1011, "cut", "the server closed the WebSocket with code 1011 (why) before the turn was over"),
        ([COMPLETED], 1000, "complete", None),
        ([CREATED, ERROR, FAILED], 1000, "complete", None),  # an error within a response, and then its end
        ([CREATED, ERROR], 1000, "complete", None),
        ([COMPLETED, CREATED], 1000, "complete", None),  # what comes after the end is seen, too
    ],
)
async def test_the_end_of_a_turn_is_that_of_a_live_one(said, code, ended, failure):
    async def answer(connection):
        await connection.recv()
        for message in said:
            await connection.send(message)
        await connection.close(code, "why")

    async with talking(answer) as (connection, seen):
        await connection.send(HELLO)
        async for _ in received(connection):
            pass
    await until(lambda: seen)
    [x] = map(turn, seen)
    assert (x.ended, x.failure) == (ended, failure)
    assert x.body.startswith("".join(f"data: {message}\n\n" for message in said).encode())
    assert (b": closed 1011 why" in x.body) is (ended == "cut")


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_program_that_goes_within_a_turn_has_left_it(how):
    gone = asyncio.Event()

    async def answer(connection):
        await connection.recv()
        await connection.send(CREATED)
        await connection.wait_closed()
        gone.set()

    async with talking(answer) as (connection, seen):
        await connection.send(HELLO)
        await connection.recv()
        if how == "reset":
            own = connection.transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.transport.abort()
        else:
            await connection.close()
        await until(lambda: seen)
        async with asyncio.timeout(20):
            await gone.wait()
    assert [turn(each).ended for each in seen] == ["left"]


async def test_a_server_that_breaks_within_a_turn_cut_it():
    async def answer(connection):
        await connection.recv()
        await connection.send(CREATED)
        connection.transport.abort()

    async with talking(answer) as (connection, seen):
        await connection.send(HELLO)
        async for _ in received(connection):
            pass
    await until(lambda: seen)
    x = turn(seen[0])
    assert (x.ended, b": closed 1006" in x.body) == ("cut", True)


async def test_what_is_no_frame_cannot_be_read_and_passes():
    async def answer(connection):
        await connection.recv()
        connection.transport.write(b"\xff\xff no frame")
        await connection.wait_closed()

    async with talking(answer) as (connection, seen):
        await connection.send(HELLO)
        with pytest.raises(ConnectionClosed):
            await connection.recv()
    await until(lambda: seen)
    x = turn(seen[0])
    assert (x.ended, x.failure.startswith(upgraded.UNREADABLE)) == ("undecodable", True)


async def test_a_long_turn_is_kept_to_its_bound(monkeypatch):
    async def answer(connection):
        async for _ in connection:
            for _ in range(40):
                await connection.send(CREATED)
            await connection.send(COMPLETED)

    monkeypatch.setattr(upgraded, "KEPT", 1000)
    async with talking(answer) as (connection, seen):
        await connection.send(HELLO)
        while await connection.recv() != COMPLETED:
            pass
    await until(lambda: seen)
    x = turn(seen[0])
    assert (x.ended, len(x.body) <= 1000) == ("limit", True)


async def test_a_handshake_that_is_refused_is_one_of_a_turn():
    def refuse(connection, request):
        return Response(401, "Unauthorized", Headers({"Content-Length": "2"}), b"{}")

    async with serve(spoken, "127.0.0.1", 0, process_request=refuse) as server:
        base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        async with relayed(base_url) as (port, seen):
            with pytest.raises(InvalidStatus, match="401"):
                await connect(f"ws://127.0.0.1:{port}/v1/responses")
            await until(lambda: seen)
    x = turn(seen[0])
    assert (x.url, x.status, x.body, x.ended) == ("ws://endpoint/v1/responses", 401, b"{}", "complete")


async def test_another_protocol_over_a_websocket_passes_unread():
    async def answer(connection):
        await connection.send(await connection.recv())

    async with talking(answer, "/v1/realtime?model=m") as (connection, seen):
        await connection.send("anything")
        assert await connection.recv() == "anything"
    assert (list(seen), seen.unread_connections) == ([], 1)
