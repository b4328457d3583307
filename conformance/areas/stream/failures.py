"""STREAM: errors: those known before the first token are no stream, and those that come later have one form."""

from __future__ import annotations

from typing import Any

from conformance.areas.citations import ERROR, NODE_EVENTS, python
from conformance.areas.stream.usage_chunk import tells_expiry
from conformance.exchange import Exchange, find, is_a, looks_like_an_error
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import chat_stream, reports_error
from conformance.judge.objects import misfits
from conformance.judge.shared import PLACEHOLDERS

STREAM_ERROR = (python("openai/_streaming.py", 95), NODE_EVENTS)
RETRIES = python("openai/_base_client.py", 1227)
CLIENT_ERRORS = (
    "invalid_request",
    "badrequest",
    "authentic",
    "permission",
    "not_found",
    "notfound",
    "rate_limit",
    "quota",
)
"""Parts of the `type` or `code` of errors that a server knows before it generates anything."""

failing_stream = chat_stream & reports_error


def errors(x: Exchange) -> list[tuple[int, Any]]:
    """(position of the event, the value of `error`) of every error in a stream. Raises Unreadable."""
    return [(n, value["error"]) for n, value in x.messages if isinstance(value, dict) and value.get("error")]


def is_refusal(error: Any) -> bool:
    """An error about the request or its limits, as its words or an HTTP status in `code` or `status` say."""
    if not isinstance(error, dict):
        return False
    words = " ".join(str(error.get(key)) for key in ("type", "code")).lower().replace(" ", "")
    codes = [error.get(key) for key in ("code", "status")]
    return any(word in words for word in CLIENT_ERRORS) or any(is_a(code, int) and 400 <= code < 500 for code in codes)


@check("stream.refused-by-status", MUST, when=chat_stream, source=(RETRIES, *STREAM_ERROR),
       breaks=("stream-refusal-in-200", "limit-inside-stream", "stream-key-refused-inside"), covers="STREAM-045")  # fmt: skip
def refusals_have_a_status(x: Exchange) -> Problems:
    """What is wrong with a request is said by the HTTP status, not by an error event under 200.

    The SDKs type, raise and retry errors by status: a rate limit in a stream is a bare APIError, never retried.
    """
    n, first = x.messages[0]
    if isinstance(first, dict) and is_refusal(first.get("error")):
        yield differs(f"event {n} under status {x.status}", first, "a 4xx status")


@check("stream.error-object", MUST, when=failing_stream, source=STREAM_ERROR,
       breaks="stream-error-text", covers="STREAM-029")  # fmt: skip
def error_is_an_object(x: Exchange) -> Problems:
    """An error in a stream is `{"error": {...}}`, an object.

    A string raises too, but openai-python then says "An error occurred during streaming" and nothing else.
    """
    yield from misfits(x, "stream-error")


@check("stream.error-message", MUST, when=failing_stream, source=STREAM_ERROR, breaks="stream-error-without-message",
       covers="STREAM-029")  # fmt: skip
def error_has_a_message(x: Exchange) -> Problems:
    """An error in a stream has a `message`, a non-empty string.

    It is all that the exception says: without it openai-python makes up "An error occurred during streaming".
    """
    yield from misfits(x, "stream-error", "message")


@check("stream.error-members", SHOULD, when=failing_stream, source=(ERROR, *STREAM_ERROR), breaks="stream-error-bare",
       covers="STREAM-029")  # fmt: skip
def error_has_its_members(x: Exchange) -> Problems:
    """An error in a stream has `type`, `param` and `code`, the last two strings or null.

    The SDKs copy them into the exception, and programs decide by them what to do.
    """
    yield from misfits(x, "stream-error", "type", "param", "code")


@check(
    "stream.error-words",
    SHOULD,
    when=failing_stream,
    source=ERROR,
    breaks="stream-error-says-none",
    covers="STREAM-029",
)
def error_members_say_something(x: Exchange) -> Problems:
    """A member of an error in a stream that has nothing to say is null, not "None" or an empty text; `code` is no status.

    Clients test for null, and look for names.
    """
    for n, error in errors(x):
        for name in ("type", "param", "code"):
            word = find(error, name)
            if word in PLACEHOLDERS or (name == "code" and isinstance(word, str) and word.isdigit()):
                yield differs(f"event {n}.error.{name}", word, "a name" if name == "type" else "a name or null")


@check("stream.error-is-last", MUST, when=failing_stream, source=STREAM_ERROR, breaks="stream-goes-on-after-error",
       covers="STREAM-029")  # fmt: skip
def nothing_after_an_error(x: Exchange) -> Problems:
    """Nothing but [DONE] follows an error in a stream, unless it is the end of sound that was asked for.

    Both SDKs raise at the error: who reads on by other means gets another answer than they.
    """
    # Genuine: where the sound that was asked for could not be finished, OpenAI says behind the error until when it keeps what there is.
    first = errors(x)[0][0]
    for n, value in x.messages:
        if n > first and value != "[DONE]" and not tells_expiry(x, value):
            yield differs(f"event {n} after the error", value, "nothing")


@check("stream.error-wrapped", MUST, when=chat_stream, source=STREAM_ERROR,
       breaks="stream-error-flat", covers="STREAM-030")  # fmt: skip
def error_is_wrapped(x: Exchange) -> Problems:
    """An error in a stream is not sent without the `error` key around it.

    openai-python's .stream() passes over such an event and returns half an answer; raw loops raise TypeError.
    """
    for n, value in x.messages:
        if looks_like_an_error(x.events[n], value):
            yield differs(f"data of event {n}", value, '{"error": {...}}')


@check("stream.no-error-in-chunk", SHOULD, when=chat_stream, source=STREAM_ERROR, breaks="stream-error-in-chunk",
       covers="STREAM-031")  # fmt: skip
def chunks_have_no_error(x: Exchange) -> Problems:
    """A chunk with choices has no `error` beside them, unless it is null.

    Both SDKs raise at any true value of it and drop what the chunk says.
    """
    for n, value in x.messages:
        if isinstance(value, dict) and value.get("error") and value.get("choices"):
            yield differs(f"error of event {n}", value["error"], "none in a chunk")
