"""A side that is busy is asked again, and only its last answer counts."""

from __future__ import annotations

from conformance.parity.asking import Side
from conformance.send.allowance import Allowance
from conformance.send.limits import Limits
from conformance.send.sender import client
from conformance.send.target import Target
from tests.support.hostile import serve, whole


async def test_a_side_that_is_busy_is_asked_again(monkeypatch):
    slept, left = [], [b"429 Too Many Requests", b"503 Service Unavailable"]

    async def sleep(n):
        slept.append(n)

    async def answer(writer, request):
        writer.write(whole(b"{}", b"Retry-After: 2", status=left.pop(0) if left else b"200 OK"))

    monkeypatch.setattr("conformance.send.retries.sleep", sleep)
    taken = []
    async with serve(answer) as url, client() as http:
        side = Side("target", Target(url, "m"), Allowance(Limits()), http, concurrency=2, wait=60, take=taken.append)
        [x] = await side.ask([("target#a", {"messages": []})])
    assert (x.status, x.id, taken, slept) == (200, "target#a", [x], [2, 4])
