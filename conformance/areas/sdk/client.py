"""SDK: what the official Python client makes of each answer, replayed through it byte for byte (the extra `sdk`).

These judge consequences: another check says which rule was broken, these say that an application notices, or that it does not and
loses something. The client itself is not imported here; without it nothing is exercised.
"""

from __future__ import annotations

from conformance.areas.citations import (
    PYTHON_DELTAS,
    PYTHON_ERROR_CLASS,
    PYTHON_ERROR_FIELDS,
    PYTHON_ERROR_TEXT,
    PYTHON_EVENTS,
    PYTHON_HELPER,
    PYTHON_SSE,
    python,
)
from conformance.clients import losses
from conformance.clients.endpoints import WAYS
from conformance.clients.outcomes import CREATE, HELPER, LIST, LOOP, PARSE, REQUEST, RETRIEVE, tried
from conformance.exchange import ABSENT, Exchange, Unreadable, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import by_application, chat, chat_stream, failed, ok, route, status
from conformance.judge.mistakes import BUSY

READS_CONTENT = python("openai/_legacy_response.py", 290)
PARSES_ARGUMENTS = python("openai/lib/_parsing/_completions.py", 205)
HELPER_USAGE = python("openai/lib/streaming/chat/_completions.py", 484)
PAGE = python("openai/pagination.py", 26)

is_error = response("that is an error, whatever its status")(losses.is_error)
error_in_stream = response("whose stream reports an error in any form")(losses.error_in_stream)


@response("without an error in its stream")
def undisturbed(x: Exchange) -> bool:
    """Also one without any event, such as a plain answer to a streamed request."""
    try:
        return not losses.error_in_stream(x)
    except Unreadable:
        return not losses.is_error(x)


@response("that holds tool calls")
def holds_calls(x: Exchange) -> bool:
    return any(
        find(choice, "message.tool_calls") not in (ABSENT, None, []) for choice in need(x.answer, "choices", list)
    )


good_stream = chat_stream & undisturbed
anyhow = tried(CREATE, LOOP, LIST, RETRIEVE, REQUEST)


def _amiss(x: Exchange, find: losses.Find, *ways: str) -> Problems:
    for amiss in losses.amiss(x, find, *ways):
        yield differs(amiss.what, amiss.seen, amiss.wanted)


# ---------------------------------------------------------------------- exceptions


@check("sdk.create", MUST, when=tried(CREATE) & chat & ~is_error, source=READS_CONTENT,
       breaks=("chat-without-choices", "json-latin1"), covers="SDK-011")  # fmt: skip
def create_reads(x: Exchange) -> Problems:
    """create() of openai-python reads a plain answer, and callers take the message from it, without an exception.

    What comes up instead is no OpenAIError: `except openai.OpenAIError` does not catch it, and nothing is retried.
    """
    yield from _amiss(x, losses.raised, CREATE)


@check("sdk.endpoint", MUST, when=tried(*WAYS) & ok & undisturbed, source=python("openai/_legacy_response.py", 290),
       breaks=("embeddings-of-lists-empty", "chunk-choices-null", "stream-two-spaces"))  # fmt: skip
def other_endpoints_are_read(x: Exchange) -> Problems:
    """What other endpoints answer is read by openai-python, and by callers in what it gives, without an exception.

    A TypeError or ValueError out of the client is no OpenAIError: `except openai.OpenAIError` does not catch it, and nothing is retried.
    """
    yield from _amiss(x, losses.raised, *WAYS)


# SHOULD: the model writes the arguments, and of a function that is not strict nobody promises that they are JSON.
@check("sdk.parse", SHOULD, when=tried(PARSE) & chat & holds_calls, source=PARSES_ARGUMENTS,
       breaks=("tool-arguments-an-object", "tool-call-without-type"))  # fmt: skip
def parse_reads(x: Exchange) -> Problems:
    """parse() of openai-python, told that the functions are strict, parses the arguments of every call.

    Otherwise it raises JSONDecodeError or TypeError, or leaves `parsed_arguments` None without a word.
    """
    yield from _amiss(x, losses.raised, PARSE)
    yield from _amiss(x, losses.unparsed, PARSE)


@check("sdk.stream", MUST, when=tried(LOOP) & good_stream, source=(PYTHON_EVENTS, PYTHON_SSE),
       breaks=("stream-two-spaces", "stream-retry-alone", "chunk-choices-null"), covers="SDK-011")  # fmt: skip
def stream_reads(x: Exchange) -> Problems:
    """A loop over the chunks of a stream comes to its end in openai-python without an exception.

    JSONDecodeError, UnicodeDecodeError and TypeError end the answer in the middle of a sentence.
    """
    yield from _amiss(x, losses.raised, LOOP)


@request("whose choices begin in the order of their indexes")
def in_order(x: Exchange) -> bool:
    """Also one in which that cannot be read. Where choices race, chance says which is first, and stream.index-order tells it."""
    try:
        first = list(dict.fromkeys(index for _, index, _ in x.deltas))
    except Unreadable:
        return True
    return first == sorted(first)


@check("sdk.helper", MUST, when=tried(HELPER) & good_stream & in_order, source=(PYTHON_HELPER, PYTHON_DELTAS),
       breaks=("stream-two-spaces", "stream-retry-alone", "chunk-choices-null", "chunk-object-completion", "stream-bom",
               "stream-ignored", "tool-delta-without-index", "tool-delta-from-one", "tool-delta-null-type"),
       covers="SDK-008")  # fmt: skip
def helper_reads(x: Exchange) -> Problems:
    """The stream helper of openai-python, `.stream()`, puts a stream together without an exception.

    It asks more than a loop does: an integer `index` in every fragment of a call, and nothing overwritten by null.
    """
    yield from _amiss(x, losses.raised, HELPER)


# ---------------------------------------------------------------------- losses without a word


@check("sdk.chunks", MUST, when=tried(LOOP) & good_stream, source=PYTHON_SSE, breaks=("stream-bom", "stream-ignored"))
def every_chunk_arrives(x: Exchange) -> Problems:
    """Every chunk that was sent reaches the caller of openai-python.

    Events that it cannot tell apart, a first one behind a byte order mark, and a plain answer to a streamed request are passed over
    without an exception: the caller sees a shorter answer, or none.
    """
    yield from _amiss(x, losses.lost, LOOP)


@check("sdk.role", MUST, when=(tried(CREATE) & chat & ~is_error) | (tried(HELPER) & good_stream), source=PYTHON_DELTAS,
       breaks=("stream-role-repeated", "stream-bom", "chat-without-role"), covers="SDK-008")  # fmt: skip
def role_is_the_assistants(x: Exchange) -> Problems:
    """The message that openai-python gives has the role assistant.

    Its stream helper joins what comes twice to "assistantassistant", which the next request is refused for.
    """
    yield from _amiss(x, losses.roles, CREATE, HELPER)


@check("sdk.message", MUST, when=tried(LOOP, HELPER) & good_stream, source=PYTHON_HELPER, breaks="chunk-object-now-and-then",
       covers="SDK-008")  # fmt: skip
def message_is_as_sent(x: Exchange) -> Problems:
    """Text, refusal and finish reason come out of openai-python as they were streamed.

    Chunks whose `object` is not chat.completion.chunk are left out by the stream helper, and the text has a hole.
    """
    yield from _amiss(x, losses.message)


@check("sdk.calls", MUST, when=tried(LOOP, HELPER) & good_stream, source=PYTHON_DELTAS,
       breaks=("tool-delta-one-index", "tool-delta-id-again", "tool-delta-name-again", "stream-bom"), covers="SDK-008")  # fmt: skip
def calls_are_as_sent(x: Exchange) -> Problems:
    """Tool calls come out of openai-python as they were streamed: ids, names and arguments.

    Its stream helper joins every string that comes again, "call_1call_1", and two calls of one index to one.
    """
    yield from _amiss(x, losses.calls)


# SHOULD: OpenAI itself sends a chunk after that of the usage where moderation was asked for (1 of 262 recorded streams).
@check("sdk.usage", SHOULD, when=tried(CREATE, LOOP, HELPER) & ((chat & ~is_error) | good_stream), source=HELPER_USAGE,
       breaks="stream-chunk-after-usage")  # fmt: skip
def usage_is_as_sent(x: Exchange) -> Problems:
    """The usage comes out of openai-python as it was sent.

    Its stream helper takes that of the last chunk, so that any later chunk without one loses it.
    """
    yield from _amiss(x, losses.usage)


@check(
    "sdk.models",
    MUST,
    when=route("models", "model") & tried(LIST, RETRIEVE) & ok & ~is_error,
    source=PAGE,
    breaks=("models-not-in-data", "models-bare-array"),
)
def models_are_as_sent(x: Exchange) -> Problems:
    """openai-python gives every model of the list, and a single one with its id.

    Without `data` it iterates over no model at all and raises nothing; a bare array is an AttributeError.
    """
    yield from _amiss(x, losses.raised)
    yield from _amiss(x, losses.models)


# ---------------------------------------------------------------------- errors


@check(
    "sdk.error-class",
    MUST,
    when=anyhow & is_error,
    source=PYTHON_ERROR_CLASS,
    breaks="error-200-for-unknown-model",
    covers="SDK-006",
)
def errors_raise_their_class(x: Exchange) -> Problems:
    """An error raises the exception of its status in openai-python: BadRequestError for 400, RateLimitError for 429, and so on.

    Callers catch by class. An error under status 200 raises nothing: they go on with a message that is not there.
    """
    yield from _amiss(x, losses.unraised)


# SHOULD: errors without a body come from frameworks before any server of this API has a say.
@check(
    "sdk.error-text",
    SHOULD,
    when=anyhow & failed & by_application,
    source=PYTHON_ERROR_TEXT,
    breaks=("error-as-detail", "error-as-string", "error-html"),
)
def errors_say_why(x: Exchange) -> Problems:
    """The text of the exception that openai-python raises says more than the status.

    "Error code: 422" is all that stands in logs and issues; the reason is only in `e.body`, where few look.
    """
    yield from _amiss(x, losses.speechless)


@check(
    "sdk.error-fields",
    SHOULD,
    when=anyhow & failed & ~status(*BUSY) & by_application,
    source=PYTHON_ERROR_FIELDS,
    breaks="error-code-number",
)
def errors_keep_their_fields(x: Exchange) -> Problems:
    """The exception that openai-python raises has the `code`, `type` and `param` that were sent.

    It turns an integer code to text: 400 becomes "400", in openai-node it stays a number.
    """
    yield from _amiss(x, losses.miscoded)


@check("sdk.stream-error", MUST, when=tried(LOOP) & chat_stream & error_in_stream, source=PYTHON_EVENTS,
       breaks=("stream-error-flat", "stream-bare-line", "stream-retry-alone"), covers="SDK-011")  # fmt: skip
def stream_errors_raise(x: Exchange) -> Problems:
    """An error that comes in the middle of a stream raises APIError in openai-python.

    In any other form than `data: {"error": {...}}` it raises TypeError, or nothing, and half an answer passes for a whole one.
    """
    yield from _amiss(x, losses.unheard)
