"""A real rate limit of the reference server: so many requests of one key in a window of time, by the clock that is given.

It must not know HTTP, but for how OpenAI words a limit in headers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Quota:
    """Where one request stands: the limit, what is left after it (-1: it was one too many), seconds until all is there again."""

    limit: int
    left: int
    reset: float

    @property
    def denied(self) -> bool:
        return self.left < 0

    def headers(self) -> dict[str, str]:
        """The headers that tell it; of a denial also how long to wait."""
        told = {
            "x_ratelimit_limit_requests": str(self.limit),
            "x_ratelimit_remaining_requests": str(max(0, self.left)),
            "x_ratelimit_reset_requests": f"{math.ceil(1000 * self.reset)}ms",
        }
        if self.denied:
            told["retry_after"] = str(max(1, math.ceil(self.reset)))
            told["retry_after_ms"] = str(max(1, math.ceil(1000 * self.reset)))
        return told


@dataclass
class Limiter:
    """Counts requests by key: at most `limit` of each in a window of `window` seconds, which its first request begins."""

    limit: int
    window: float
    now: Callable[[], float]
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def count(self, key: str) -> Quota:
        """Count one request of this key."""
        now = self.now()
        began, used = self._windows.get(key, (now, 0))
        if not began <= now < began + self.window:
            began, used = now, 0
        used = min(used + 1, self.limit + 1)
        self._windows[key] = (began, used)
        return Quota(self.limit, self.limit - used, began + self.window - now)
