"""Work that may read a long answer is done in a thread: meanwhile the event loop takes in what comes of the others, and no time-out of
theirs is its fault. It must not send or judge.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection
from typing import TypeVar

from conformance.exchange import Exchange

T = TypeVar("T")

A_HEADER = 500
"""Bytes of a body that are read as quickly as one header, whatever is in it."""
_ONE = threading.Lock()
"""One thread works at a time: more are no quicker, and each takes its turn before the loop gets the interpreter again."""

AT_ONCE = 64 * 1024
"""Bytes of answers worked on while all others wait: at worst some 20 ms, where all of it is brackets."""


async def aside(read: Collection[Exchange], work: Callable[..., T], *given: object) -> T:
    """What this work makes of what it is given, by reading these answers; in a thread where they are long.

    Begun, it is done to its end, also where who waits for it is cancelled: the loop's end waits for it.
    """
    if sum(len(x.body) + A_HEADER * len(x.headers) for x in read) <= AT_ONCE:
        return work(*given)
    return await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, _alone, work, *given))


def _alone(work: Callable[..., T], *given: object) -> T:
    with _ONE:
        return work(*given)
