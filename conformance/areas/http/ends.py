"""HTTP: that an answer comes to its end, and in time."""

from __future__ import annotations

import re

from conformance.areas.citations import python, rfc
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, whole
from conformance.judge.conditions import awaited, miscoded

SDK_PATIENCE = 600.0
"""Seconds that both SDKs wait for an answer unless told otherwise."""
_WAITED = re.compile(r"([0-9.]+) s \(limit: (first byte|silence|whole request)\)")


refused = request("answered 4xx or 5xx")(lambda x: x.failed)
"""That an error comes to its end is a check of its own (error.complete): nothing has to be computed for it."""

timed = request("that was answered, or waited for in vain")(lambda x: x.status is not None or x.ended == "timeout")
"""A connection that fails says nothing of the time that an answer takes."""


def _slow(x: Exchange) -> bool:
    """It did not come, or stopped, for less time than the SDKs would wait, and it is not all there behind a framing without an end.

    Who connects waits less long, so that is nothing of the kind.
    """
    if x.ended != "timeout" or "(limit: connect)" in (x.failure or "") or (x.body and x.not_json is None):
        return False
    waited = _WAITED.search(x.failure or "")
    return waited is None or float(waited[1]) < SDK_PATIENCE


@check(
    "http.answered", MUST, when=awaited, source=rfc(9112, "6.3"), covers="HTTP-002",
    breaks=("answer-cut", "content-wedged", "left-server-dead", "close-refused"),
)  # fmt: skip
def is_answered(x: Exchange) -> Problems:
    """Every request is answered, and the answer comes to the end that its framing announces.

    A closed connection or a body shorter than announced: APIConnectionError in Python, TypeError "terminated" in
    Node, after retries that cost the user the same wait again.
    """
    if not whole(x) and not miscoded(x) and not _slow(x):
        yield x.failure or differs("the answer", x.ended, "complete")


# SHOULD: a slow model is no fault, and nobody knows whether the answer would have come.
@check(
    "http.in-time", SHOULD, when=awaited & timed & ~refused, source=python("openai/_constants.py", 9), breaks="answer-stalls",
    covers="HTTP-034",
)  # fmt: skip
def answers_come_in_time(x: Exchange) -> Problems:
    """An answer comes, and comes to its end, within the time that --timeout gives it.

    Both SDKs wait ten minutes unless told otherwise; most applications, and the proxies before them, wait a minute or less.
    """
    if _slow(x) and not whole(x):
        yield f"{x.failure or 'the answer stopped'}, expected its end; --timeout gives it longer"
