"""What a long answer costs is no other's time: while it is read, the event loop goes on."""

from __future__ import annotations

import asyncio
import json
import threading
import time

import pytest

from conformance.exchange.probe import Probe
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.run_file import read
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
    """How many bytes each piece of work on answers has read in the thread of an event loop, the longest of each kind."""
    longest: dict[str, int] = {}

    def watched(kind, work, size):
        def counting(*given, **more):
            if asyncio.events._get_running_loop() is not None:
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


async def test_a_run_reads_and_writes_no_more_of_an_answer_in_its_event_loop(in_the_loop, tmp_path):
    models = json.dumps({"object": "list", "data": [{"id": f"m{n}"} for n in range(MANY // 4)]}).encode()

    async def answers(writer, request):
        writer.write(whole(models, b"Content-Type: application/json"))

    async with serve(answers) as url:
        options = Options(
            base_url=url, report=str(tmp_path), depth="quick", timeout=10, sdk="off", only=("chat", "embedding")
        )
        await asyncio.to_thread(conduct, options)
    kept = (await asyncio.to_thread(read, tmp_path / "run.jsonl")).exchanges
    assert {x.id for x in kept if x.body == models} > {"models.list", "chat.hello"}
    assert len(models) > 2 * AT_ONCE
    assert in_the_loop.get("parsing", 0) <= AT_ONCE
    assert in_the_loop.get("redacting", 0) <= 2 * AT_ONCE, "a line of the run file holds the body in base64, and more"


async def test_what_came_is_kept_though_the_run_is_ended_meanwhile():
    """The first is kept in a thread, which takes its time; the others were complete before the end."""
    answered, first, got = threading.Semaphore(0), threading.Lock(), []

    async def answers(writer, request):
        writer.write(whole(LONG["a text"], b"Content-Type: application/json"))
        await writer.drain()
        answered.release()

    def keep(x):
        if first.acquire(blocking=False):
            assert all(answered.acquire(timeout=30) for _ in range(4))
            keeping.set()
            time.sleep(1)
        got.append(x.id)

    keeping = threading.Event()

    async with serve(answers) as url:
        probes = [Probe(f"p{n}", {"temperature": 0}) for n in range(4)]
        running = asyncio.create_task(fetch(probes, Target(url, "m"), PATIENT, on_exchange=keep))
        await asyncio.to_thread(keeping.wait, 30)
        running.cancel()
        await asyncio.wait([running])
        await asyncio.get_running_loop().shutdown_default_executor()
    assert running.cancelled()
    assert sorted(got) == ["p0", "p1", "p2", "p3"]


async def test_the_loop_turns_while_a_long_answer_is_read():
    turns, done = 0, threading.Event()

    def reading():
        return done.wait(30)

    class Long:
        body, headers = b" " * (AT_ONCE + 1), ()

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
