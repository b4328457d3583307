"""CONTENT: what stays the same from chunk to chunk, and told alike streamed and not streamed."""

from __future__ import annotations

from typing import Any

from conformance.areas.citations import CHUNK, SERVICE_TIER, USAGE, issue
from conformance.exchange import ABSENT, Exchange, find
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.conditions import chat_stream, completion, counted
from conformance.judge.relations import streamed_twin

DETAILS = {
    "prompt_tokens_details": ("cached_tokens",),
    "completion_tokens_details": ("reasoning_tokens",),
}
"""What is told of the usage beside the sums, and is the same kind of number in both modes."""


def _changes(x: Exchange, name: str) -> Problems:
    """A member of the chunks that is not the same in all that have it."""
    seen: list[Any] = []
    for chunk in x.chunks:
        if name in chunk and chunk[name] not in seen:
            seen.append(chunk[name])
    if len(seen) > 1:
        yield differs(f"{name} over the stream", seen[:4], "one value")


# 369 of 369 recorded streams of OpenAI keep both.
@check("stream.same-fingerprint", SHOULD, when=chat_stream, source=CHUNK, breaks="content-fingerprint-changes")
def fingerprint_stays(x: Exchange) -> Problems:
    """All chunks of a stream have one `system_fingerprint`.

    It names what answered; a stream that was answered by two cannot be repeated.
    """
    yield from _changes(x, "system_fingerprint")


@check("stream.same-tier", SHOULD, when=chat_stream, source=(CHUNK, SERVICE_TIER), breaks="content-tier-changes")
def tier_stays(x: Exchange) -> Problems:
    """All chunks of a stream have one `service_tier`.

    It decides the price, and clients read it from whichever chunk they look at.
    """
    yield from _changes(x, "service_tier")


@check("usage.same-details", SHOULD, together=streamed_twin, when=completion & counted,
       source=(USAGE, issue("jundot/omlx", 919)), breaks="content-details-streamed-only", covers="USAGE-009")  # fmt: skip
def details_are_in_both(plain: Exchange, streamed: Exchange) -> Problems:
    """What the usage tells of cached and of reasoning tokens, it tells streamed and not streamed.

    Savings by the cache show in one mode only, and the two cannot be compared.
    """
    for kind, names in DETAILS.items():
        for name in names:
            one, other = (find(x.usage, f"{kind}.{name}") in (None, ABSENT) for x in (plain, streamed))
            if one != other:
                words = {True: "not told", False: "told"}
                yield f"the streamed usage.{kind}.{name} is {words[other]}, expected {words[one]} as plain"
