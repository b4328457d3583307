"""What a run may cost: `--budget-requests`, `--budget-tokens` and `--max-seconds`, before each request and by what its answer says
it used.

A token count is the endpoint's own (`usage.total_tokens`); where it says none, an estimate stands in its place. It must not send
or judge. An answer that is an error costs nothing, as no provider charges for it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from conformance.exchange import Exchange, Unreadable
from conformance.send.aside import AT_ONCE
from conformance.send.requests import Request
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON

BYTES_A_TOKEN = 4
"""Of a JSON body; English text has about four characters a token: https://platform.openai.com/tokenizer"""
ANSWER, LONGEST = 200, 400
"""Tokens of an answer that no limit was asked for, and of the longest: what the probes ask for can be said in that."""
IMAGE = 1056
"""Tokens of an image of 1024 by 1024 pixels at medium quality: https://platform.openai.com/docs/guides/image-generation"""
_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_ENCODED = re.compile(rb"[A-Za-z0-9+/=]{200,}")
"""An image or a sound in base64; it costs ATTACHMENT tokens, however long."""
ATTACHMENT = 300
ROUNDS, ROUND = 2, 8
"""So many rounds of answers that take longer than `--timeout`, and the rest is given up; a round is as many as are under way at
once, and never fewer than this. A first request that is late, with nothing beside it, is a round by itself."""
PACE = 16
"""Answers from which it is known how fast an endpoint is."""
SLACK, LEAST = 6, 900
"""A run may take so many times what the first answers promise, and never less than these seconds: a queue, a model that is swapped."""


class Estimate(NamedTuple):
    """About how many tokens a request sends, and gets back at most."""

    prompt: int
    answer: int

    @property
    def total(self) -> int:
        return self.prompt + self.answer


def estimate(request: Request) -> Estimate:
    """What a request may cost; a request without a body costs no tokens."""
    if not request.body:
        return Estimate(0, 0)
    text = _ENCODED.sub(b" " * ATTACHMENT * BYTES_A_TOKEN, request.body)
    try:
        asked = jsontext.parse(request.body)
    except NotJSON:
        asked = {}
    return Estimate(len(text) // BYTES_A_TOKEN, 0 if "/embeddings" in request.path else _answer(asked, request.path))


def _answer(asked: Any, path: str) -> int:
    asked = asked if isinstance(asked, Mapping) else {}
    limits = [asked[name] for name in _LIMITS if type(asked.get(name)) is int and asked[name] > 0]
    choices = asked["n"] if type(asked.get("n")) is int and asked["n"] > 0 else 1
    return min(*limits, LONGEST) * choices if limits else (IMAGE if "/images/" in path else ANSWER) * choices


def used(x: Exchange) -> int | None:
    """The tokens that an answer says it used, 0 for an error; None where it says nothing that can be counted while requests are on
    their way."""
    if x.status is not None and x.status >= 400:
        return 0
    if len(x.body) > AT_ONCE or x.ended == "limit":
        return None
    try:
        total = x.usage.get("total_tokens")
    except Unreadable:
        return None
    return total if type(total) is int and total >= 0 else None


class Budget:
    """Counts what a run has sent and used. `admit` before a request, `settle` when its answer is there; both may be in flight."""

    def __init__(
        self,
        requests: int | None = None,
        tokens: int | None = None,
        seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.requests, self.tokens, self.seconds = requests, tokens, seconds
        self._clock = clock
        self._began = clock()
        self._took: list[float] = []
        self._late = self._alone = 0
        self._round = ROUND
        self.sent = self.spent = self.estimated = 0
        self.stopped: str | None = None
        """The option that kept a request from being sent."""
        self._reserved: dict[str, int] = {}

    def admit(self, request: Request) -> str | None:
        """None, and the request counts; or why it is not to be sent."""
        cost = estimate(request).total
        if self._late >= self._patience:
            return self.stop("--timeout", f"{self._late} requests before it took longer than --timeout allows")
        if self.seconds is not None and self._clock() - self._began >= self.seconds:
            return self.stop("--max-seconds", f"--max-seconds {self.seconds:,.0f} was reached")
        if self.requests is not None and self.sent + len(self._reserved) >= self.requests:
            return self.stop("--budget-requests", f"--budget-requests {self.requests:,} was reached")
        if self.tokens is not None and self.spent + sum(self._reserved.values()) + cost > self.tokens:
            return self.stop("--budget-tokens", f"--budget-tokens {self.tokens:,} leaves too few for it")
        self._reserved[request.id] = cost
        return None

    def settle(self, x: Exchange, reserved: int | None = None) -> None:
        """Count an exchange: what it says it used, else what was estimated for it. `reserved` is the estimate of one that was
        sent without asking; any other that was not admitted was not sent and is not counted."""
        reserved = self._reserved.pop(x.id, reserved)
        if reserved is None:
            return
        self.sent += 1
        tokens = used(x)
        self.spent += reserved if tokens is None else tokens
        self.estimated += reserved if tokens is None else 0

    @property
    def _patience(self) -> int:
        """So many answers may be late."""
        return self._alone + (ROUNDS - self._alone) * self._round

    def under_way(self, at_once: int) -> int:
        """How many requests may be under way, of so many at once: no more than may still be late, lest those that are sent while a round
        ends cost one more."""
        self._round = max(ROUND, at_once)
        return min(at_once, max(1, self._patience - self._late))

    def took(self, seconds: float, *, late: bool, planned: int, at_once: int, alone: bool = False) -> None:
        """Count the time of one answer, of so many planned. Unless there is a bound of time, the first answers set one that an
        endpoint no slower than it began stays far below."""
        self._late += late
        self._alone += late and alone
        self._took.append(seconds)
        if self.seconds is None and len(self._took) == PACE:
            self.seconds = max(LEAST, SLACK * sum(self._took) / PACE * planned / at_once)

    def left(self, cost: int) -> int | None:
        """How many more requests of this cost may be sent; None: any number."""
        rooms = [] if self.requests is None else [self.requests - self.sent]
        rooms += [] if self.tokens is None else [(self.tokens - self.spent) // cost]
        return max(0, min(rooms)) if rooms else None

    def too_few(self) -> str:
        """Note that what is left is too little, and say so."""
        return self.stop(
            "--budget-requests" if self.tokens is None else "--budget-tokens",
            "--budget-requests or --budget-tokens leaves too few for it",
        )

    @property
    def record(self) -> dict[str, int]:
        """What a run file says of the cost."""
        return {"requests": self.sent, "tokens": self.spent, "estimated": self.estimated}

    def said(self, skipped: Iterable[tuple[str, str]]) -> list[str]:
        """A sentence for the report where the budget ended the run early; nothing otherwise."""
        if self.stopped is None:
            return []
        left = sum(self.stopped in reason for _, reason in skipped)
        about = f", about {self.estimated:,} of them estimated" if self.estimated else ""
        cost = f"{self.sent:,} requests and {self.spent:,} tokens{about}"
        return [f"{self.stopped} ended the run early: {left} requests were not sent, after {cost}"]

    def stop(self, which: str, reason: str) -> str:
        """Note that this option kept a request from being sent, for this reason."""
        self.stopped = self.stopped or which
        return reason
