"""What the proxy of `watch` costs, beside a direct connection: `python -m benchmarks.watch_bench`. Prints a table and fails where a figure
is missed.

The endpoint is a bare server in a process of its own, so that nothing but bytes takes time; direct and watched requests take turns, and
what is said is the difference between the two distributions. Bytes are compared on the reference, honest and lying: what the
program sends and gets with what a tap before the endpoint gets and sends.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice

from conformance.areas.catalogue import lies, probes
from conformance.send.embedded import Reference
from conformance.send.requests import requests
from conformance.send.target import Target, request_headers
from conformance.watch.proxy import Proxy
from conformance.watch.upstream import Upstream

AT_ONCE = 8
PORTIONS = 40
GAP = 0.005
"""Seconds between two portions of the timed stream."""
TURNS = 12
EVENTS = 100_000
EVENT = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
RATIO = 0.5
LIES = ("stream-crlf", "chat-object-text")
BURST = 10
"""Events that the server writes at once in the long stream, as a server does that is quicker than its network."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
ASK = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nX-Kind: %b\r\nContent-Length: 2\r\n\r\n{}"


# ---------------------------------------------------------------------- the endpoint


def serve_bare(to) -> None:
    """A server that answers with a stream: `X-Kind: timed` with portions that tell when they were sent, `X-Kind: long` with many events."""
    asyncio.run(_serve_bare(to))


async def _serve_bare(to) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=100)
    to.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n{}")
    writer.write(HEAD)
    if b"timed" in head:
        for _ in range(PORTIONS):
            writer.write(b"15\r\n%021d\r\n" % time.perf_counter_ns())
            await asyncio.sleep(GAP)
    else:
        chunk = b"%x\r\n%b\r\n" % (len(EVENT), EVENT)
        for _ in range(EVENTS // BURST):
            writer.write(chunk * BURST)
            await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    writer.close()


# ---------------------------------------------------------------------- times


async def timed(port: int) -> tuple[float, list[float]]:
    """Milliseconds to the first portion, and those that each portion was on its way."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.perf_counter_ns()
    writer.write(ASK % b"timed")
    await reader.readuntil(b"\r\n\r\n")
    delays, first = [], 0.0
    for n in range(PORTIONS):
        await reader.readuntil(b"15\r\n")
        portion = await reader.readuntil(b"\r\n")
        now = time.perf_counter_ns()
        first = first if n else (now - began) / 1e6
        delays.append((now - int(portion)) / 1e6)
    writer.close()
    return first, delays


async def times(ports: tuple[int, int], turns: int) -> tuple[list[list[float]], list[list[float]]]:
    """Of the direct and of the watched way, in turns: the times to the first portion, and of the portions on their way."""
    firsts: list[list[float]] = [[], []]
    delays: list[list[float]] = [[], []]
    for turn in range(turns + 1):
        for way, port in enumerate(ports):
            for first, each in await asyncio.gather(*(timed(port) for _ in range(AT_ONCE))):
                if turn:  # the first is for warming up
                    firsts[way].append(first)
                    delays[way] += each
    return firsts, delays


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def seconds_of_long_stream(port: int) -> float:
    """Seconds in which httpx, the transport of the official client, reads the long stream."""
    import httpx

    began, size = time.perf_counter(), 0
    with httpx.stream(
        "POST",
        f"http://127.0.0.1:{port}/v1/chat/completions",
        headers={"X-Kind": "long"},
        content=b"{}",
        timeout=600,
        trust_env=False,
    ) as answer:
        for portion in answer.iter_raw():
            size += len(portion)
    assert size == EVENTS * len(EVENT), size
    return time.perf_counter() - began


# ---------------------------------------------------------------------- bytes


class Tap:
    """Passes on what comes to the port `to`, and keeps what each connection carried both ways."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.kept: list[tuple[bytearray, bytearray]] = []

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked, answered = bytearray(), bytearray()
        self.kept.append((asked, answered))
        onward = await asyncio.open_connection("127.0.0.1", self.to)
        await asyncio.gather(_copy(reader, onward[1], asked), _copy(onward[0], writer, answered))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keep: bytearray) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            keep += data
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


def messages(model: str, key: str) -> Iterator[bytes]:
    """The requests of a run as bytes, one a connection; none that ask the server to break the connection, for what of an answer is lost
    with it is chance."""
    for request in (each for probe in probes() for each in requests(probe, model)):
        target = Target("http://x/v1", model, key)
        body = request.body or b""
        head = [
            f"{request.method} /v1{request.path} HTTP/1.1",
            "Host: x",
            "Connection: close",
            f"Content-Length: {len(body)}",
        ]
        head += [f"{name}: {value}" for name, value in request_headers(request, target)]
        if "staged" not in request.probe.intent:
            yield "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


async def changed_bytes(server: Reference, count: int) -> tuple[int, int]:
    """Of so many exchanges with this server, how many bytes or connections differ between the two sides of the proxy, and the number."""
    tap = Tap(int(server.base_url.split(":")[2].split("/")[0]))
    listening = await asyncio.start_server(tap.pass_on, "127.0.0.1", 0, limit=1 << 24)
    port = listening.sockets[0].getsockname()[1]
    different = done = 0
    with _watched(port) as own:
        for asked in islice(messages(server.model, server.key), count):
            reader, writer = await asyncio.open_connection("127.0.0.1", own, limit=1 << 24)
            writer.write(asked)
            with suppress(ConnectionError):
                answered = await asyncio.wait_for(reader.read(), 60)
            writer.close()
            sent, got = tap.kept[-1]
            want = asked.replace(b"Host: x", b"Host: 127.0.0.1:%d" % port, 1)
            different += (bytes(sent), bytes(got)) != (want, answered) or len(tap.kept) != done + 1
            done += 1
    listening.close()
    return different, done


# ---------------------------------------------------------------------- all of it


@contextmanager
def _watched(port: int) -> Iterator[int]:
    """The port of a proxy before this one; what it saw is taken and dropped."""
    with Proxy(Upstream(f"http://127.0.0.1:{port}/v1")) as proxy:

        def drain() -> None:
            while proxy.over is None:
                proxy.next(0.5)

        taking = threading.Thread(target=drain)
        taking.start()
        try:
            yield int(proxy.address.rpartition(":")[2])
        finally:
            proxy.stop()
            taking.join()


def main(turns: int) -> int:
    own = multiprocessing.get_context("spawn")
    here, there = own.Pipe()
    endpoint = own.Process(target=serve_bare, args=(there,), daemon=True)
    endpoint.start()
    port = here.recv()
    with _watched(port) as proxy:
        firsts, delays = asyncio.run(times((port, proxy), turns))
        pairs = [(seconds_of_long_stream(port), seconds_of_long_stream(proxy)) for _ in range(3)]
    endpoint.kill()
    different = done = 0
    for lie in (None, *(lies()[name] for name in LIES)):
        with Reference(lie=lie) as server:
            found, asked = asyncio.run(changed_bytes(server, 1000))
        different, done = different + found, done + asked
    ratio = statistics.median(direct / watched for direct, watched in pairs)
    figures = [
        (f"added to the first portion, p95, {AT_ONCE} in flight", p95(firsts[1]) - p95(firsts[0]), "ms", 1.5),
        ("added to a portion on its way, p95", p95(delays[1]) - p95(delays[0]), "ms", 0.5),
        ("the same, median", statistics.median(delays[1]) - statistics.median(delays[0]), "ms", 0.5),
        (f"exchanges of {done:,} with a byte that differs", different, "", 0),
    ]
    missed = ratio < RATIO or done < 1000
    for what, value, unit, most in figures:
        missed |= value > most
        print(f"{what:55} {value:8.3g} {unit:3} (at most {most})")
    print(f"{f'speed of a stream of {EVENTS:,} events, of the direct':55} {ratio:8.2f} x   (at least {RATIO})")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else TURNS))
