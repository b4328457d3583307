"""A server whose answers are swapped under load, and never alone."""

from __future__ import annotations

from conformance.reference.lies import Lie
from conformance.reference.replies import Call, Reply


def swapping(every: int, crowd: int) -> Lie:
    """One answer in so many is the one before it of the same kind, where at least `crowd` others are being answered."""
    last: dict[bool, Reply] = {}
    count = 0

    def reply(call: Call, honest: Reply) -> Reply:
        nonlocal count
        if not (call.json and "messages" in call.json):
            return honest
        count += 1
        before, last[call.streaming] = last.get(call.streaming), honest
        return before if before and count % every == 0 and len(call.line.beside) >= crowd else honest

    return Lie("swapping", "Answers are swapped under load.", reply=reply)
