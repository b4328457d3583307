"""How many requests may be in flight at once: a number that the user gives, or as many as the endpoint answers without getting slower.

It must not send. What is in flight together is never a matter of verdicts: what is to begin together does so at any pace.
"""

from __future__ import annotations

import math
from statistics import mean, median
from typing import NamedTuple

from conformance.exchange import Exchange
from conformance.send.requests import Request

BEGIN, MOST = 8, 64
"""In flight at first, and at most."""
WORTH = 0.4
"""K times as many in flight are worth it where they bring this power of K, or more, as many answers a second: twice as many
where the answers take no more than half as long again."""
ENOUGH = 8
"""Answers that tell how long they take at one number in flight, at least: they are as long as what they say."""
GREETING = 1.5
"""Times as long as a greeting takes another answer that is asked for alone."""
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


class _Found(NamedTuple):
    """How many were in flight when something was sent, and the seconds of its answer."""

    many: float
    time: float


class Pace:
    """`now` is how many may be in flight. It goes on by rounds: what is sent at one number in flight, until all of it is answered, gives
    how many answers a second that number brings. It doubles while that is worth it, and halves where it is not, and at once where
    one says 429 or 503."""

    def __init__(self, fixed: int | None = None) -> None:
        self.now = fixed or BEGIN
        self._fixed = fixed is not None
        self._most = _room()
        self._found: dict[int, _Found] = {}
        self._all: dict[str, float] = {}
        """All that is in flight, and since when."""
        self._begin_round(-math.inf, self.now)

    @classmethod
    def of(cls, concurrency: int | Pace) -> Pace:
        return concurrency if isinstance(concurrency, Pace) else cls(concurrency)

    @property
    def together(self) -> int:
        """How many that are to begin together may do so: no fewer than at first, however few are in flight else."""
        return self.now if self._fixed else max(self.now, BEGIN)

    def alone(self, seconds: float) -> None:
        """Take the time of an answer that was asked for when nothing else was: a greeting, which is shorter than most."""
        self._found[1] = _Found(1, GREETING * seconds)

    def sent(self, request: Request, at: float) -> None:
        """Take note of a request that is sent now, in seconds of any clock."""
        if not self._fixed and request.probe.stage is None:
            self._all[request.id] = at
            if self._places:
                self._places -= 1
                self._round[request.id] = len(self._all)

    def came(self, request: Request, x: Exchange, at: float) -> None:
        """Look at the answer that came now."""
        if (sent := self._all.pop(request.id, None)) is None:
            return
        if x.status in BUSY and sent >= self._since:  # else it was in flight with one that said so before
            self._most = max(1, self.now - 1)
            self._begin_round(at, max(1, self.now // 2))
        if request.id in self._round:
            many = self._round.pop(request.id)
            self._taken += [_Found(many, at - sent)] if x.ok and x.route in _ASKED else []
            self._failed |= x.ended in _FAILED
            if not self._round and not self._places:
                self._begin_round(at, self._settled())

    def _settled(self) -> int:
        """How many may be in flight after a round."""
        if self._failed or not self._taken:
            return self.now
        self._found[self.now] = _Found(
            mean(each.many for each in self._taken), median(each.time for each in self._taken)
        )
        more = min(self._most, 2 * self.now)
        if more > self.now and more in self._found and self._worth(more, self.now):
            return more
        fewer = max((many for many in self._found if many < self.now), default=None)
        if fewer is not None and not self._worth(self.now, fewer):
            return max(1, self.now // 2)
        return self.now if more in self._found else more

    def _worth(self, more: int, fewer: int) -> bool:
        """Whether more in flight bring that many more answers a second. Where no more were, for lack of requests, nothing says no."""
        gain = self._found[more].many / self._found[fewer].many
        return gain <= 1 or gain * self._found[fewer].time >= gain**WORTH * self._found[more].time

    def _begin_round(self, at: float, many: int) -> None:
        """What is sent from now on is sent when so many are in flight, but for those that are already: they are not of the round."""
        self._places = max(many - len(self._all), many // 2, ENOUGH) if many > self.now else max(many, ENOUGH)
        self.now, self._since = many, at
        self._round: dict[str, int] = {}
        self._taken: list[_Found] = []
        self._failed = False
