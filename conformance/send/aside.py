"""Work that may read a long answer is done in a thread: meanwhile the event loop takes in what comes of the others, and no time-out of
theirs is its fault. It must not send or judge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import TypeVar

from conformance.exchange import Exchange

T = TypeVar("T")

AT_ONCE = 64 * 1024
"""Bytes of answers worked on while all others wait: at worst some 20 ms, where all of it is brackets."""


async def aside(read: Collection[Exchange], work: Callable[..., T], *given: object) -> T:
    """What this work makes of what it is given, by reading these answers; in a thread where they are long."""
    if sum(len(x.body) for x in read) <= AT_ONCE:
        return work(*given)
    return await asyncio.to_thread(work, *given)
