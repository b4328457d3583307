"""What a long answer costs is no other's time: while it is read, the event loop goes on."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from conformance.exchange.probe import Probe
from conformance.send.aside import AT_ONCE, aside
from conformance.send.fetch import fetch
from conformance.send.target import Target
from conformance.wire import jsontext
from conformance.wire.redact import Redactor
from tests.support.asking import PATIENT
from tests.support.hostile import serve, whole

MANY = 40_000
LONG = {
    "values": json.dumps({"choices": [[]] * MANY}).encode(),
    "a refusal": json.dumps(
        {"error": {"param": "temperature", "message": "temperature", "more": [[]] * MANY}}
    ).encode(),
    "a text": json.dumps({"id": "x" * (4 * MANY)}).encode(),
    "lines": b"data: {}\n\n" * (MANY // 4),
}


@pytest.fixture
def in_the_loop(monkeypatch):
    """How many bytes each piece of work on answers has read in the thread of the event loop, the longest of each kind."""
    longest: dict[str, int] = {}

    def watched(kind, work, size):
        def counting(*given, **more):
            if threading.current_thread() is threading.main_thread():
                longest[kind] = max(longest.get(kind, 0), size(*given))
            return work(*given, **more)

        return counting

    monkeypatch.setattr(jsontext, "parse", watched("parsing", jsontext.parse, len))
    monkeypatch.setattr(jsontext, "parse_text", watched("parsing", jsontext.parse_text, len))
    monkeypatch.setattr(Redactor, "bytes", watched("redacting", Redactor.bytes, lambda self, data: len(data)))
    return longest


def reads(earlier):
    """A request that is made of an earlier answer reads all of it."""
    return {"from": len(earlier.answer)}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("status", [b"200 OK", b"400 Bad Request"])
async def test_no_more_of_answers_is_read_in_the_event_loop_than_may_be(name, status, in_the_loop):
    async def answers(writer, request):
        writer.write(whole(LONG[name], b"Content-Type: application/json", status=status))

    probes = [
        Probe("first", {"temperature": 0}),
        Probe("second", after="first", build=reads),
        *(Probe(f"p{n}", {"temperature": 0}) for n in range(4)),
    ]
    got = []
    async with serve(answers) as url:
        await fetch(probes, Target(url, "m", key="sk-0123456789abcdef"), PATIENT, on_exchange=got.append)
    assert len(LONG[name]) > AT_ONCE
    assert any(len(x.body) == len(LONG[name]) for x in got)
    assert in_the_loop.get("parsing", 0) <= AT_ONCE
    assert in_the_loop.get("redacting", 0) <= AT_ONCE


async def test_the_loop_turns_while_a_long_answer_is_read():
    turns, done = 0, threading.Event()

    def reading():
        return done.wait(30)

    class Long:
        body = b" " * (AT_ONCE + 1)

    async def turning():
        nonlocal turns
        while not done.is_set():
            turns += 1
            await asyncio.sleep(0)
            if turns == 100:
                done.set()

    read, _ = await asyncio.gather(aside([Long()], reading), turning())
    assert read
    assert turns == 100
