"""Asks an endpoint that is cold, as both official SDKs would, and warm again. It must not judge, print or know of a network.

What both SDKs would send at about the same time is sent once; where they part, each goes its own way. When both have given up it is
asked on, so that it is known how long it takes to be there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from conformance.areas.questions import GREETING
from conformance.exchange import Exchange, Unreadable
from conformance.exchange.probe import Probe
from conformance.exchange.spoken import first_token
from conformance.send.patience import named_wait
from conformance.send.sdk_patience import SDKS, Sdk

QUESTION = Probe("cold", {**(GREETING.body or {}), "stream": True, "stream_options": {"include_usage": True}})
"""What is asked: a stream, for only that has a first token."""
LONGEST = 600.0
"""Seconds after which an endpoint is asked no more, unless they are given: what is not there by then is not cold."""
POLL = 8.0
"""Seconds between two questions when both SDKs have given up."""
TOGETHER = 0.05
"""Seconds between two questions from which on they are two."""


@dataclass(frozen=True)
class Try:
    """One request of a round: when it was sent, in seconds since the round began, how long it took, and its exchange."""

    at: float
    took: float
    x: Exchange

    @property
    def record(self) -> dict[str, Any]:
        """What the endpoint said, and when."""
        x = self.x
        said = {"exchange": x.id, "at": round(self.at, 3), "seconds": round(self.took, 3), "status": x.status}
        told = x.header("retry-after-ms") is not None or x.header("retry-after") is not None
        wait = named_wait(x, time.time()) if told else None
        return said | {"ended": x.ended, "retry_after": wait, "comments": comments(x), "first_token": first_token(x)}


@dataclass
class Round:
    """One time cold: all tries in order, by SDK (verdict, why), and the answer when it was warm again. The verdict is "yes" where the
    SDK gets its answer, "no" where its user gets an error, "untold" where the SDK hangs up and asks anew."""

    tries: list[Try] = field(default_factory=list)
    sdks: dict[str, tuple[str, str]] = field(default_factory=dict)
    warm: Exchange | None = None

    @property
    def first(self) -> float | None:
        """Seconds from the first request to the first token of any, None where none came."""
        times = [each.at + at for each in self.tries if (at := first_token(each.x)) is not None]
        return min(times, default=None)

    @property
    def record(self) -> dict[str, Any]:
        """What the footer of a run file says of it."""
        return {
            "first_token": self.first,
            "warm": None if self.warm is None else first_token(self.warm),
            "sdks": {name: {"verdict": verdict, "why": why} for name, (verdict, why) in self.sdks.items()},
            "tries": [each.record for each in self.tries],
        }


@dataclass
class Cold:
    """Asks: `send` sends the question under an id, `clock` and `sleep` are those of the event loop but in tests."""

    send: Callable[[str], Awaitable[Exchange]]
    longest: float = LONGEST
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def round(self, name: str) -> Round:
        """Ask until both SDKs would have an answer or have given up, then until one comes; then once more, warm."""
        found, began = Round(), self.clock()
        due: dict[Sdk, float] = dict.fromkeys(SDKS, 0.0)
        asked = dict.fromkeys(SDKS, 0)
        at: float | None = 0.0
        while at is not None:
            if at > self.longest:
                found.sdks |= {sdk.name: ("untold", f"was not asked on after {self.longest:g} s") for sdk in due}
                break
            await self.sleep(max(0.0, began + at - self.clock()))
            sent = self.clock() - began
            x = await self.send(f"cold.{name}.{len(found.tries) + 1}")
            over = self.clock() - began
            found.tries.append(Try(sent, over - sent, x))
            for sdk in [each for each, when in due.items() if when <= at + TOGETHER]:
                given_up = sdk.hangs_up(x) or sdk.breaks_off(x)
                pause = None if served(x) or given_up else sdk.pause(x, asked[sdk], time.time())
                asked[sdk] += 1
                if pause is None:
                    del due[sdk]
                    found.sdks[sdk.name] = _story(sdk, x, asked[sdk], over)
                else:
                    due[sdk] = over + pause
            at = min(due.values(), default=None) if due else self._on(found, x, over)
        if any(served(each.x) for each in found.tries):
            found.warm = await self.send(f"cold.{name}.warm")
        return found

    def _on(self, found: Round, x: Exchange, over: float) -> float | None:
        """When to ask on though no SDK would; None where one was served, or it takes too long."""
        at = over + max(POLL, (named_wait(x, time.time()) or 0.0) if x.status is not None else 0.0)
        return None if at > self.longest or any(served(each.x) for each in found.tries) else at


def served(x: Exchange) -> bool:
    """A whole answer, to which an SDK has no reason to object; whether a token is in it is another matter."""
    return x.ok and x.ended == "complete" and bool(x.body)


def comments(x: Exchange) -> int:
    """How many comments came before the first event."""
    count = 0
    try:
        for event in x.sse[1] if x.ok else ():
            count += len(event.comments)
            if not event.only_comments:
                break
    except Unreadable:
        return 0
    return count


def _story(sdk: Sdk, x: Exchange, times: int, over: float) -> tuple[str, str]:
    tried = f"{times} request{'s' if times > 1 else ''} in {over:.1f} s"
    if sdk.hangs_up(x):
        return (
            "untold",
            f"hangs up after {sdk.silence:g} s without a byte, which this took longer than, and may ask anew",
        )
    if sdk.breaks_off(x):
        return "no", f"hangs up in the midst of the answer, after {sdk.silence:g} s without a byte"
    if served(x):
        return "yes", f"has its answer after {tried}"
    last = "" if x.status is None else f"{x.status}"
    last += "" if x.ended == "complete" else f" {x.ended}"
    return "no", f"gives up after {tried}, the last: {last.strip()}"
