"""Over a real socket the reference serves every way of sending and every use of a connection, and its lies about them are found."""

from __future__ import annotations

import pytest

from conformance.areas.catalogue import catalogue, judge, lies, probes
from conformance.send.embedded import Reference
from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from conformance.send.target import Target

AREAS = ("sending.", "connection.")
FIRST = ("chat.hello", "chat.count", "http.unknown-route", "chat.order")
"""What these areas compare with, and whose connections they use."""


async def found(lie=None, delay=0.0, silence=False):
    """What the checks of these areas find: the ids of those that fail, and of those that had nothing to judge. `silence` takes seconds."""
    asked = [p for p in probes() if p.name.startswith(AREAS) or p.name in FIRST]
    asked, got = [p for p in asked if silence or not p.manner.idle], []
    with Reference(lie=lie, delay=delay) as server:
        await fetch(
            asked,
            Target(server.base_url, server.model, server.key, models=server.server.models),
            Limits(whole=1.5 if lie else 30),
            on_exchange=got.append,
        )
    verdicts = judge(got, [check for check in catalogue().values() if check.id.startswith(AREAS)])
    return [{v.check.id for v in verdicts if v.outcome == outcome} for outcome in ("fail", "not-exercised")]


async def test_the_honest_reference_passes_them_all():
    assert await found() == [set(), {"sending.http2", "sending.http2-large"}], (
        "over TLS alone: tests/send/test_lines_http2.py"
    )


LIES = [
    "h2c-body-lost", "chunked-body-lost", "body-first-portion-alone", "expect-417", "query-404",
    "reuse-body-left-over", "reuse-after-stream-hangs", "closed-after-stream", "closed-in-silence", "left-server-dead",
]  # fmt: skip

ALSO = {"body-first-portion-alone": {"sending.large"}}
"""What else a lie does over a socket, where a large body comes in portions."""


@pytest.mark.parametrize("name", LIES)
async def test_a_lie_is_found(name):
    meant = {
        check.id for check in catalogue().values() if name in check.breaks and check.id.startswith(AREAS)
    } | ALSO.get(name, set())
    for _ in range(3 if name.startswith("left-") else 1):  # a busy server may see late that a client has left
        failed, _ = await found(lies()[name], silence=name == "closed-in-silence")
        if failed == meant:
            break
    assert failed == meant


async def test_crossed_answers_are_found_where_answers_take_time():
    failed, _ = await found(lies()["answers-crossed"], delay=0.1)
    assert "connection.own-answer" in failed
