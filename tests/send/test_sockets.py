"""Turns over WebSockets against servers that are not there, refuse, break off, hang or say nonsense; `--websocket` asks for them."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import serve as websocket_server

from conformance.areas.catalogue import catalogue, features, judge, probes
from conformance.exchange import Exchange
from conformance.exchange.curl import curl
from conformance.judge.decider import Decider
from conformance.record.run_lines import exchange_of, exchange_record
from conformance.run.live import asked
from conformance.run.options import Options
from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from conformance.send.target import Target

SOCKETS = [probe for probe in probes() if probe.socket]
IMPATIENT = Limits(whole=1.5, silence=0.3, connect=1.0)
SECRET = "sk-a-key-that-nobody-may-see"
CREATED = json.dumps({"type": "response.created", "response": {"id": "resp_1"}})


@asynccontextmanager
async def serving(talk, **more):
    async with websocket_server(talk, "127.0.0.1", 0, **more) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def answers(url: str, only=SOCKETS) -> tuple[dict[str, Exchange], list]:
    got: list[Exchange] = []
    skipped = await fetch(only, Target(url, "m", SECRET), IMPATIENT, on_exchange=got.append)
    return {x.id: x for x in got}, skipped


def decision(got) -> str:
    decider = Decider([features()["responses_websocket"]])
    for x in got.values():
        decider.add(x)
    return decider.finish()[0].decision


async def one(talk) -> Exchange:
    async with serving(talk) as url:
        return (await answers(url, SOCKETS[:1]))[0]["socket.hello"]


@pytest.mark.parametrize("status", [404, 405, 426, 400, 501, 302, 200])
async def test_a_refused_handshake_costs_one_request_and_is_no_fault(status):
    def refuse(connection, request):
        response = connection.respond(status, "Not here.\n")
        response.headers["Location"] = "/elsewhere"
        return response

    async with serving(lambda connection: None, process_request=refuse) as url:
        got, skipped = await answers(url)
    assert ([*got], skipped) == (["socket.hello"], [])
    x = got["socket.hello"]
    assert (x.status, x.ended, x.ok, x.body) == (status, "complete", False, b"Not here.\n")
    assert decision(got) == "absent"
    assert [verdict for verdict in judge(got.values()) if verdict.outcome not in ("pass", "not-exercised")] == []


async def test_nobody_there_and_a_server_that_speaks_no_http():
    async def mumble(reader, writer):
        writer.write(b"220 hello\r\n")
        writer.close()

    server = await asyncio.start_server(mumble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        got, _ = await answers(f"http://127.0.0.1:{port}/v1", SOCKETS[:1])
    assert (got["socket.hello"].status, got["socket.hello"].ended) == (None, "undecodable")
    got, _ = await answers(f"http://127.0.0.1:{port}/v1", SOCKETS[:1])
    assert (got["socket.hello"].ended, "nothing listens" in got["socket.hello"].failure) == ("refused", True)


async def test_a_server_that_says_nothing_and_one_that_stops_in_the_middle():
    async def silent(connection):
        await connection.recv()
        await asyncio.sleep(5)

    async def half(connection):
        await connection.recv()
        await connection.send(CREATED)
        await asyncio.sleep(5)

    assert [(x.ended, x.status, x.failure) for x in (await one(silent), await one(half))] == [
        ("timeout", 101, "no byte of the body came within 1.5 s (limit: first byte)"),
        ("timeout", 101, "no byte came for 0.3 s (limit: silence)"),
    ]


async def test_a_server_that_closes_says_by_which_code():
    async def closing(connection):
        await connection.recv()
        await connection.send(CREATED)
        await connection.close(1011, "overloaded")

    x = await one(closing)
    assert (x.ended, x.failure) == (
        "cut",
        "the server closed the WebSocket with code 1011 (overloaded) before the turn was over",
    )
    assert x.body.endswith(b": closed 1011 overloaded\n\n")


async def test_one_message_may_not_fill_the_memory():
    async def huge(connection):
        await connection.recv()
        await connection.send("x" * (IMPATIENT.body_bytes + 1))

    x = await one(huge)
    assert x.ended == "cut"
    assert len(x.body) < 1000


async def test_a_key_that_is_echoed_is_kept_nowhere():
    async def echo(connection):
        await connection.recv()
        await connection.send(
            json.dumps({"type": "error", "error": {"message": connection.request.headers["Authorization"]}})
        )

    x = await one(echo)
    assert SECRET not in str(vars(x))
    assert "REDACTED" in x.body.decode()
    assert (x.ok, x.failed, x.streaming) == (False, False, True)


async def test_a_turn_outlives_the_run_file_and_has_a_line_that_sends_it():
    async def decline(connection):
        await connection.recv()
        await connection.send('{"type": "error"}')

    x = await one(decline)
    again = exchange_of(json.loads(json.dumps(exchange_record(x))))
    assert again == x
    assert (again.socket, again.ok) == (True, False)
    line = curl(x)
    assert line.startswith("python3 -c ")
    assert f" {x.url} 1 " in line
    assert '"Authorization: Bearer $OPENAI_API_KEY"' in line


def test_turns_are_taken_where_they_are_asked_for():
    checks = [*catalogue().values()]
    assert not any(probe.socket for probe in asked(Options(depth="deep"), checks))
    assert [probe for probe in asked(Options(depth="deep", websocket=True), checks) if probe.socket] == SOCKETS
