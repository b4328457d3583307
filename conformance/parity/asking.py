"""Asks both sides golden prompts: the same request to each, every sampling parameter pinned. It must not judge what comes back.

An exchange is named SIDE#PROMPT, its repeats SIDE#PROMPT~2 and so on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import httpx

from conformance.exchange import Exchange
from conformance.exchange.probe import Probe
from conformance.parity.prompt import Prompt
from conformance.send.allowance import Allowance
from conformance.send.budget import Budget
from conformance.send.patience import Patience
from conformance.send.requests import Request
from conformance.send.retries import Asker
from conformance.send.target import Target

TARGET, BASELINE = "target", "baseline"
PINNED = {"temperature": 0, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0, "n": 1}
"""What is sent unless the prompt says otherwise: every sampling parameter of the API, so that no server's default matters.
At temperature 0 `seed` is the number of the answer; above it none is sent: it makes no two servers alike, and vLLM 0.32.0 on a
CPU dies of several such requests at once."""
MAX_TOKENS = 512
"""Output tokens where a prompt sets no limit."""
_LIMITS = ("max_tokens", "max_completion_tokens")


def body(prompt: Prompt, number: int, **more: Any) -> dict[str, Any]:
    """What is sent for the n-th answer, but for the model: streamed, so that there are times, unless the prompt says otherwise."""
    asked = PINNED | dict(prompt.request) | more
    if asked["temperature"] == 0:
        asked.setdefault("seed", number)
    if not any(name in asked for name in _LIMITS):
        asked["max_tokens"] = MAX_TOKENS
    asked.setdefault("stream", True)
    if asked["stream"]:
        asked.setdefault("stream_options", {"include_usage": True})
    return asked


def name(side: str, id: str, number: int = 1) -> str:
    """The id of an exchange."""
    return f"{side}#{id}" + (f"~{number}" if number > 1 else "")


def prompt_of(x: Exchange) -> tuple[str, str]:
    """(side, id of the prompt) of an exchange; the side is empty where it is none of ours."""
    side, _, rest = x.id.rpartition("#")
    return side, rest.partition("~")[0]


class Side:
    """One endpoint and how much of it may be used: `ask` sends requests, at most `concurrency` at once.

    An endpoint that is worth no more asking by its `allowance` is given up; the rest is marked as not sent, and the other side goes on.
    What it is too busy for is asked again for `wait` seconds, and only the last answer counts. `take` is handed each exchange once it is
    complete.
    """

    def __init__(
        self,
        side: str,
        target: Target,
        allowance: Allowance,
        http: httpx.AsyncClient,
        *,
        concurrency: int,
        wait: float = 0.0,
        take: Callable[[Exchange], None],
    ) -> None:
        self.side, self.target, self._http, self._take = side, target, http, take
        self._slots = asyncio.Semaphore(concurrency)
        self._allowance = allowance
        self._allowance.at_once = concurrency
        self._asker = Asker(self._send, lambda x: None, Budget(), (Patience(wait, served=True),))

    async def ask(
        self, questions: Iterable[tuple[str, Mapping[str, Any]]], path: str = "/chat/completions"
    ) -> list[Exchange]:
        """The exchanges of (id, body without model), in order. Raises nothing because of the endpoint."""
        return list(await asyncio.gather(*(self._one(id, asked, path) for id, asked in questions)))

    async def _one(self, id: str, asked: Mapping[str, Any], path: str) -> Exchange:
        content = json.dumps({"model": self.target.model, **asked}, ensure_ascii=False).encode()
        request = Request(id, Probe(id), "POST", path, (), content, None)
        async with self._slots:
            x = await self._asker.ask(request)
        self._take(x)
        return x

    async def _send(self, request: Request) -> Exchange:
        return await self._allowance.send(request, self.target, self._http)


def questions(side: str, prompts: Sequence[Prompt], numbers: range) -> list[tuple[str, dict[str, Any]]]:
    """The answers of these numbers to every prompt: all first answers before any second, so that repeats lie apart in time
    and meet other requests in the server's batch."""
    return [(name(side, prompt.id, n), body(prompt, n)) for n in numbers for prompt in prompts]
