"""How many requests a server says that it has under way, where it says so: vLLM, SGLang and llama.cpp count them at /metrics,
llama.cpp at /slots, too.

Others may be asking the same server, so what it says is told and no verdict. It must not judge.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from conformance.exchange.probe import Probe
from conformance.send.answer import Room
from conformance.send.limits import MIB, Limits
from conformance.send.requests import Request
from conformance.send.sender import send
from conformance.send.target import Target

NAMES = ("vllm:num_requests_running", "sglang:num_running_reqs", "llamacpp:requests_processing")
"""The gauges, as vLLM's, SGLang's and llama.cpp's documents of their metrics name them."""
PATIENCE, LOOK = 5.0, 0.25
"""Seconds that a server has to notice that clients are gone, and between two looks."""
LIMITS = Limits(whole=PATIENCE, body_bytes=MIB)
_GAUGE = re.compile(
    rf"^(?:{'|'.join(map(re.escape, NAMES))})(?:\{{[^}}\n]*\}})? +([0-9]{{1,9}}(?:\.[0-9]{{1,9}})?(?:e\+?0?[0-9])?)(?=\s|$)",
    re.M,
)


def running(metrics: str) -> int | None:
    """The requests under way by a text of metrics, all engines together; None where it holds none of these gauges."""
    found = _GAUGE.findall(metrics)
    return int(sum(map(float, found))) if found else None


def processing(slots: str) -> int | None:
    """The slots at work by what llama.cpp says at /slots: a list of them, each with `is_processing`; None where it says no such."""
    try:
        each = [slot["is_processing"] for slot in json.loads(slots)]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return sum(each) if each and all(type(at_work) is bool for at_work in each) else None


PLACES: tuple[tuple[Request, Callable[[str], int | None]], ...] = tuple(
    (Request(f"load.{name}", Probe(f"load.{name}"), "GET", f"/{name}", (), None, None), read)
    for name, read in (("metrics", running), ("slots", processing))
)
"""Where servers say it, beside their /v1, and how that is read."""


class Gauges:
    """Asks a server by its base URL and key. What is no answer in time is none."""

    def __init__(self, base_url: str, http: httpx.AsyncClient, key: str | None = None) -> None:
        parts = urlsplit(base_url)
        path = parts.path.rstrip("/").removesuffix("/v1")
        beside = parts._replace(netloc=parts.netloc.rpartition("@")[2], path=path, query="").geturl()
        self._target, self._http = Target(beside, "", key), http

    async def running(self) -> int | None:
        """How many requests it says are under way, None where it does not say."""
        for request, read in PLACES:
            x = await send(request, self._target, LIMITS, self._http, Room(LIMITS.body_bytes))
            text = x.body.decode("utf-8", "replace") if x.status == 200 and x.ended == "complete" else ""
            if (found := read(text)) is not None:
                return found
        return None

    async def remaining(self, before: int | None) -> int | None:
        """How many more than `before` are still under way when it had time to notice that clients are gone; None where it does not say."""
        if before is None:
            return None
        until = time.perf_counter() + PATIENCE
        for _ in range(int(PATIENCE / LOOK)):
            now = await self.running()
            if now is None or now <= before:
                return None if now is None else 0
            if time.perf_counter() > until:  # to look takes a while itself
                break
            await asyncio.sleep(LOOK)
        return now - before
