"""RATE: the x-ratelimit headers of every answer.

They are optional (OpenAI says that answers can include them): nothing here fails where a server sends none.
"""

from __future__ import annotations

import re

from conformance.areas.citations import RATE_LIMITS
from conformance.exchange import ABSENT, Exchange
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.condition import Condition, by_head
from conformance.judge.conditions import completion, headers_known, ok, post, route
from conformance.judge.relations import streamed_twin

SEEN = "https://community.openai.com/t/how-to-get-rate-limit-reset-time-for-response-api/1268905"
"""OpenAI's headers, quoted."""

_INTEGER = re.compile("[0-9]+")
_DURATION = re.compile(r"([0-9]+(\.[0-9]+)?(h|ms|m|s|us|µs|ns))+")
_SECONDS = re.compile("[0-9]{1,5}")
"""How OpenAI says it of images, where it refused one (three recorded answers of 2023)."""
_LIMIT = re.compile("x-ratelimit-(limit|remaining|reset)-(.+)")


def _names(x: Exchange, kind: str) -> dict[str, str]:
    """The names of the headers x-ratelimit-KIND-*, by what they limit: requests, tokens, project-tokens ..."""
    if _names not in x.memo:
        found: dict[str, dict[str, str]] = {"limit": {}, "remaining": {}, "reset": {}}
        for name in sorted({name.lower() for name, _ in x.headers}):
            if parts := _LIMIT.fullmatch(name):
                found[parts[1]][parts[2]] = name
        x.memo[_names] = found
    return x.memo[_names][kind]


def limit_headers(x: Exchange, kind: str) -> dict[str, str]:
    """Their values."""
    key = (limit_headers, kind)
    if key not in x.memo:
        x.memo[key] = {what: (x.header(name) or "").strip() for what, name in _names(x, kind).items()}
    return x.memo[key]


def _sends(kind: str) -> Condition:
    return headers_known & by_head(f"with x-ratelimit-{kind} headers")(lambda x: _names(x, kind))


@by_head("with any rate-limit header")
def any_limit(x: Exchange) -> bool:
    return any("ratelimit-" in name.lower() for name, _ in x.headers)


generation = route("chat", "completions", "embeddings", "responses") & post & ok & headers_known


@check(
    "rate.names", SHOULD, when=generation & any_limit, source=RATE_LIMITS, breaks="limits-other-names",
    covers=("RATE-008", "RATE-013"),
)  # fmt: skip
def limits_have_their_names(x: Exchange) -> Problems:
    """A server that sends rate-limit headers sends x-ratelimit-limit-requests or x-ratelimit-limit-tokens among them.

    LangChain, LiteLLM and schedulers read these names; under others they see no limit and run into it.
    """
    if not {"requests", "tokens"} & _names(x, "limit").keys():
        names = sorted({name.lower() for name, _ in x.headers if "ratelimit-" in name.lower()})
        yield differs("the rate-limit headers' names", names, "x-ratelimit-limit-requests or -tokens among them")


@check(
    "rate.limit", SHOULD, when=_sends("limit"), source=RATE_LIMITS, breaks="limit-with-unit",
    covers=("RATE-008", "RATE-012", "RATE-013"),
)  # fmt: skip
def limits_are_integers(x: Exchange) -> Problems:
    """Every x-ratelimit-limit-* header is a decimal integer.

    Clients parse it as one to pace themselves; anything else is NaN or an exception.
    """
    for name, value in limit_headers(x, "limit").items():
        if not _INTEGER.fullmatch(value):
            yield differs(f"x-ratelimit-limit-{name}", value, "a decimal integer")


@check(
    "rate.remaining", SHOULD, when=_sends("remaining"), source=RATE_LIMITS, breaks="remaining-fraction",
    covers=("RATE-009", "RATE-012"),
)  # fmt: skip
def remaining_are_integers(x: Exchange) -> Problems:
    """Every x-ratelimit-remaining-* header is a decimal integer.

    Clients parse it as one to decide whether to wait.
    """
    for name, value in limit_headers(x, "remaining").items():
        if not _INTEGER.fullmatch(value):
            yield differs(f"x-ratelimit-remaining-{name}", value, "a decimal integer")


def _both(x: Exchange) -> list[tuple[str, int, int]]:
    """(what is limited, remaining, limit) wherever both are integers of a sane length."""
    limits, remaining = limit_headers(x, "limit"), limit_headers(x, "remaining")
    pairs = [(name, remaining[name], limit) for name, limit in limits.items() if name in remaining]
    sane = re.compile("[0-9]{1,18}")
    return [
        (name, int(left), int(limit)) for name, left, limit in pairs if sane.fullmatch(left) and sane.fullmatch(limit)
    ]


@check(
    "rate.remaining-within", SHOULD, when=_sends("limit") & _sends("remaining"), source=RATE_LIMITS,
    breaks="remaining-above-limit",
    covers="RATE-009",
)  # fmt: skip
def remaining_is_within_the_limit(x: Exchange) -> Problems:
    """What remains is never more than the limit.

    Dashboards show a use of less than nothing; pacing divides by it.
    """
    for name, left, limit in _both(x):
        if left > limit:
            yield differs(f"x-ratelimit-remaining-{name}", left, f"at most the limit of {limit}")


# Genuine OpenAI: remaining-requests is below its limit in all of 1,162 answers, however fast the limit refills.
@check(
    "rate.counts", SHOULD, when=generation & _sends("limit") & _sends("remaining"), source=RATE_LIMITS,
    breaks="remaining-never-counts",
    covers="RATE-011",
)  # fmt: skip
def remaining_requests_counts_this_one(x: Exchange) -> Problems:
    """x-ratelimit-remaining-requests counts the request that it answers: it is below the limit.

    A counter that never moves tells a client that it may go on for ever.
    """
    for name, left, limit in _both(x):
        if name == "requests" and left == limit:
            yield differs("x-ratelimit-remaining-requests", left, f"below the limit of {limit}")


# Genuine OpenAI: 2 of 1,162 do not, both from a recorder that mixed headers up.
@check(
    "rate.reset", SHOULD, when=_sends("reset"), source=(RATE_LIMITS, SEEN),
    breaks="reset-epoch",
    covers=("RATE-010", "RATE-012"),
)  # fmt: skip
def resets_are_durations(x: Exchange) -> Problems:
    """Every x-ratelimit-reset-* header is a duration such as 12ms, 1.2s or 6m0s: no bare number, no Unix time, no date.

    Clients wait for as long as it says: a Unix time makes them wait for decades, a bare number is no wait at all.
    """
    for name, value in limit_headers(x, "reset").items():
        if not _DURATION.fullmatch(value) and not (name == "images" and _SECONDS.fullmatch(value)):
            yield differs(f"x-ratelimit-reset-{name}", value, "a duration such as 12ms, 1.2s or 6m0s")


@check("rate.same-streamed", SHOULD, together=streamed_twin, when=completion & headers_known, source=RATE_LIMITS,
       breaks="limits-plain-only", covers="RATE-020")  # fmt: skip
def streams_tell_the_same_limits(plain: Exchange, streamed: Exchange) -> Problems:
    """The x-ratelimit headers of a plain answer are those of the same one streamed.

    Clients that pace themselves lose their count as soon as they stream.
    """
    names = [{name.lower() for name, _ in x.headers if _LIMIT.fullmatch(name.lower())} for x in (plain, streamed)]
    for mode, mine, other in (("plain", *names), ("streamed", *reversed(names))):
        for name in sorted(other - mine):
            yield differs(f"{name} {mode}", ABSENT, "as in the other mode")
