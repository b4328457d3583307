"""What the official SDKs put up with by default: for how long they wait, after what they ask again, and how soon. Pure.

Read in openai-python 3.57 (`_constants.py`, `_base_client.py`) and openai-node (`client.ts`); how long a connection may be silent in
Node.js is said by undici, under its `fetch`: headersTimeout and bodyTimeout, 300 s each (its docs/docs/api/Client.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from conformance.exchange import Exchange
from conformance.send.patience import named_wait

RETRIES = 2
"""Times that a request is sent once more."""
FIRST, MOST = 0.5, 8.0
"""Seconds before the first retry where nothing is named, doubled each time, and at most."""
JITTER = 0.75
"""The share of these seconds after which a retry may come already: what lets the least time pass is tried."""
AGAIN = (408, 409, 429)
"""Statuses that are asked again, beside all from 500 on."""
NO_ANSWER = ("refused", "timeout", "cut")
"""How an answer ends of which nothing came, and that is asked again."""


@dataclass(frozen=True)
class Sdk:
    """One SDK: the seconds without a byte after which it hangs up, and the longest wait that it lets an endpoint name. What asks
    for more is asked `sooner`, after the usual time, or never again."""

    name: str
    silence: float
    longest: float
    sooner: bool

    def pause(self, x: Exchange, retries: int, now: float) -> float | None:
        """The seconds after which this answer is asked for again, so many `retries` having been made; None where it stands."""
        named = named_wait(x, now) if x.status is not None else None
        too_long = named is not None and named > self.longest
        if retries >= RETRIES or not _again(x) or (too_long and not self.sooner):
            return None
        return named if named and not too_long else JITTER * min(FIRST * 2**retries, MOST)

    def hangs_up(self, x: Exchange) -> bool:
        """The answer began later than this SDK waits for a byte."""
        return bool(x.arrivals) and x.arrivals[0][0] >= self.silence

    def breaks_off(self, x: Exchange) -> bool:
        """The answer had begun, and then kept silent for longer than this SDK waits: no request follows, for its user has a part of it."""
        times = [at for at, _ in x.arrivals]
        return not self.hangs_up(x) and any(later - earlier >= self.silence for earlier, later in pairwise(times))


SDKS = (Sdk("openai-python", 600.0, 120.0, False), Sdk("openai-node", 300.0, 60.0, True))


def _again(x: Exchange) -> bool:
    """Whether an answer is asked for again: one that never came is, one that has begun to be served is not."""
    if x.status is None:
        return x.ended in NO_ANSWER
    told = (x.header("x-should-retry") or "").strip()
    return told == "true" or (told != "false" and (x.status in AGAIN or x.status >= 500))
