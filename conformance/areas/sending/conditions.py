"""What all laws on a way of sending ask: that the answer is as to the usual request."""

from __future__ import annotations

from conformance.exchange import Exchange, Unreadable, need
from conformance.judge import Problems, Relation, differs
from conformance.judge.condition import request, whole
from conformance.judge.mistakes import BUSY
from conformance.judge.relations import accepted

SWITCHED = 101
"""The status of a server that takes an offered protocol up: what comes then is none of HTTP/1.1."""


@request("that the server was not too busy or too slow for")
def not_too_busy(x: Exchange) -> bool:
    """Without an answer, too: that only this way has none is what is wrong with it. A stall has a check of its own (http.in-time)."""
    return x.status not in BUSY and x.ended != "timeout"


def way(name: str) -> Relation:
    """The greeting as it is usually sent, where it is answered 2xx, and as it is sent in this way."""
    return accepted("chat.hello", f"sending.{name}")


def as_usual(usual: Exchange, x: Exchange, how: str) -> Problems:
    """The status and the kind of answer are those of the usual request, and there is something in it."""
    if x.status == SWITCHED:
        return
    if x.ended == "refused" or (x.answered and not whole(x)):
        raise Unreadable(f"{x.failure}, expected an answer")
    if not x.answered:
        yield differs(f"the answer to a request {how}", x.failure, f"{usual.status}, as to the same one without")
    elif not x.ok:
        yield differs(f"the status of a request {how}", x.status, f"{usual.status}, as of the same one without")
    elif x.media_type != usual.media_type:
        yield differs(
            f"the Content-Type of the answer to a request {how}", x.media_type, f"{usual.media_type}, as without"
        )
    elif not x.streaming:
        need(x.answer, "choices", list)
