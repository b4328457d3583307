"""AUDIO: the details of verbose_json: how long the file is, and when each segment and each word is said."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from conformance.areas.transcriptions.conditions import SEGMENT, TRANSLATION, VERBOSE, WORD, sent_sound, verbose, words
from conformance.exchange import Exchange, Unreadable, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import route
from conformance.judge.objects import misfits

OVER = 1.0
"""Seconds that a last segment may end behind the sound: whisper-1 said 2.0 of 1.7 (6 of 12 recorded), in steps of its own."""
NEAR, SHARE = 0.3, 0.05
"""Seconds, or part of the whole, by which coders of frames make a file longer."""


def granularities(x: Exchange) -> list[str]:
    asked = x.asked.get("timestamp_granularities")
    return [asked] if isinstance(asked, str) else asked or ["segment"]


@request("that asks for segments")
def asks_segments(x: Exchange) -> bool:
    """As it does where it says nothing."""
    return "segment" in granularities(x)


@request("that asks for words")
def asks_words(x: Exchange) -> bool:
    return "word" in granularities(x)


@response("with segments")
def has_segments(x: Exchange) -> bool:
    return bool(_list(x, "segments"))


@response("with words")
def has_words(x: Exchange) -> bool:
    return bool(_list(x, "words"))


@request("whose file tells how long it is")
def measured(x: Exchange) -> bool:
    return sent_sound(x) is not None and sent_sound(x).seconds is not None


def _list(x: Exchange, name: str) -> list[Any]:
    found = find(x.answer, name)
    return found if isinstance(found, list) else []


def _spans(x: Exchange, name: str) -> list[tuple[float, float]]:
    """Beginning and end of each. Raises Unreadable."""
    return [(need(each, "start", float), need(each, "end", float)) for each in _list(x, name)]


@check("transcription.duration", MUST, when=verbose, source=VERBOSE, breaks=("transcription-duration-text", "transcription-duration-none"),
       covers="AUDIO-003")  # fmt: skip
def duration_is_a_number(x: Exchange) -> Problems:
    """verbose_json has `duration`, a number of seconds.

    As a string it is added as a string; openai-java raises OpenAIInvalidDataException.
    """
    yield from misfits(x, "transcription", "duration")


@check("transcription.duration-true", SHOULD, when=verbose & measured, source=VERBOSE, breaks="transcription-duration-window",
       covers="AUDIO-003")  # fmt: skip
def duration_is_that_of_the_file(x: Exchange) -> Problems:
    """`duration` is how long the file sounds.

    Who bills by it, or cuts by it, is wrong by as much.
    """
    true, told = sent_sound(x).seconds, need(x.answer, "duration", float)
    if abs(true - told) > max(NEAR, SHARE * true):
        yield differs("duration", told, f"{true:.2f}, as long as the file sounds")


@check(
    "transcription.language",
    MUST,
    when=verbose,
    source=VERBOSE,
    breaks="transcription-language-none",
    covers="AUDIO-003",
)
def language_is_named(x: Exchange) -> Problems:
    """verbose_json has `language`, a string.

    It is what subtitles are filed under, and required in the typed clients.
    """
    yield from misfits(x, "transcription", "language")


@check("transcription.translated", SHOULD, when=verbose & route("translations"), source=TRANSLATION,
       breaks="translation-language-heard", covers="AUDIO-012")  # fmt: skip
def translations_are_english(x: Exchange) -> Problems:
    """A translation says that its `language` is english."""
    if (told := find(x.answer, "language")) != "english":
        yield differs("language", told, '"english"')


@check("transcription.segments", MUST, when=verbose & asks_segments, source=VERBOSE, breaks="transcription-segments-none",
       covers="AUDIO-003")  # fmt: skip
def there_are_segments(x: Exchange) -> Problems:
    """verbose_json has `segments`, an array, where they are asked for, and where nothing is said of it.

    Who makes subtitles of them has none.
    """
    if not isinstance(found := find(x.answer, "segments"), list):
        yield differs("segments", found, "an array")


@check("transcription.segment", MUST, when=verbose & has_segments, source=SEGMENT,
       breaks=("transcription-segment-times", "transcription-segment-bare"),
       covers="AUDIO-004")  # fmt: skip
def segments_are_whole(x: Exchange) -> Problems:
    """Each segment has id, seek, start, end, text, tokens, temperature, avg_logprob, compression_ratio and no_speech_prob.

    All are required in the typed clients; whisper's own filters go by the last three.
    """
    names = (
        "id",
        "seek",
        "start",
        "end",
        "text",
        "tokens",
        "temperature",
        "avg_logprob",
        "compression_ratio",
        "no_speech_prob",
    )
    yield from misfits(x, "transcription-segment", *names)


@check("transcription.words", MUST, when=verbose & asks_words, source=(VERBOSE, WORD), breaks="transcription-words-none",
       covers="AUDIO-005")  # fmt: skip
def there_are_words(x: Exchange) -> Problems:
    """verbose_json has `words`, an array, where they are asked for.

    Karaoke, cutting and search by word have nothing to go by.
    """
    if not isinstance(found := find(x.answer, "words"), list):
        yield differs("words", found, "an array")


@check("transcription.word", MUST, when=verbose & has_words, source=WORD, breaks=("transcription-word-text", "transcription-word-times"),
       covers="AUDIO-005")  # fmt: skip
def words_are_whole(x: Exchange) -> Problems:
    """Each word has word, start and end, the last two in seconds."""
    yield from misfits(x, "transcription-word", "word", "start", "end")


@check("transcription.order", MUST, when=verbose & (has_segments | has_words), source=(SEGMENT, WORD),
       breaks=("transcription-segments-back", "transcription-word-ends-first"), covers="AUDIO-006")  # fmt: skip
def times_are_in_order(x: Exchange) -> Problems:
    """No segment and no word ends before it begins, or begins before the one before it.

    Players jump back, and cutters fail on a length below zero.
    """
    for name in ("segments", "words"):
        spans = _spans(x, name)
        yield from (
            differs(f"{name}.{n}.end", end, f"{start} or later") for n, (start, end) in enumerate(spans) if end < start
        )
        for n, ((before, _), (start, _)) in enumerate(pairwise(spans), 1):
            if start < before:
                yield differs(f"{name}.{n}.start", start, f"{before} or later")


@check("transcription.inside", SHOULD, when=verbose & (has_segments | has_words), source=(SEGMENT, VERBOSE),
       breaks="transcription-past-the-end", covers="AUDIO-006")  # fmt: skip
def times_are_within_the_file(x: Exchange) -> Problems:
    """Segments and words end no later than the sound does, give or take a second."""
    long = need(x.answer, "duration", float)
    for name in ("segments", "words"):
        for n, (_, end) in enumerate(_spans(x, name)):
            if end > long + OVER:
                yield differs(f"{name}.{n}.end", end, f"{long} at most, the duration")


@check("transcription.joined", MUST, when=verbose & has_segments, source=(SEGMENT, VERBOSE), breaks="transcription-segment-lost",
       covers="AUDIO-006")  # fmt: skip
def segments_make_the_text(x: Exchange) -> Problems:
    """The texts of all segments together are `text`.

    Subtitles made of the one lack what the other says.
    """
    parts = [find(each, "text") for each in _list(x, "segments")]
    if not all(isinstance(part, str) for part in parts):
        raise Unreadable("a segment is without text, expected texts to join")
    if words(" ".join(parts)) != words(need(x.answer, "text", str)):
        yield differs("text", x.answer["text"], "the texts of the segments together")
