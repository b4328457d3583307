"""How much a run asks: each depth sends what those before it send, within its bound."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from typing import get_args

import pytest

from conformance.areas.catalogue import catalogue, probes, routes
from conformance.exchange import Exchange
from conformance.exchange.documented import route_of
from conformance.exchange.probe import Depth
from conformance.reference.respond import Server
from conformance.reference.server import Served
from conformance.run.live import answering, asked
from conformance.run.options import DEPTHS, Options
from conformance.run.selection import chosen, endpoint
from conformance.run.user_error import UserError
from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from conformance.send.plan import planned_requests
from conformance.send.target import Target
from tests.support.hostile import FOREVER, serve, whole

ENDPOINT = Target("http://endpoint.invalid/v1", "m")


def sent(depth, *endpoints):
    options = Options(depth=depth, endpoints=endpoints)
    return {r.id for r in planned_requests(asked(options, list(catalogue().values())), ENDPOINT)}


def test_options_and_probes_know_the_same_depths():
    assert get_args(Depth) == DEPTHS


@pytest.mark.parametrize(("depth", "chat", "most"), [("quick", 169, 225), ("normal", 220, 360), ("deep", 600, 950)])
def test_a_depth_sends_no_more_than_it_may(depth, chat, most):
    assert len(sent(depth, "chat,models")) <= chat
    assert len(sent(depth)) <= most


def test_a_request_serves_three_checks():
    assert len(sent("normal")) <= 0.35 * len(catalogue())


def test_each_depth_sends_what_those_before_it_send():
    quick, normal, deep = map(sent, DEPTHS)
    assert quick <= normal <= deep


def test_no_probe_waits_for_one_that_is_asked_at_more_depth():
    depth = {probe.name: DEPTHS.index(probe.depth) for probe in probes()}
    assert [p.name for p in probes() if p.after in depth and depth[p.after] > depth[p.name]] == []


# ---------------------------------------------------------------------- which model answers by which endpoint

BESIDE = ("conversations", "images/edits", "batches", "translations")
"""Of an endpoint, and asked for apart."""


async def told(gone):
    """What is said of each endpoint of a server that lacks some routes."""
    doors = {probe.door for probe in probes() if probe.door}
    tried, got = [probe for probe in probes() if probe.name in doors], list[Exchange]()
    server = Server({path: how for path, how in routes().items() if not gone(path)})
    with Served(server) as served:
        target = Target(served.base_url, served.model, served.key, models=server.models)
        await fetch(tried, target, Limits(), on_exchange=got.append)
    return {name for name, model in answering(probes(), target, got).items() if model is None}


@pytest.mark.parametrize("part", BESIDE)
async def test_an_endpoint_that_lacks_what_is_asked_for_apart_answers_all_the_same(part):
    assert await told(lambda path: part in path) == set()


async def test_an_endpoint_answers_by_none_where_all_of_it_is_not_there():
    assert await told(lambda path: "responses" in path or "conversations" in path) == {"responses"}


# ---------------------------------------------------------------------- of some endpoints, and without what is dear


def probes_of(**options):
    return asked(Options(**options), list(catalogue().values()))


@pytest.mark.parametrize(
    "names", [("images",), ("files",), ("chat",), ("embeddings", "images"), ("embeddings, images",)]
)
def test_a_run_of_some_endpoints_asks_those_alone_and_for_the_models(names):
    found = probes_of(endpoints=names, depth="deep")
    wanted = {word.strip() for name in names for word in name.split(",")}
    assert {endpoint(probe) for probe in found} == wanted | {"models"}
    assert [probe.name for probe in found if endpoint(probe) == "models"] == ["models.list"]
    assert {probe.name for probe in found} >= {p.name for p in probes() if endpoint(p) in wanted and p.depth == "quick"}


def test_an_endpoint_that_there_is_not_is_named_with_the_nearest():
    with pytest.raises(UserError, match=r"no endpoint .embedding. - did you mean embeddings"):
        probes_of(endpoints=("chat,embedding",))


def test_a_cheap_run_asks_for_all_but_what_is_dear():
    every, cheap = ({p.name for p in probes_of(cheap=cheap, depth="deep")} for cheap in (False, True))
    dear = {probe.name for probe in probes() if probe.dear}
    assert every - cheap == dear & every
    assert {name.partition(".")[0] for name in dear} >= {"images"}


def test_all_that_makes_images_or_speaks_is_dear():
    paid = ("images", "image-edits", "image-variations", "speech")
    assert [probe.name for probe in probes() if route_of(probe.path) in paid and not probe.dear] == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"endpoints": ("images",), "cheap": True}, "--endpoints images with --cheap"),
        ({"only": ("image",), "cheap": True}, "--only image with --cheap"),
        ({"only": ("image",), "endpoints": ("embeddings",)}, "--only image with --endpoints embeddings"),
    ],
)
def test_options_that_leave_nothing_are_refused_in_a_line(options, words):
    with pytest.raises(UserError, match=f"nothing is left to send: {words}, at --depth normal"):
        asked(Options(**options), chosen(options.get("only", ())))


def test_options_that_leave_nothing_are_an_error_of_usage_on_the_command_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "run", "--endpoints", "images", "--cheap", "--report", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


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
    assert run.returncode == 1, said
    text = (tmp_path / "run.jsonl").read_text()
    times = sorted(map(float, re.findall(r'"started": (1[0-9.]+)', text)))
    assert times[-1] - times[0] < 9, "a third round was begun"
    assert text.count('"ended": "timeout"') == (1 + 8 if kind == "drips" else 16)
