"""How much a run asks: each depth sends what those before it send, within its bound."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import get_args

import pytest

from conformance.areas.catalogue import catalogue, probes
from conformance.exchange.probe import Depth
from conformance.run.live import asked
from conformance.run.options import DEPTHS, Options
from conformance.send.plan import planned_requests
from conformance.send.target import Target
from tests.support.hostile import FOREVER, serve, whole

ENDPOINT = Target("http://endpoint.invalid/v1", "m")


def sent(depth):
    return {r.id for r in planned_requests(asked(Options(depth=depth), list(catalogue().values())), ENDPOINT)}


def test_options_and_probes_know_the_same_depths():
    assert get_args(Depth) == DEPTHS


@pytest.mark.parametrize(("depth", "most"), {"quick": 169, "normal": 220, "deep": 600}.items())
def test_a_depth_sends_no_more_than_it_may(depth, most):
    assert len(sent(depth)) <= most


def test_each_depth_sends_what_those_before_it_send():
    quick, normal, deep = map(sent, DEPTHS)
    assert quick <= normal <= deep


def test_no_probe_waits_for_one_that_is_asked_at_more_depth():
    depth = {probe.name: DEPTHS.index(probe.depth) for probe in probes()}
    assert [p.name for p in probes() if p.after in depth and depth[p.after] > depth[p.name]] == []


@pytest.mark.parametrize("kind", ["drips", "hangs each second"])
async def test_a_run_on_what_is_late_costs_two_rounds_of_the_time_out(kind, tmp_path):
    """Its first request is one of them, where that is late."""
    asked = 0

    async def late(writer, request):
        nonlocal asked
        asked += 1
        if kind != "drips" and asked % 2:
            writer.write(whole(b"{}"))
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" if kind == "drips" else b"")
        for _ in range(FOREVER):
            writer.write(b" " if kind == "drips" else b"")
            await asyncio.sleep(0.2)

    async with serve(late) as url:
        command = (
            sys.executable,
            "-m",
            "conformance",
            "run",
            "--base-url",
            url,
            "--model",
            "m",
            "--timeout=3",
            "--only=stream",
            "--sdk=off",
        )
        run = await asyncio.create_subprocess_exec(*command, f"--report={tmp_path}", stdout=-1, stderr=-2)
        said, _ = await run.communicate()
    assert run.returncode in (1, 3), said
    text = (tmp_path / "run.jsonl").read_text()
    times = sorted(map(float, re.findall(r'"started": (1[0-9.]+)', text)))
    assert times[-1] - times[0] < 9, "a third round was begun"
    assert text.count('"ended": "timeout"') == (1 + 8 if kind == "drips" else 16)
