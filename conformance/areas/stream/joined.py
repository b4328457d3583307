"""STREAM: what the deltas of a choice add up to: increments of text in whole characters, and one finish_reason at the end."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import combinations, pairwise

from conformance.areas.citations import (
    CHUNK,
    DELTA,
    NODE_FINAL,
    NODE_HELPER,
    PYTHON_DELTAS,
    PYTHON_HELPER,
    SSE_GRAMMAR,
    issue,
    rfc,
)
from conformance.areas.stream.choices import Part, deltas
from conformance.areas.stream.ending import need_an_end
from conformance.exchange import Exchange, Unreadable
from conformance.judge import MAY, MUST, SHOULD, Problems, Relation, check, differs
from conformance.judge.conditions import asks_audio, chat_stream, completion, full_stream, greedy
from conformance.judge.relations import streamed_twin
from conformance.judge.shared import around, by_choice, disagree, same_texts

CUMULATIVE = 4
"""Pieces that each begin with all of the one before: four in a row are no chance, "1", "12", "123" might be."""

GLUED = 2
"""Places where white space is missing from which it was lost on the way."""
TWICE = 8
"""Characters that two texts do not have in common by chance."""
_CARRIES = ("content", "refusal", "tool_calls", "function_call")
_HALF_PAIR = re.compile(
    r"(?<!\\)(?:\\\\)*(\\u[dD][89aAbB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89aAbB]..)\\u[dD][c-fC-F]..)"
)
"""Half of a surrogate pair as it stands in a JSON text; once parsed, it is U+FFFD."""


def carries(part: Part) -> bool:
    """Whether the delta holds any text or call."""
    delta = part.get("delta")
    return isinstance(delta, dict) and any(delta.get(key) for key in _CARRIES)


def grows(pieces: list[str]) -> bool:
    """Whether each piece is all the text so far and not what was added."""
    pieces = [piece for piece in pieces if piece]
    return len(pieces) >= CUMULATIVE and all(len(b) > len(a) and b.startswith(a) for a, b in pairwise(pieces))


def undocumented(x: Exchange) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """(name of the choice, its other texts than content, in pieces, by the member they come in). Raises Unreadable."""
    for choice, parts in deltas(x):
        texts: dict[str, list[str]] = defaultdict(list)
        for delta in parts:
            for key, value in delta.items():
                if isinstance(value, str) and key not in ("content", "role"):
                    texts[key].append(value)
        yield choice, texts


@check("stream.increments", MUST, when=chat_stream, source=(DELTA, PYTHON_DELTAS, NODE_HELPER), breaks="stream-cumulative",
       covers="STREAM-024")  # fmt: skip
def content_is_increments(x: Exchange) -> Problems:
    """`content` of a delta is what was added, not the whole text so far.

    Every client joins the pieces and shows the beginning again and again.
    """
    for choice, parts in deltas(x):
        pieces = [delta["content"] for delta in parts if isinstance(delta.get("content"), str)]
        if grows(pieces):
            yield differs(f"last content of {choice}", pieces[-1], "only what was added")


@check("stream.extra-increments", SHOULD, when=chat_stream, source=PYTHON_DELTAS, breaks="stream-cumulative-thoughts",
       covers="STREAM-042")  # fmt: skip
def other_texts_are_increments(x: Exchange) -> Problems:
    """Texts in a delta that the API does not document, such as reasoning_content, are increments too.

    openai-python's .stream() joins them as it joins content.
    """
    for choice, texts in undocumented(x):
        for key, pieces in texts.items():
            if grows(pieces):
                yield differs(f"last {key} of {choice}", pieces[-1], "only what was added")


# No MUST: it is meant for clients that know one name only, and each of them reads it rightly.
@check("stream.texts-once", SHOULD, when=chat_stream, source="https://github.com/MoonshotAI/kimi-code/issues/3928",
       breaks="stream-thoughts-mirrored", covers="STREAM-050")  # fmt: skip
def other_texts_come_once(x: Exchange) -> Problems:
    """A text that the API does not document, such as reasoning, is sent under one name, not in two members of each delta.

    Clients that know both names show it twice, and send it twice back as history.
    """
    for choice, texts in undocumented(x):
        for name, other in combinations(sorted(texts), 2):
            if texts[name] == texts[other] and len("".join(texts[name])) >= TWICE:
                yield differs(f"{name} of {choice}", "".join(texts[name]), f"another text than in {other}, or none")


@check("stream.whole-characters", MUST, together=streamed_twin, when=completion & greedy, source=(SSE_GRAMMAR, DELTA),
       breaks="stream-token-by-token", covers="STREAM-013")  # fmt: skip
def characters_stay_whole(plain: Exchange, streamed: Exchange) -> Problems:
    """A stream does not break a character into U+FFFD that the plain answer has whole.

    Servers that decode token by token do; emoji and Chinese come out as question marks.
    """
    # Alone it proves nothing: a model may produce broken bytes itself, or be cut inside a character.
    if not any("\ufffd" in (choice.content or "") for choice in plain.choices):
        for choice in streamed.choices:
            if choice.finish_reason != "length" and "\ufffd" in (choice.content or ""):
                text = around(choice.content, choice.content.index("\ufffd"))
                yield differs(f"content of choice {choice.index} streamed", text, "whole characters")


def _gaps(text: str) -> tuple[str, set[int]]:
    """A text without white space, and where some stood between two letters that have a case: no script with them joins words."""
    bare, places = "", set()
    for word in text.split():
        if bare and bare[-1].lower() != bare[-1].upper() and word[0].lower() != word[0].upper():
            places.add(len(bare))
        bare += word
    return bare, places


def _same_letters(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The pairs of plain and streamed answers of which some text has the same letters, white space aside."""
    for plain, streamed in streamed_twin.groups(exchanges):
        with suppress(Unreadable):
            if any(
                _gaps(one.content or "")[0] == _gaps(other.content or "")[0]
                for one, other in same_texts(plain, streamed)
            ):
                yield plain, streamed


same_letters = Relation("request answered by the same letters plain and streamed", _same_letters)


@check("stream.white-space", MUST, together=same_letters, when=completion & greedy, source=(DELTA, issue("BerriAI/litellm", 14159)),
       breaks=("stream-words-glued", "stream-line-ends-lost"), covers="STREAM-051")  # fmt: skip
def white_space_is_streamed(plain: Exchange, streamed: Exchange) -> Problems:
    """A stream has the white space of the plain answer: pieces are not trimmed, and those of white space alone not left out.

    Every client shows "Thequickbrownfox", and code that was written so does not run.
    """
    for one, other in same_texts(plain, streamed):
        (letters, before), (the_same, after) = _gaps(one.content or ""), _gaps(other.content or "")
        # Two words may be written apart the one time and together the other by a model itself; not two pairs of them.
        if letters == the_same and len(before ^ after) >= GLUED:
            yield disagree(f"the text of choice {one.index}", one.content, other.content)


@check("stream.no-half-pairs", MUST, when=chat_stream, source=(rfc(8259, "8.2"), DELTA),
       breaks="stream-half-pairs", covers="STREAM-013")  # fmt: skip
def no_half_surrogate_pairs(x: Exchange) -> Problems:
    r"""A delta does not hold half of a surrogate pair, such as `\ud83d` alone.

    The str that openai-python hands on cannot be printed, stored or sent: UnicodeEncodeError.
    """
    deltas(x)
    for n, _ in x.messages:
        if "\\u" in x.events[n].data and (half := _HALF_PAIR.search(x.events[n].data)):
            yield differs(f"event {n}", half[1], "whole characters")


# ---------------------------------------------------------------------- the end of a choice


@check("stream.finish", MUST, when=full_stream & ~asks_audio, source=(CHUNK, NODE_FINAL), breaks="stream-without-finish",
       covers="STREAM-021")  # fmt: skip
def choice_finishes(x: Exchange) -> Problems:
    """Every choice of a stream gets a finish_reason.

    openai-node's .stream() throws "missing finish_reason for choice 0"; others take the answer for one that was cut.
    """
    need_an_end(x)
    for index, parts in by_choice(x).items():
        if not any(part.get("finish_reason") for _, part in parts):
            yield f"finish_reason of choice {index} is null in every chunk, expected a reason in the last"


@check("stream.finish-once", MUST, when=full_stream, source=(CHUNK, PYTHON_HELPER), breaks="stream-finish-twice",
       covers=("STREAM-020", "STREAM-021"))  # fmt: skip
def choice_finishes_once(x: Exchange) -> Problems:
    """A choice gets its finish_reason once; it is null in all its other chunks.

    Clients act on each: a second "tool_calls" runs the tools again, a "length" after "stop" makes openai-python raise.
    """
    for index, parts in by_choice(x).items():
        reasons = [part["finish_reason"] for _, part in parts if part.get("finish_reason")]
        if len(reasons) > 1:
            yield differs(f"finish_reason of choice {index}", reasons, "one")


@check("stream.finish-last", MUST, when=full_stream, source=(CHUNK, NODE_HELPER),
       breaks=("stream-text-after-finish", "tool-delta-after-finish"), covers="STREAM-021")  # fmt: skip
def nothing_after_finish(x: Exchange) -> Problems:
    """No text and no call follows the finish_reason of a choice.

    Clients are done by then: what follows is lost, and openai-node has said already that the content is complete.
    """
    for parts in by_choice(x).values():
        done = False
        for n, part in parts:
            if done and carries(part):
                yield differs(f"chunk {n} after finish_reason", part.get("delta"), "nothing more of its choice")
            done = done or bool(part.get("finish_reason"))


@check("stream.finish-empty", MAY, when=full_stream, source=CHUNK, breaks=("stream-finish-keys", "stream-role-repeated"),
       covers="STREAM-021")  # fmt: skip
def finish_delta_is_empty(x: Exchange) -> Problems:
    """The delta beside the finish_reason is {}: without keys, empty ones included.

    So OpenAI ends all of 374 recorded choices. An empty text or a role there is harmless, but for clients that act on each key.
    """
    for parts in by_choice(x).values():
        for n, part in parts:
            if part.get("finish_reason") and part.get("delta") and not carries(part):
                yield differs(f"delta of chunk {n} beside finish_reason", part["delta"], "{}")


@check("stream.finish-alone", SHOULD, when=full_stream, source=CHUNK,
       breaks="stream-finish-with-text", covers="STREAM-021")  # fmt: skip
def finish_comes_alone(x: Exchange) -> Problems:
    """The chunk with the finish_reason carries no text and no call.

    Clients that leave the loop at the finish_reason lose the last words; OpenAI sends an empty delta with it.
    """
    for parts in by_choice(x).values():
        for n, part in parts:
            if part.get("finish_reason") and carries(part):
                yield differs(f"delta of chunk {n} beside finish_reason", part.get("delta"), "an empty one")
