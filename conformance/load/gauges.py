"""How many requests a server says that it has under way, where it says so: vLLM, SGLang and llama.cpp count them at /metrics.

Others may be asking the same server, so what it says is told and no verdict. It must not judge.
"""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

import httpx

NAMES = ("vllm:num_requests_running", "sglang:num_running_reqs", "llamacpp:requests_processing")
"""The gauges, as vLLM's, SGLang's and llama.cpp's documents of their metrics name them."""
PATIENCE, LOOK = 5.0, 0.25
"""Seconds that a server has to notice that clients are gone, and between two looks."""
MOST = 1024 * 1024
"""Bytes of metrics that are read."""
_GAUGE = re.compile(
    rf"^(?:{'|'.join(map(re.escape, NAMES))})(?:\{{[^}}\n]*\}})? +([0-9]+(?:\.[0-9]+)?(?:e\+?[0-9]+)?)", re.M
)


def running(metrics: str) -> int | None:
    """The requests under way by a text of metrics, all engines together; None where it holds none of these gauges."""
    found = _GAUGE.findall(metrics)
    return int(sum(map(float, found))) if found else None


class Gauges:
    """Asks a server by its base URL. What is no answer in time is none."""

    def __init__(self, base_url: str, http: httpx.AsyncClient, headers: tuple[tuple[str, str], ...] = ()) -> None:
        parts = urlsplit(base_url)
        path = parts.path.rstrip("/").removesuffix("/v1")
        self._url = parts._replace(netloc=parts.netloc.rpartition("@")[2], path=f"{path}/metrics", query="").geturl()
        self._http, self._headers = http, headers

    async def running(self) -> int | None:
        """How many requests it says are under way, None where it does not say."""
        try:
            async with asyncio.timeout(PATIENCE), self._http.stream("GET", self._url, headers=self._headers) as answer:
                if answer.status_code != 200:
                    return None
                text = b""
                async for portion in answer.aiter_bytes():
                    text += portion
                    if len(text) > MOST:
                        return None
                return running(text.decode("utf-8", "replace"))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError):
            return None

    async def remaining(self, before: int | None) -> int | None:
        """How many more than `before` are still under way when it had time to notice that clients are gone; None where it does not say."""
        if before is None:
            return None
        for _ in range(int(PATIENCE / LOOK)):
            now = await self.running()
            if now is None or now <= before:
                return None if now is None else 0
            await asyncio.sleep(LOOK)
        return now - before
