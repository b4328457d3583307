"""STREAM: `stream_options`: the chunk that carries usage, where it stands, and what the option needs."""

from __future__ import annotations

from typing import Any

from conformance.areas.citations import CHUNK, STREAM_OPTIONS, python
from conformance.exchange import ABSENT, Exchange, Unreadable, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import asked, asked_usage, chat_request, full_stream, streaming

SNAPSHOT_USAGE = python("openai/lib/streaming/chat/_completions.py", 486)
UNRELATED = (401, 403, 404, 408, 409, 413, 429)
"""Refusals that have another reason than what the request says."""


@response("not turned down for something else")
def settled(x: Exchange) -> bool:
    return not 400 < x.status < 500 or b"stream" in x.body


with_usage = full_stream & asked_usage


def usage_chunks(x: Exchange) -> list[tuple[int, dict[str, Any]]]:
    """(position, chunk) of every chunk with a usage. Raises Unreadable where there is none."""
    found = [(n, chunk) for n, chunk in enumerate(x.chunks) if chunk.get("usage") is not None]
    if not found:
        raise Unreadable("usage is absent from every chunk, expected an object")
    return found


@check("stream.usage", MUST, when=with_usage, source=STREAM_OPTIONS, breaks="stream-usage-ignored", covers="STREAM-035")
def usage_is_sent(x: Exchange) -> Problems:
    """With `include_usage: true` a stream sends its usage.

    Token meters, budgets and billing proxies stay at zero.
    """
    if all(chunk.get("usage") is None for chunk in x.chunks):
        yield differs("usage in every chunk", None, "an object in the last")


@check("stream.usage-choices", MUST, when=with_usage, source=STREAM_OPTIONS, breaks="stream-usage-with-finish",
       covers="STREAM-035")  # fmt: skip
def usage_comes_alone(x: Exchange) -> Problems:
    """The chunk that carries the usage has no choices.

    Clients that know it by its empty `choices` never find it.
    """
    n, chunk = usage_chunks(x)[-1]
    if choices := need(chunk, "choices", list):
        yield differs(f"choices of chunk {n}, which carries the usage,", choices, "[]")


@check("stream.usage-once", MUST, when=with_usage, source=(STREAM_OPTIONS, CHUNK), breaks="stream-usage-everywhere",
       covers=("STREAM-035", "STREAM-036"))  # fmt: skip
def usage_comes_once(x: Exchange) -> Problems:
    """One chunk carries a usage; in all others it is null.

    Clients that add up what they get count tokens twice, and those that take the first take a part.
    """
    if len(found := usage_chunks(x)) > 1:
        yield differs("usage", f"in {len(found)} chunks of {len(x.chunks)}", "one")


# No MUST, though the specification says so: both SDKs read an absent usage as null, and most servers but OpenAI leave it out.
@check("stream.usage-null", SHOULD, when=with_usage, source=(STREAM_OPTIONS, CHUNK), breaks="stream-usage-key-missing",
       covers="STREAM-036")  # fmt: skip
def usage_is_null_elsewhere(x: Exchange) -> Problems:
    """With `include_usage: true` every chunk has the key `usage`.

    Typed clients that were told so fail at the first chunk without it.
    """
    usage_chunks(x)
    missing = [n for n, chunk in enumerate(x.chunks) if "usage" not in chunk]
    if missing:
        yield f"usage is absent from {len(missing)} chunks of {len(x.chunks)}, first {missing[0]}, expected null"


def tells_expiry(x: Exchange, value: Any) -> bool:
    """Nothing but until when the sound that was asked for is kept."""
    parts = find(value, "choices") if x.asks_audio else None
    deltas = [find(part, "delta") for part in parts] if isinstance(parts, list) else []
    return bool(deltas) and all(find(delta, "audio.expires_at") is not ABSENT and len(delta) == 1 for delta in deltas)


@check("stream.usage-last", MUST, when=with_usage, source=(STREAM_OPTIONS, SNAPSHOT_USAGE), breaks="stream-chunk-after-usage",
       covers="STREAM-038")  # fmt: skip
def nothing_after_usage(x: Exchange) -> Problems:
    """No chunk follows the one that carries the usage, unless it reports a moderation or the end of sound that was asked for.

    openai-python's .stream() takes the usage of the last chunk: it becomes None.
    """
    # Both exceptions are genuine: with `moderation` asked for, OpenAI sends its result in a chunk after the usage; where sound
    # was asked for, it says last until when the sound is kept.
    last = usage_chunks(x)[-1][0]
    for n, chunk in enumerate(x.chunks[last + 1 :], last + 1):
        if not chunk.get("moderation") and not (tells_expiry(x, chunk)):
            yield differs(f"chunk {n} after the usage", chunk.get("choices"), "no chunk")


@check("stream.usage-unasked", SHOULD, when=full_stream & ~asked_usage, source=CHUNK, breaks="stream-usage-unasked",
       covers="STREAM-037")  # fmt: skip
def no_usage_unasked(x: Exchange) -> Problems:
    """Without `include_usage` no chunk carries a usage.

    Clients that did not ask count the tokens themselves, and then twice.
    """
    found = [n for n, chunk in enumerate(x.chunks) if chunk.get("usage") is not None]
    if found:
        yield differs(f"usage of chunk {found[0]}", x.chunks[found[0]]["usage"], "none without include_usage")


@check("stream.options-need-stream", SHOULD, when=chat_request & asked("stream_options") & ~streaming & settled,
       source=STREAM_OPTIONS, breaks="stream-options-unstreamed", covers="STREAM-039")  # fmt: skip
def options_need_a_stream(x: Exchange) -> Problems:
    """`stream_options` without `stream: true` is refused with 400.

    Accepted, it hides that the client forgot to ask for the stream it will wait for.
    """
    if x.status is None or x.status in UNRELATED or x.status >= 500:
        raise Unreadable(f"status is {x.status}, expected 400")
    if x.status != 400:
        yield differs("status", x.status, "400 for stream_options without stream")
