"""How many requests may be in flight at once: a number that the user gives, or as many as the endpoint answers without getting slower.

It must not send. What is in flight together is never a matter of verdicts: what is to begin together does so at any pace.
"""

from __future__ import annotations

import math
from statistics import median

from conformance.exchange import Exchange
from conformance.send.requests import Request

BEGIN, MOST = 8, 64
"""In flight at first, and at most."""
NO_SLOWER, SLOWER = 1.3, 2.5
"""Times the usual time of an answer: up to the one more are sent at once, from the other on fewer."""
HELPED = 0.75
"""Answers that take no less than this part of their time when half as many are in flight are not slow for their number."""
BUSY = (429, 503)
_FAILED = ("refused", "timeout", "cut")
"""How answers end at a server that may have too much to do: where one of a round does, there are no more in the next."""
_ASKED = ("chat", "responses")
"""Routes whose answers take as long as the model does: to list models takes no time, to make an image too much."""


def _room() -> int:
    """How many this process may have files open for, two each, and some to spare."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST if allowed == resource.RLIM_INFINITY else max(BEGIN, min(MOST, (allowed - 64) // 4))


class Pace:
    """`now` is how many may be in flight. It goes on by rounds: as many as that are sent, and all of them are answered. It doubles
    where these took no longer than usual, and halves where they took much longer, and at once where one says 429 or 503."""

    def __init__(self, fixed: int | None = None) -> None:
        self.now = fixed or BEGIN
        self._fixed = fixed is not None
        self._most = _room()
        self._usual: float | None = None
        self._slow: float | None = None
        """The time of an answer before it last halved for that."""
        self._all: dict[str, float] = {}
        """All that is in flight, and since when."""
        self._begin_round(-math.inf)

    @classmethod
    def of(cls, concurrency: int | Pace) -> Pace:
        return concurrency if isinstance(concurrency, Pace) else cls(concurrency)

    @property
    def together(self) -> int:
        """How many that are to begin together may do so: no fewer than at first, however few are in flight else."""
        return self.now if self._fixed else max(self.now, BEGIN)

    def alone(self, seconds: float) -> None:
        """Take the time of an answer that was asked for when nothing else was."""
        self._usual = seconds

    def sent(self, request: Request, at: float) -> None:
        """Take note of a request that is sent now, in seconds of any clock."""
        if not self._fixed and request.probe.stage is None:
            self._all[request.id] = at
            if self._places:
                self._places -= 1
                self._round.add(request.id)

    def came(self, request: Request, x: Exchange, at: float) -> None:
        """Look at the answer that came now."""
        if (sent := self._all.pop(request.id, None)) is None:
            return
        if x.status in BUSY and sent >= self._since:  # else it was in flight with one that said so before
            self._most = max(1, self.now - 1)
            self._slow, self.now = None, max(1, self.now // 2)
            self._begin_round(at)
        if request.id in self._round:
            self._round.discard(request.id)
            self._times += [at - sent] if x.ok and x.route in _ASKED else []
            self._failed |= x.ended in _FAILED
            if not self._round and not self._places:
                if self._times and not self._failed:
                    self._settle(median(self._times))
                self._begin_round(at)

    def _settle(self, time: float) -> None:
        """Go on by how long the answers of one round took."""
        if self._slow is not None and time > HELPED * self._slow:
            self._usual, self._slow = time, None  # they take as long as that anyway
            self.now = min(self._most, 2 * self.now)
            return
        self._slow = None
        self._usual = time if self._usual is None else min(self._usual, time)
        if time >= SLOWER * self._usual and self.now > 1:
            self._slow = time
            self.now = self.now // 2
        elif time <= NO_SLOWER * self._usual:
            self.now = max(1, min(self._most, 2 * self.now))

    def _begin_round(self, at: float) -> None:
        self._since = at
        self._places = self.now
        self._round: set[str] = set()
        self._times: list[float] = []
        self._failed = False
