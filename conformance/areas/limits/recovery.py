"""RATE: what only a real limit shows: a burst of like requests that runs into one, and a request after the wait.

Sent where the user asks for it (send/burst.py); recordings have such bursts too, but do not say that they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conformance.areas.citations import ERROR_CODES, RATE_LIMITS, TOO_MANY, python, rfc
from conformance.areas.limits.bursts import burst, recovered, streamed_in_burst
from conformance.areas.limits.remaining import limit_headers
from conformance.areas.limits.too_many import limited, waiting_helps
from conformance.exchange import Exchange, find
from conformance.judge import MUST, SHOULD, Problems, Relation, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import anything, chat_request, token_limit

ABOUT_THE_REQUEST = (400, 408, 413, 422, 429)
"""Statuses of 4xx that are no word on how many requests came before: a model that thinks has no room in one token."""
FEW = 2
"""Failures in a burst from which they are no chance."""
TINY = 1000
"""Characters of a request so small that no limit on tokens turns it away while this many tokens remain."""
AGENTGATEWAY = "https://github.com/agentgateway/agentgateway/issues/3329"

_INTEGER = re.compile("[0-9]{1,18}")


def _left(x: Exchange) -> dict[str, int]:
    """What remains, by what is limited, wherever it is an integer."""
    return {name: int(value) for name, value in limit_headers(x, "remaining").items() if _INTEGER.fullmatch(value)}


@request("for a few tokens")
def tiny(x: Exchange) -> bool:
    return len(x.request_body) < TINY and (token_limit(x) or TINY) <= 16


@response("that says what remains")
def says_left(x: Exchange) -> bool:
    return bool(_left(x))


@check(
    "rate.burst-status", MUST, when=anything, together=burst, source=(rfc(6585, "4"), TOO_MANY, ERROR_CODES),
    breaks=("limit-with-403", "burst-forbidden"), covers="RATE-014",
)  # fmt: skip
def bursts_are_turned_away_with_429(*requests: Exchange) -> Problems:
    """Of many like requests at once, those that are refused are refused with 429 (or 503).

    Any other 4xx is final for the SDKs: no retry, and an error that speaks of a wrong key or a missing right.
    """
    for status in sorted({x.status for x in requests if x.failed and x.status < 500} - {*ABOUT_THE_REQUEST}):
        yield differs("status of a request in a burst, others of which were served,", status, "429")


@check(
    "rate.burst-stream", SHOULD, together=streamed_in_burst, source=(python("openai/_base_client.py", 1228), ERROR_CODES),
    breaks=("limit-inside-stream", "limit-inside-stream-nameless"), covers="RATE-015",
)  # fmt: skip
def streams_are_turned_away_before_they_begin(limited: Exchange, streamed: Exchange) -> Problems:
    """Where requests are refused with 429, streamed ones are too, before a stream begins.

    An error in a stream has no status: neither SDK retries it, and it looks as if the answer had been cut.
    """
    for n, message in streamed.messages:
        if isinstance(error := find(message, "error"), (dict, str)) and error:
            yield differs(f"event {n}", message, "status 429 instead of a stream")


def _counted(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The served requests of a burst that ran into a limit, with the first one refused, where they say what remains."""
    for group in burst.groups(exchanges):
        refused = [x for x in group if x.status == 429]
        told = [x for x in group if x.ok and _left(x)]
        if refused and len(told) > 1:
            yield (refused[0], *told)


counted = Relation("burst into a limit whose answers say what remains", _counted)


@check(
    "rate.burst-counts", SHOULD, when=anything, together=counted, source=RATE_LIMITS,
    breaks=("remaining-never-counts", "remaining-always-one-less"), covers="RATE-011",
)  # fmt: skip
def remaining_counts_down_to_the_limit(refused: Exchange, *served: Exchange) -> Problems:
    """On the way into a limit, what remains of it goes down from one answer to the next.

    Clients that pace themselves by a number that stands still run into the limit at full speed.
    """
    told = find(refused.json, "error.type") if refused.not_json is None else None
    kinds = {kind for x in served for kind in _left(x)}
    kinds &= {told} if told in ("requests", "tokens") else kinds
    seen = {kind: sorted({_left(x)[kind] for x in served if kind in _left(x)}) for kind in sorted(kinds)}
    if seen and all(len(values) == 1 for values in seen.values()):
        name, [value] = next(iter(seen.items()))
        yield differs(f"x-ratelimit-remaining-{name} of {len(served)} answers", value, "less each time")


# A limit on tokens turns a big request away while some are left (Limit 30000, Used 18271, Requested 16921): only tiny ones tell.
@check(
    "rate.denied", SHOULD, when=limited & waiting_helps & chat_request & tiny & says_left, source=(RATE_LIMITS, AGENTGATEWAY),
    breaks="denied-with-room", covers="RATE-009",
)  # fmt: skip
def a_denial_shows_what_is_used_up(x: Exchange) -> Problems:
    """The 429 to a tiny request says that something is used up: requests 0, or tokens fewer than it might need.

    A client that reads that requests remain sends the next at once, and is refused again.
    """
    left = _left(x)
    if all(value > (0 if "request" in name else TINY) for name, value in left.items()):
        name, value = min(left.items(), key=lambda item: item[1])
        yield differs(f"x-ratelimit-remaining-{name} of a 429", value, "0 of what the limit is on")


# SHOULD: another client of the same key may have used up what came back.
@check(
    "rate.recovers", SHOULD, together=recovered, source=(TOO_MANY, rfc(9110, "10.2.3"), RATE_LIMITS),
    breaks="retry-after-ms-in-seconds", covers="RATE-003",
)  # fmt: skip
def limits_pass_after_the_time_named(limited: Exchange, after: Exchange) -> Problems:
    """After the time that a 429 names, the next request is not refused again.

    Both SDKs wait exactly as long as they are told, twice; a time that is too short costs both retries.
    """
    if after.status == 429:
        yield differs("status after the wait", after.status, "any other, as the time named has passed")


# SHOULD: a server may also fail under load by itself; but of like requests at once, some served, it is the number that fails.
@check(
    "rate.burst-fails", SHOULD, when=anything, together=burst, source=(TOO_MANY, ERROR_CODES), breaks="burst-as-500",
    covers="RATE-014",
)  # fmt: skip
def bursts_do_not_fail(*requests: Exchange) -> Problems:
    """Of many like requests at once, those that are too many are refused with 429 (or 503), not failed with 500 or 502.

    RateLimitError is never raised, nothing says how long to wait, and operators look for a fault that is none.
    """
    failing = [x.status for x in requests if x.status in (500, 502)]
    if len(failing) >= FEW:
        yield differs(f"status of {len(failing)} requests in a burst, others of which were served,", failing[0], "429")
