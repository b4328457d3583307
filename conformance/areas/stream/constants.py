"""STREAM: what stays the same from chunk to chunk."""

from __future__ import annotations

from conformance.areas.citations import CHUNK, SERVICE_TIER
from conformance.exchange import Exchange
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.conditions import chat_stream
from conformance.wire.jsontext import show


def _changes(x: Exchange, name: str) -> Problems:
    """A member of the chunks that is not the same in all of them; left out, it is as null."""
    before = x.chunks[0].get(name)
    for n, chunk in enumerate(x.chunks):
        if (value := chunk.get(name)) != before:
            yield differs(f"{name} of chunk {n}", value, f"{show(before)} as in the chunks before")
            return


# 369 of 369 recorded streams of OpenAI keep both.
@check(
    "stream.same-fingerprint",
    SHOULD,
    when=chat_stream,
    source=CHUNK,
    breaks=("content-fingerprint-changes", "content-fingerprint-late"),
)
def fingerprint_stays(x: Exchange) -> Problems:
    """All chunks of a stream have one `system_fingerprint`, the first included, or none has any.

    It names what answered; a stream that was answered by two cannot be repeated.
    """
    yield from _changes(x, "system_fingerprint")


@check("stream.same-tier", SHOULD, when=chat_stream, source=(CHUNK, SERVICE_TIER), breaks="content-tier-changes")
def tier_stays(x: Exchange) -> Problems:
    """All chunks of a stream have one `service_tier`.

    It decides the price, and clients read it from whichever chunk they look at.
    """
    yield from _changes(x, "service_tier")
