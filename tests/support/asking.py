"""Sends probes to a server that keeps every raw request: for tests of what is sent."""

from __future__ import annotations

from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from tests.support.hostile import serve, whole

KEY = "sk-test-0123456789abcdef0123456789"
PATIENT = Limits(whole=30)


async def ask(sent, target_of, *these, **options):
    """The exchanges and what was skipped, from a server that keeps every raw request in `sent` and answers {}."""

    async def answer(writer, request):
        sent.append(request)
        writer.write(whole(b"{}", b"Content-Type: application/json"))

    got = []
    async with serve(answer) as url:
        skipped = await fetch(these, target_of(url), PATIENT, on_exchange=got.append, **options)
    return got, skipped


def head(raw):
    """The request line and the headers of a raw request, names as sent."""
    line, *lines = raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return line, dict(line.split(": ", 1) for line in lines)
