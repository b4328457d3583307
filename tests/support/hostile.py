"""Servers that misbehave, each in one way, on a loopback socket: what an endpoint may do to us. One function a misbehaviour.

A behaviour gets the writer and the raw request; what it does not close, `serve` closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gzip
import socket
import ssl
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable

Behaviour = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]

JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
FOREVER = 3600


@contextlib.asynccontextmanager
async def serve(
    behaviour: Behaviour, context: ssl.SSLContext | None = None, *, kept: bool = False
) -> AsyncIterator[str]:
    """The base URL of a server that does this to every request; with a context it speaks TLS. A connection carries one request, or,
    where it is `kept`, as many as come."""
    tasks = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            more = True
            while more and not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                await behaviour(writer, head + await _rest(reader, head))
                await writer.drain()
                more = kept
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=1 << 24, ssl=context)
    try:
        yield f"http{'s' if context else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _rest(reader: asyncio.StreamReader, head: bytes) -> bytes:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return await reader.readexactly(int(line.partition(b":")[2]))
        if line == b"transfer-encoding: chunked":
            return await reader.readuntil(b"0\r\n\r\n")
    return b""


def whole(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """A well-formed answer."""
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def says(answer: bytes) -> Behaviour:
    """The behaviour that sends these bytes and closes."""

    async def say(writer: asyncio.StreamWriter, request: bytes) -> None:
        writer.write(answer)

    return say


async def endless(writer: asyncio.StreamWriter, start: bytes, piece: bytes) -> None:
    """`start`, then `piece` for ever, as fast as it is read."""
    writer.write(start)
    while True:
        writer.write(piece)
        await writer.drain()


# ---------------------------------------------------------------------- without an answer


async def closes_at_once(writer: asyncio.StreamWriter, request: bytes) -> None:
    pass


async def resets(writer: asyncio.StreamWriter, request: bytes) -> None:
    _reset(writer)


async def silent(writer: asyncio.StreamWriter, request: bytes) -> None:
    await asyncio.sleep(FOREVER)


async def drips_headers(writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.01)


async def endless_headers(writer: asyncio.StreamWriter, request: bytes) -> None:
    await endless(writer, JSON, b"X-More: " + b"x" * 1000 + b"\r\n")


async def endless_header_line(writer: asyncio.StreamWriter, request: bytes) -> None:
    await endless(writer, JSON + b"X-Long: ", b"x" * 1000)


async def endless_early_answers(writer: asyncio.StreamWriter, request: bytes) -> None:
    await endless(writer, b"", b"HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\n" * 100)


# ---------------------------------------------------------------------- with half of one


async def big_headers(writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(whole(b"{}", *(b"X-%d: %b" % (n, b"x" * 1000) for n in range(80))))


async def silent_after_headers(writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(JSON + b"Content-Length: 100\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(FOREVER)


async def silent_after_a_part(writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(JSON + b'Content-Length: 100\r\n\r\n{"half":')
    await writer.drain()
    await asyncio.sleep(FOREVER)


async def drips(writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(SSE)
    while True:
        writer.write(chunk(b":"))
        await writer.drain()
        await asyncio.sleep(0.01)


async def drips_a_chunk_header(writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(SSE + chunk(b"data: 1\n\n") + b"1;")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def closes_early(writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(JSON + b'Content-Length: 100\r\n\r\n{"half":')


async def leaves_chunks_open(writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(SSE + chunk(b"data: 1\n\n"))


async def resets_in_the_middle(writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(SSE + chunk(b"data: 1\n\n"))
    await writer.drain()
    await asyncio.sleep(0.1)
    _reset(writer)


async def stays_open_after_done(writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(SSE + chunk(b"data: {}\n\nda"))
    await writer.drain()
    writer.write(chunk(b"ta: [DONE]\n\n"))
    await writer.drain()
    await asyncio.sleep(FOREVER)


async def talks_on_after_done(writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(SSE + chunk(b"data: [DONE]\n\n"))
    while True:
        writer.write(chunk(b": ping\n\n"))
        await writer.drain()
        await asyncio.sleep(0.01)


# ---------------------------------------------------------------------- without an end


async def endless_body(writer: asyncio.StreamWriter, request: bytes) -> None:
    await endless(writer, JSON + b"\r\n", b"x" * 65536)


async def endless_events(writer: asyncio.StreamWriter, request: bytes) -> None:
    await endless(writer, SSE, chunk(b"data: 1\n\n" * 1000))


async def endless_tiny_chunks(writer: asyncio.StreamWriter, request: bytes) -> None:
    await endless(writer, SSE, chunk(b"x") * 1000)


async def endless_chunk_header(writer: asyncio.StreamWriter, request: bytes) -> None:
    await endless(writer, SSE + b"1;", b"x" * 1000)


async def endless_trailers(writer: asyncio.StreamWriter, request: bytes) -> None:
    await endless(writer, SSE + chunk(b"data: [DONE]\n\n") + b"0\r\n", b"X-More: " + b"x" * 1000 + b"\r\n")


@functools.cache
def bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()


async def gzip_bomb(writer: asyncio.StreamWriter, request: bytes) -> None:
    """256 MiB in 260 kB."""
    writer.write(whole(bomb(), b"Content-Encoding: gzip"))


async def gzip_of_empty_members(writer: asyncio.StreamWriter, request: bytes) -> None:
    await endless(writer, JSON + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 1000)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset instead of an end."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
