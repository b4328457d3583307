"""CHAT: the message of a choice: its role, text, refusal, citations and audio."""

from __future__ import annotations

import base64
import binascii

from conformance.areas.citations import COMPLETION, MESSAGE, PARSES_CHOICES, STRUCTURED_OUTPUTS
from conformance.exchange import ABSENT, Exchange, find, need, remembered
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import calls_tool, chat, tool_choice
from conformance.judge.objects import misfits
from conformance.judge.shared import places

_OTHER_OUTPUT = ("tool_calls", "function_call", "refusal", "audio")
"""What a message may hold instead of text."""


@remembered
def messages(x: Exchange) -> list[tuple[str, dict, str | None]]:
    """(path, message, finish_reason) of each choice of a plain answer. Raises Unreadable."""
    return [
        (f"{path}.message", need(x.answer, f"{path}.message", dict), find(x.answer, f"{path}.finish_reason"))
        for path in places(x)
    ]


def having(key: str):
    """The condition that some message holds this key, neither null nor empty."""
    return response(f"with {key}")(lambda x: any(message.get(key) for _, message, _ in messages(x)))


forces_a_call = tool_choice("required") | tool_choice("function") | tool_choice("custom")


@response("that ends in text")
def ends_in_text(x: Exchange) -> bool:
    """Some choice stopped or was cut, and holds nothing instead of text."""
    return any(map(_is_text, messages(x)))


def _is_text(placed: tuple[str, dict, str | None]) -> bool:
    _, message, finish = placed
    return finish in ("stop", "length") and not any(message.get(key) for key in _OTHER_OUTPUT)


@check("chat.message", MUST, when=chat, source=(COMPLETION, PARSES_CHOICES),
       breaks=("chat-without-message", "chat-delta-for-message"), covers=("CHAT-008", "CHAT-010"))  # fmt: skip
def has_a_message(x: Exchange) -> Problems:
    """Each choice has a `message`, an object.

    Without it parse() of the Python SDK raises AttributeError, and create() hands on None.
    """
    yield from misfits(x, "choice", "message")


@check("chat.no-delta", MAY, when=chat, source=COMPLETION, breaks="chat-delta-beside-message", covers="CHAT-010")
def no_delta_beside_the_message(x: Exchange) -> Problems:
    """A choice of a plain answer has no `delta` beside its message.

    Clients that tell a chunk from a whole answer by it take the answer for a piece.
    """
    for path in places(x):
        if find(x.answer, f"{path}.delta") is not ABSENT and find(x.answer, f"{path}.message") is not ABSENT:
            yield differs(f"{path}.delta", find(x.answer, f"{path}.delta"), "no such key")


@check("chat.role", MUST, when=chat, source=MESSAGE, breaks=("chat-without-role", "chat-role-model"),
       covers=("CHAT-010", "CHAT-011"))  # fmt: skip
def role_is_assistant(x: Exchange) -> Problems:
    """The `role` of a message is "assistant".

    Sent back as history without a role, or with one of the vendor's own, the message is refused by most servers.
    """
    yield from misfits(x, "message", "role")


@check("chat.content", MUST, when=chat, source=MESSAGE, breaks=("chat-content-number", "chat-content-parts"),
       covers=("CHAT-010", "CHAT-012"))  # fmt: skip
def content_is_text_or_null(x: Exchange) -> Problems:
    """The `content` of a message is a string or null, never an array, a number or an object.

    create() of the Python SDK hands it on; parse() raises a ValidationError, and every concatenation raises in the caller.
    """
    yield from misfits(x, "message", "content")


@check("chat.content-key", MUST, when=chat, source=MESSAGE, breaks="chat-without-content", covers="CHAT-010")
def content_is_present(x: Exchange) -> Problems:
    """A message has the key `content`, null where there is no text.

    Node gets undefined, so comparisons with null differ; a message sent back without it is refused by strict servers.
    """
    for path, message, _ in messages(x):
        if find(message, "content") is ABSENT:
            yield f"{path}.content is absent, expected a string or null"


@check("chat.text", SHOULD, when=chat & ends_in_text, source=MESSAGE, breaks="chat-text-null", covers="CHAT-012")
def text_is_a_string(x: Exchange) -> Problems:
    """An answer that holds nothing but text has a string for `content`, empty if need be.

    `content.strip()` raises in the caller. The specification allows null, so this is no MUST; OpenAI sends null only beside
    tool calls and refusals, and "" where the limit left no room for text.
    """
    for placed in messages(x):
        if _is_text(placed) and placed[1].get("content", ABSENT) is None:
            yield differs(f"{placed[0]}.content", None, "a string")


# None of 53 recorded answers of OpenAI with a forced call has text; one of 200 with a chosen call does.
@check("chat.content-of-calls", SHOULD, when=chat & calls_tool & forces_a_call, source=MESSAGE, breaks="chat-content-of-calls",
       covers="CHAT-013")  # fmt: skip
def forced_calls_have_no_text(x: Exchange) -> Problems:
    """`content` is null or empty where the request forced a tool call.

    Text beside it is most often the call once more in the model's own markup: it is shown to users and poisons the history.
    """
    for path, message, _ in messages(x):
        if message.get("tool_calls") and message.get("content"):
            yield differs(f"{path}.content", message["content"], "null")


@check(
    "chat.content-blank", MAY, when=chat & calls_tool, source=MESSAGE, breaks="chat-content-blank", covers="CHAT-013"
)
def calls_without_text_have_null(x: Exchange) -> Problems:
    """`content` is null, not "", where the model only calls tools.

    Clients that test for null show an empty bubble; sent back, an empty text is a block that some models refuse.
    """
    for path, message, _ in messages(x):
        if message.get("tool_calls") and message.get("content") == "":
            yield differs(f"{path}.content", "", "null")


# The specification requires the key; OpenAI sends it since August 2024, earlier recordings (44 of 889 choices) lack it.
@check("chat.refusal-key", MAY, when=chat, source=MESSAGE, breaks="chat-without-refusal", covers="CHAT-010")
def refusal_is_present(x: Exchange) -> Problems:
    """A message has the key `refusal`, null where nothing was refused.

    Clients generated from the specification may fail on its absence; both SDKs take it for null.
    """
    for path, message, _ in messages(x):
        if find(message, "refusal") is ABSENT:
            yield f"{path}.refusal is absent, expected a string or null"


@check("chat.refusal", MUST, when=chat, source=MESSAGE, breaks="chat-refusal-false", covers=("CHAT-010", "CHAT-014"))
def refusal_is_text_or_null(x: Exchange) -> Problems:
    """The `refusal` of a message is a string or null.

    parse() leaves the content unparsed wherever refusal is truthy.
    """
    yield from misfits(x, "message", "refusal")


@check("chat.refusal-alone", SHOULD, when=chat & having("refusal"), source=(MESSAGE, STRUCTURED_OUTPUTS),
       breaks="chat-refusal-with-content", covers="CHAT-014")  # fmt: skip
def refusal_stands_alone(x: Exchange) -> Problems:
    """`content` is null where `refusal` is set.

    parse() does not look at the content then; a client that does shows an answer that was refused.
    """
    for path, message, _ in messages(x):
        if message.get("refusal") and message.get("content") is not None:
            yield differs(f"{path}.content", message["content"], "null beside a refusal")


@check("chat.annotations", MAY, when=chat, source=MESSAGE, breaks="chat-annotations-object", covers="CHAT-015")
def annotations_are_a_list(x: Exchange) -> Problems:
    """`annotations`, where present, is an array of objects.

    Clients that show citations iterate over it.
    """
    yield from misfits(x, "message", "annotations")


@check("chat.annotation", MAY, when=chat & having("annotations"), source=MESSAGE, breaks="chat-annotation-flat",
       covers="CHAT-015")  # fmt: skip
def annotations_are_citations(x: Exchange) -> Problems:
    """An annotation has the type "url_citation" and an object `url_citation`.

    The typed SDK models know no other.
    """
    yield from misfits(x, "annotation", "type", "url_citation")


@check("chat.url-citation", MAY, when=chat & having("annotations"), source=MESSAGE, breaks="chat-citation-without-end",
       covers="CHAT-015")  # fmt: skip
def citations_say_where_and_what(x: Exchange) -> Problems:
    """A URL citation has integers start_index and end_index and strings url and title.

    Without the positions a client cannot place the footnote.
    """
    yield from misfits(x, "url-citation", "start_index", "end_index", "url", "title")


@check(
    "chat.audio",
    MAY,
    when=chat & having("audio"),
    source=MESSAGE,
    breaks="chat-audio-without-expiry",
    covers="CHAT-016",
)
def audio_is_complete(x: Exchange) -> Problems:
    """`audio`, where present, has an id, an integer expires_at, data and a transcript.

    The next turn refers to the audio by its id until it expires.
    """
    yield from misfits(x, "audio", "id", "expires_at", "data", "transcript")


@check("chat.audio-data", MAY, when=chat & having("audio"), source=MESSAGE, breaks="chat-audio-url", covers="CHAT-016")
def audio_is_base64(x: Exchange) -> Problems:
    """The data of `audio` are base64.

    Clients decode before they play or save.
    """
    for path, message, _ in messages(x):
        if message.get("audio"):
            data = need(message, "audio.data", str)
            try:
                base64.b64decode(data, validate=True)
            except (binascii.Error, ValueError):
                yield differs(f"{path}.audio.data", data, "base64")
