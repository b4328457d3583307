"""What all laws on a way of sending ask: that the answer is as to the usual request."""

from __future__ import annotations

from conformance.exchange import Exchange, need
from conformance.judge import Problems, Relation, differs
from conformance.judge.relations import accepted

SWITCHED = 101
"""The status of a server that takes an offered protocol up: what comes then is none of HTTP/1.1."""


def way(name: str) -> Relation:
    """The greeting as it is usually sent, where it is answered 2xx, and as it is sent in this way."""
    return accepted("chat.hello", f"sending.{name}")


def as_usual(usual: Exchange, x: Exchange, how: str) -> Problems:
    """The status and the kind of answer are those of the usual request, and there is something in it."""
    if x.status == SWITCHED:
        return
    if not x.ok:
        yield differs(f"the status of a request {how}", x.status, f"{usual.status}, as of the same one without")
    elif x.media_type != usual.media_type:
        yield differs(
            f"the Content-Type of the answer to a request {how}", x.media_type, f"{usual.media_type}, as without"
        )
    elif not x.streaming:
        need(x.answer, "choices", list)
