"""What one endpoint may cost a command: how much it sends, for how long it is waited for in vain, how often in a row it says nothing.

The one place where that is counted. Whoever asks an endpoint does so by `Allowance.send`, or counts what came by `came`, and asks nothing
more once it is `over`. It must not judge.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import httpx

from conformance.exchange import Exchange
from conformance.send.answer import Room, says_done
from conformance.send.limits import KIB, Limits
from conformance.send.requests import Request
from conformance.send.sender import send, unsent
from conformance.send.target import Target
from conformance.wire import weight

OPEN, SOON = 8, 0.1
"""Streams that stayed open after [DONE] until they were left, after which it is known, and the next are left after these seconds, as
openai-python does."""
SOME = 0.25
"""Of all the time that a command takes, so much may be waiting in vain, where that is more than `Limits.vain`: a slow endpoint that is
asked for an hour may hang more often than one that is asked for a minute."""


@dataclass(frozen=True)
class Share:
    """By how much each request widens the room of a command that may send any number of them: never beyond what it was at first."""

    left: int = 256 * KIB
    """Bytes: 400 tokens, each an event of its own, are about 100 KiB."""

    lines: int = 4_000
    """Those tokens make about 1,600."""

    values: int = 30_000
    """Those tokens make about 12,000."""

    portions: int = 4_000
    """Those tokens make about 400."""


class Came(Protocol):
    """What Allowance reads of an answer, as Exchange has it."""

    status: int | None
    body: bytes
    ended: str


class Allowance:
    """Counts. `limits` are those of the next request, `at_once` how many are waited for at the same time."""

    def __init__(
        self,
        limits: Limits,
        *,
        at_once: int = 1,
        share: Share | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits, self.at_once, self._share, self._clock = limits, at_once, share, clock
        self._first = Room(limits.run_bytes, limits.run_lines, limits.run_values, limits.run_portions)
        self.room = replace(self._first)
        self._unanswered = self._open = 0
        self._began = clock()
        self._vain: list[tuple[float, float]] = []
        """From when to when something was waited for in vain; no two overlap."""

    @property
    def over(self) -> str | None:
        """Why nothing more is to be asked; None where there is no reason."""
        return self.full or self.weary

    @property
    def weary(self) -> str | None:
        """Why it is not to be waited for any more; None where there is no reason."""
        vain = sum(until - since for since, until in self._vain)
        if vain >= max(self.limits.vain or 0.0, SOME * (self._clock() - self._began)):
            return f"answers before it were waited for in vain, for {vain:,.0f} s in all"
        return None

    @property
    def full(self) -> str | None:
        """Why what comes of one more request would not be judged; None where there is no reason."""
        if self._unanswered >= max(self.limits.unanswered, 2 * self.at_once):
            return f"the {self._unanswered} requests before it got no answer"
        if self.room.left <= 0:
            return f"the answers before it came to {self.limits.run_bytes:,} bytes"
        if self.room.spent:
            return "the answers before it held more than is judged of one run"
        return None

    async def send(
        self, request: Request, target: Target, http: httpx.AsyncClient, begun: Callable[[], None] = lambda: None
    ) -> Exchange:
        """The exchange of one request, as send/sender.py has it; where it is `over`, of one that was not sent."""
        if self.over:
            return self.unsent(request, target)
        self.begin()
        began = time.perf_counter()
        x = await send(request, target, self.limits, http, self.room, begun)
        self.came(x, time.perf_counter() - began)
        return x

    def unsent(self, request: Request, target: Target) -> Exchange:
        """The exchange of a request that is not sent, for it is `over`."""
        return unsent(request, target, f"not sent: {self.over}")

    def begin(self) -> None:
        """One more request is about to be sent by someone else."""
        if self._share is not None:
            for what in ("left", "lines", "values", "portions"):
                wider = getattr(self.room, what) + getattr(self._share, what)
                setattr(self.room, what, min(wider, getattr(self._first, what)))

    def came(self, x: Came, seconds: float) -> None:
        """Count what came now of a request that was sent so long ago."""
        self._unanswered = self._unanswered + 1 if x.status is None else 0
        if x.ended == "timeout" and not says_done(x.body):
            self.waited(seconds)
        elif x.ended == "timeout":
            self._open += 1
            if self._open >= OPEN:
                self.limits = replace(self.limits, after_done=min(SOON, self.limits.after_done))

    def waited(self, seconds: float) -> None:
        """Count the last seconds, in which nothing came of it; those of several that were waited for at once count once."""
        until = self._clock()
        since = until - seconds
        while self._vain and self._vain[-1][1] > since:
            since = min(since, self._vain.pop()[0])
        self._vain.append((since, until))

    def take(self, body: bytes) -> None:
        """Count a body that was read by someone else."""
        self.room.left -= len(body)
        self.room.lines -= weight.lines(body)
        self.room.values -= weight.values(body)


class Allowances:
    """What a command of several steps allows each endpoint: one account by its address, whichever step asks."""

    def __init__(self) -> None:
        self._of: dict[str, Allowance] = {}

    def of(self, base_url: str, limits: Limits) -> Allowance:
        """That of this endpoint; the `limits` are those of the first who asked for it."""
        return self._of.setdefault(base_url.rstrip("/"), Allowance(limits))
