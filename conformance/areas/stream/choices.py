"""STREAM: the elements of `choices` in the chunks: their members, which choices there are, and the role of each."""

from __future__ import annotations

from conformance.areas.citations import (
    CHUNK,
    DELTA,
    NODE_FINAL,
    NODE_HELPER,
    PYTHON_DELTAS,
    PYTHON_HELPER,
    REQUEST,
    python,
)
from conformance.exchange import Exchange, Unreadable, need, remembered
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import asks_audio, chat_stream, choices_asked, full_stream
from conformance.judge.objects import misfits
from conformance.judge.shared import Part, by_choice

INITIAL_CHUNK = python("openai/lib/streaming/chat/_completions.py", 739)


@remembered
def deltas(x: Exchange) -> list[tuple[str, list[Part]]]:
    """(name of the choice, its deltas) of each choice. Raises Unreadable."""
    return [(f"choice {n}", [need(part, "delta", dict) for _, part in parts]) for n, parts in by_choice(x).items()]


# ---------------------------------------------------------------------- shapes


@check("stream.choice", MUST, when=chat_stream, source=CHUNK, breaks="delta-bare-text", covers="STREAM-019")
def choice_is_an_object(x: Exchange) -> Problems:
    """Every element of `choices` is an object.

    openai-python's helper raises AttributeError, and so does every loop that reads the delta.
    """
    yield from misfits(x, "chunk-choice")


@check("stream.delta", MUST, when=chat_stream, source=(CHUNK, PYTHON_HELPER), breaks=("delta-missing", "delta-text"),
       covers="STREAM-019")  # fmt: skip
def delta_is_an_object(x: Exchange) -> Problems:
    """Every element of `choices` has a `delta`, an object.

    Without it openai-python's helper raises AttributeError and loops in Node TypeError.
    """
    yield from misfits(x, "chunk-choice", "delta")


@check(
    "stream.no-message", MAY, when=chat_stream, source=CHUNK, breaks="stream-message-beside-delta", covers="STREAM-019"
)
def no_message_beside_the_delta(x: Exchange) -> Problems:
    """No element of `choices` in a chunk has a `message`.

    Clients that tell a whole answer from a chunk by it show the text again with each chunk.
    """
    for n, index, part in x.deltas:
        if "message" in part:
            yield differs(f"message of choice {index} in chunk {n}", part["message"], "no such key")


@check("stream.choice-index", MUST, when=chat_stream, source=(CHUNK, PYTHON_HELPER, NODE_HELPER), breaks="delta-without-index",
       covers=("STREAM-019", "STREAM-026"))  # fmt: skip
def index_is_an_integer(x: Exchange) -> Problems:
    """Every element of `choices` has an `index`, an integer from 0.

    Without it openai-python's helper raises TypeError; openai-node's ends without a message.
    """
    yield from misfits(x, "chunk-choice", "index")


@check("stream.finish-reason-key", MUST, when=chat_stream & ~asks_audio, source=CHUNK,
       breaks=("delta-without-finish-key", "finish-blank"),
       covers=("STREAM-019", "STREAM-020"))  # fmt: skip
def finish_reason_is_there(x: Exchange) -> Problems:
    """Every element of `choices` has a `finish_reason`, null until the end.

    Typed clients, and those that read the key before they ask whether it is there, fail at the first chunk.
    """
    yield from misfits(x, "chunk-choice", "finish_reason")


@check("stream.delta-content", MUST, when=chat_stream, source=DELTA, breaks="delta-content-list", covers="STREAM-024")
def content_is_text(x: Exchange) -> Problems:
    """`content` of a delta is a string or null.

    Clients join the pieces as strings: a list of parts raises, or ends up in the text as it looks in code.
    """
    yield from misfits(x, "delta", "content")


@check("stream.delta-refusal", MUST, when=chat_stream, source=DELTA, breaks="delta-refusal-false", covers="STREAM-024")
def refusal_is_text(x: Exchange) -> Problems:
    """`refusal` of a delta is a string or null where it is there."""
    yield from misfits(x, "delta", "refusal")


# ---------------------------------------------------------------------- which choices


@check("stream.indexes", MUST, when=full_stream, source=(REQUEST, CHUNK), breaks=("delta-index-counts", "chat-stream-one-choice"),
       covers="STREAM-026")  # fmt: skip
def indexes_are_those_asked(x: Exchange) -> Problems:
    """The deltas belong to the choices 0 to n-1, each of which gets some.

    Clients keep one text an index: an index that counts chunks gives as many answers of one word.
    """
    seen = sorted({index for _, index, _ in x.deltas})
    if seen != list(range(choices_asked(x))):
        yield differs("index over the stream", seen[:10], f"0 to {choices_asked(x) - 1}")


@check("stream.index-order", SHOULD, when=full_stream, source=INITIAL_CHUNK, breaks="stream-second-choice-first",
       covers="STREAM-027", chance=True)  # fmt: skip
def choices_begin_in_order(x: Exchange) -> Problems:
    """The choices of a stream begin in the order of their indexes.

    openai-python's .stream() raises IndexError where the first chunk is not of index 0.
    """
    # SHOULD although an SDK breaks: only nine genuine streams with n=2 were there to look at.
    first = list(by_choice(x))
    if first != sorted(first):
        yield differs("order of the choices", first, "ascending")


# ---------------------------------------------------------------------- role


@check("stream.role", MUST, when=full_stream, source=(DELTA, NODE_FINAL), breaks=("stream-without-role", "stream-role-model"),
       covers="STREAM-022")  # fmt: skip
def role_is_assistant(x: Exchange) -> Problems:
    """Every choice of a stream says its role, "assistant".

    openai-node's .stream() throws "missing role for choice 0"; openai-python gives None.
    """
    for choice, parts in deltas(x):
        roles = [delta["role"] for delta in parts if delta.get("role")]
        if not roles or roles[0] != "assistant":
            yield differs(f"role of {choice}", roles[0] if roles else None, "assistant")


@check("stream.role-first", SHOULD, when=full_stream, source=(DELTA, NODE_FINAL), breaks="stream-role-late",
       covers="STREAM-022")  # fmt: skip
def role_comes_first(x: Exchange) -> Problems:
    """The role stands in the first delta of a choice.

    Clients that make the message from the first delta have one without a role.
    """
    for choice, parts in deltas(x):
        if not any(delta.get("role") for delta in parts):
            raise Unreadable(f"role of {choice} is absent, expected in some delta")
        if not parts[0].get("role"):
            yield differs(f"first delta of {choice}", parts[0], "role in it")


@check("stream.role-once", MUST, when=full_stream & ~asks_audio, source=PYTHON_DELTAS,
       breaks="stream-role-repeated", covers="STREAM-023")  # fmt: skip
def role_comes_once(x: Exchange) -> Problems:
    """The role of a choice is sent once.

    openai-python's .stream() joins strings: the role becomes "assistantassistantassistant".
    """
    for choice, parts in deltas(x):
        times = sum(bool(delta.get("role")) for delta in parts)
        if times > 1:
            yield differs(f"role of {choice}", f"sent {times} times", "once")


@check("stream.first-content", SHOULD, when=full_stream & ~asks_audio, source=CHUNK, breaks="stream-first-content-missing",
       covers="STREAM-022")  # fmt: skip
def first_delta_has_content(x: Exchange) -> Problems:
    """The first delta of a choice has the key `content`, "" or null where no text comes yet.

    Clients that read it there, as every stream of OpenAI lets them, raise KeyError.
    """
    for choice, parts in deltas(x):
        if "content" not in parts[0]:
            yield differs(f"first delta of {choice}", parts[0], "content in it")
