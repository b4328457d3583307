"""How long an endpoint is waited for that says "not now": while it loads, and where it asks to come back later.

Rules for retries.py. They must not sleep or read a clock, but for a date in Retry-After.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from conformance.exchange import Exchange, find
from conformance.exchange.probe import PATIENT, POLLED
from conformance.send.requests import Request
from conformance.send.retries import Again, Steps

LATER = (1.0, 2.0)
"""Seconds before what is there only after a moment is asked for again, each time."""
POLLS = (1.0, 2.0, 4.0, 8.0)
"""Seconds before what is still being made is looked at again."""
UNDER_WAY = ("queued", "validating", "in_progress", "finalizing", "cancelling")
"""What batches and responses are while they are not done."""
BACKOFF = 0.5
"""Seconds before a retry where nothing is named, doubled each time: what both SDKs begin with."""
POLL = 2.0
"""Seconds between two looks at an endpoint that is loading, at most: it shall not be up for long before it is asked."""
BUSY = (429, 503)
STARTING = (502, 503, 504)
"""Statuses of an endpoint, or of the gateway before it, that is not up yet."""
IN_VAIN = 8
"""Requests in a row that waiting did not help: the endpoint is not asked again from then on. A round at the default concurrency."""

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def named_wait(x: Exchange, now: float) -> float | None:
    """The seconds that an answer says to wait, as the official clients read it: retry-after-ms, else Retry-After as a number
    or a date. None where it says nothing that they understand."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        value = (x.header(name) or "").strip()
        if _NUMBER.fullmatch(value) and (float(value) > 0 or unit == 1):
            return float(value) / unit
    try:
        until = email.utils.parsedate_to_datetime(x.header("retry-after") or "").timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, until - now) if math.isfinite(until) else None


def later(request: Request, x: Exchange) -> Steps:
    """What is there only after a moment (`PATIENT`) is asked for again as long as it is answered 404."""
    for seconds in LATER if PATIENT in request.probe.intent else ():
        if x.status != 404:
            return
        x = yield Again(request, seconds)


def unfinished(request: Request, x: Exchange) -> Steps:
    """What is made meanwhile (`POLLED`) is asked for again until it is done, after twice as long each time, four times at most."""
    for seconds in POLLS if POLLED in request.probe.intent else ():
        if not x.ok or x.not_json is not None or find(x.json, "status") not in UNDER_WAY:
            return
        x = yield Again(request, seconds)


def loading(request: Request, x: Exchange, wait: float, now: Callable[[], float] = time.time) -> Steps:
    """The first request of a run is asked again for `wait` seconds in all while nothing listens, the endpoint is not up yet, or it
    says when to come back. One that asks for more time than that is not waited for."""
    left, times = wait, 0
    while left > 0 and (_starting(x) or (x.status in BUSY and named_wait(x, now()) is not None)):
        named = named_wait(x, now()) if x.answered else None
        if named is not None and named > wait:
            return
        seconds = min(left, max(named or 0, min(POLL, BACKOFF * 2**times)))
        left, times = left - seconds, times + 1
        x = yield Again(request, seconds)


def _starting(x: Exchange) -> bool:
    return x.status in STARTING or (x.ended == "refused" and "(connection refused)" in (x.failure or ""))


@dataclass
class Patience:
    """The rule for an endpoint that is busy: a 429 or 503 that says when to come back is asked again after that time, as the SDKs
    do, and after twice as long each time that proves too short, for `wait` seconds in all.

    Until the endpoint has served a first request, a 503 that names no time is one that loads, and is asked again likewise.
    What is staged to be refused is not asked again.
    """

    wait: float
    now: Callable[[], float] = time.time
    served: bool = False
    in_vain: int = 0

    def __call__(self, request: Request, x: Exchange) -> Steps:
        left, times = self.wait, 0
        while (seconds := self._pause(request, x)) is not None and (seconds := seconds * 2**times) <= left:
            left, times = left - seconds, times + 1
            x = yield Again(request, seconds)
        self.served |= x.ok and request.body is not None
        if times:
            self.in_vain = self.in_vain + 1 if x.status in BUSY else 0

    def _pause(self, request: Request, x: Exchange) -> float | None:
        """Seconds after which it is to be asked again, None where it is not."""
        if x.status not in BUSY or request.probe.stage is not None or self.in_vain >= IN_VAIN:
            return None
        if (x.header("x-should-retry") or "").strip() == "false":
            return None
        named = named_wait(x, self.now())
        if named is None and (self.served or x.status != 503):
            return None
        return named or BACKOFF
