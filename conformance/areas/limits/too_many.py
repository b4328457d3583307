"""RATE: what a server answers when a limit is reached, and how long it tells its clients to wait."""

from __future__ import annotations

import email.utils
import re

from conformance.areas.citations import ERROR_CODES, RATE_LIMITS, TOO_MANY, node, python, rfc
from conformance.exchange import Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs, header_differs
from conformance.judge.condition import by_head, response
from conformance.judge.conditions import chat_stream, failed, headers_known, status

LONGEST_WAIT = 120
"""Seconds: from there on the Python SDK gives up at once (MAX_RETRY_AFTER_DELAY)."""
QUOTA_CODES = (
    "insufficient_quota", "billing_hard_limit_reached", "credit_balance_exhausted", "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded", "organization_usage_limit_exceeded",
)  # fmt: skip
"""Refusals with 429 that no waiting cures, from the guide to error codes."""
LIMIT_NAMES = ("rate_limit_exceeded", "rate_limit_error")
"""What errors about a rate limit have as code or type."""

_SECONDS = re.compile("[0-9]+")
_DATE = re.compile(
    "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} "
    "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
)


def _date(value: str) -> bool:
    """The value is a date of some form, as a lenient client reads it."""
    try:
        return email.utils.parsedate(value) is not None and not _SECONDS.fullmatch(value)
    except (ValueError, TypeError, IndexError):
        return False


def _wait(x: Exchange) -> str:
    return (x.header("retry-after") or "").strip()


def _names_limit(error: object) -> bool:
    return isinstance(error, dict) and any(error.get(key) == name for key in ("code", "type") for name in LIMIT_NAMES)


@by_head("with Retry-After")
def says_wait(x: Exchange) -> bool:
    return x.header("retry-after") is not None


@by_head("with a Retry-After in seconds")
def says_seconds(x: Exchange) -> bool:
    return bool(_SECONDS.fullmatch(_wait(x)))


@by_head("with a Retry-After of a date")
def says_date(x: Exchange) -> bool:
    return _date(_wait(x))


@response("whose limit goes away by waiting")
def waiting_helps(x: Exchange) -> bool:
    """Undecided by the body alone: a quota that is used up comes with 429, too."""
    error = find(x.json, "error") if x.not_json is None else None
    quota = isinstance(error, dict) and any(error.get(key) == code for key in ("code", "type") for code in QUOTA_CODES)
    return not quota and (x.header("x-should-retry") or "").strip() != "false"


@response("that says it is about a rate limit")
def about_limit(x: Exchange) -> bool:
    return x.not_json is None and _names_limit(find(x.json, "error"))


@by_head("sent as a stream of events")
def event_stream(x: Exchange) -> bool:
    return x.media_type == "text/event-stream"


limited = status(429) & headers_known
busy = status(429, 503) & headers_known


# ---------------------------------------------------------------------- a limit is reached


@check(
    "rate.status", MUST, when=about_limit, source=(rfc(6585, "4"), ERROR_CODES, python("openai/_client.py", 661)),
    breaks="limit-with-403", covers="RATE-014",
)  # fmt: skip
def limits_are_429(x: Exchange) -> Problems:
    """A request turned away by a rate limit is answered 429.

    Only 429 becomes RateLimitError in the SDKs and is waited for; 403 is taken for a missing right, 200 for an answer.
    """
    if x.status != 429:
        yield differs("status of a rate-limit error", x.status, "429")


@check(
    "rate.before-stream", SHOULD, when=chat_stream & event_stream,
    source=(python("openai/_base_client.py", 1228), ERROR_CODES),
    breaks="limit-inside-stream", covers="RATE-015",
)  # fmt: skip
def limits_come_before_the_stream(x: Exchange) -> Problems:
    """A rate limit is reported with status 429 before the stream begins, not as an event in it.

    An error in a stream becomes an APIError without a status, which neither SDK ever retries.
    """
    for n, message in x.messages:
        if _names_limit(find(message, "error")):
            yield differs(f"event {n}", message, "status 429 instead of a stream")


@check(
    "rate.retry-after", MUST, when=busy & says_wait, source=(rfc(9110, "10.2.3"), node("client.ts", 1076)),
    breaks="retry-after-duration", covers="RATE-002",
)  # fmt: skip
def retry_after_is_seconds_or_a_date(x: Exchange) -> Problems:
    """Retry-After is a whole number of seconds or an HTTP date, never a duration such as 1s or 6m0s.

    Python ignores others and backs off for half a second; Node reads 0m2s as 0 and asks again at once.
    """
    if not _SECONDS.fullmatch(_wait(x)) and not _date(_wait(x)):
        yield differs("Retry-After", _wait(x), "whole seconds or an HTTP date")


@check(
    "rate.retry-after-date", MUST, when=busy & says_date, source=(rfc(9110, "5.6.7"), rfc(9110, "10.2.3")),
    breaks="retry-after-local-date", covers="RATE-016",
)  # fmt: skip
def retry_after_date_is_imf_fixdate(x: Exchange) -> Problems:
    """A date in Retry-After has the form `Wed, 21 Oct 2026 07:28:00 GMT`.

    Other forms and zones are read differently by different clients: hours too early or too late.
    """
    if not _DATE.fullmatch(_wait(x)):
        yield differs("Retry-After", _wait(x), "a date such as Wed, 21 Oct 2026 07:28:00 GMT")


# SHOULD: a date is legal HTTP and both SDKs read it, but the specification says an integer for 429.
@check(
    "rate.retry-after-seconds", SHOULD, when=limited & says_wait, source=TOO_MANY, breaks="retry-after-date-for-429",
    covers="RATE-001",
)  # fmt: skip
def retry_after_of_a_limit_is_seconds(x: Exchange) -> Problems:
    """With 429, Retry-After is a number of seconds, not a date.

    Clients that parse an integer get NaN from a date and ask again at once.
    """
    if _date(_wait(x)):
        yield differs("Retry-After", _wait(x), "an integer of seconds")


@check(
    "rate.retry-after-positive", SHOULD, when=busy & says_seconds, source=(TOO_MANY, node("client.ts", 1076)),
    breaks="retry-after-zero", covers=("RATE-001", "RATE-005"),
)  # fmt: skip
def retry_after_is_positive(x: Exchange) -> Problems:
    """Retry-After is at least 1 second.

    At 0 Node asks again at once, in a loop with every other client; Python uses its own backoff.
    """
    if not _wait(x).strip("0"):
        yield differs("Retry-After", _wait(x), "at least 1")


@check(
    "rate.retry-after-short", SHOULD, when=busy & waiting_helps & says_seconds,
    source=(python("openai/_constants.py", 15), python("openai/_base_client.py", 924)), breaks="retry-after-day",
    covers="RATE-004",
)  # fmt: skip
def retry_after_is_short(x: Exchange) -> Problems:
    """Retry-After does not exceed 120 seconds where the client is meant to retry.

    Beyond that Python raises RateLimitError at once, while Node sleeps for the whole time and looks as if it hung.
    """
    if len(_wait(x).lstrip("0")) > 9 or int(_wait(x)) > LONGEST_WAIT:
        yield differs("Retry-After", _wait(x), f"at most {LONGEST_WAIT}, or x-should-retry: false beside it")


@check(
    "rate.retry-after-sent", SHOULD, when=busy & waiting_helps, source=(TOO_MANY, RATE_LIMITS, rfc(6585, "4")),
    breaks=("retry-after-absent", "loading-without-wait"), covers="RATE-003",
)  # fmt: skip
def limits_say_how_long_to_wait(x: Exchange) -> Problems:
    """An answer of 429 or 503 that may be retried says in Retry-After how long to wait.

    Without it both SDKs try twice more within two seconds: under a limit by the minute all of that fails.
    """
    if not says_wait(x) and not x.header("retry-after-ms"):
        yield header_differs(x, "Retry-After", "the seconds to wait")


# SHOULD though sending it is optional: once sent, both SDKs act on it before anything else.
@check(
    "rate.retry-after-ms", SHOULD,
    when=busy & by_head("with retry-after-ms")(lambda x: x.header("retry-after-ms") is not None),
    source=(python("openai/_base_client.py", 859), node("client.ts", 1067)), breaks="retry-after-ms-zero",
    covers="RATE-006",
)  # fmt: skip
def retry_after_ms_is_a_number(x: Exchange) -> Problems:
    """retry-after-ms, where it is sent, is a number of milliseconds above 0.

    It takes precedence over Retry-After; at 0 Node falls back to Retry-After and Python to its own backoff.
    """
    value = (x.header("retry-after-ms") or "").strip()
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) or not value.strip("0."):
        yield differs("retry-after-ms", value, "a number of milliseconds above 0")


# SHOULD though sending it is optional: once sent, it decides.
@check(
    "rate.should-retry", SHOULD,
    when=failed & headers_known & by_head("with x-should-retry")(lambda x: x.header("x-should-retry") is not None),
    source=(python("openai/_base_client.py", 933), node("client.ts", 1037)), breaks="should-retry-capital",
    covers="RATE-007",
)  # fmt: skip
def should_retry_is_true_or_false(x: Exchange) -> Problems:
    """x-should-retry, where it is sent, is exactly `true` or `false`, in lower case.

    Both SDKs ignore any other value and decide by the status.
    """
    if x.header("x-should-retry") not in ("true", "false"):
        yield header_differs(x, "x-should-retry", "true or false")
