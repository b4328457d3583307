"""AUDIO: that it is the file that was heard, whatever its form and that of the request; and what is refused."""

from __future__ import annotations

from typing import Any

from conformance.areas.citations import rfc
from conformance.areas.transcriptions.conditions import (
    AUDIO,
    JSON,
    LANGUAGE,
    REQUEST,
    SPOKEN,
    TRANSCRIPTION_PATH,
    heard,
    ours,
    said,
    structured,
    words,
)
from conformance.areas.transcriptions.transcripts import asked_for, names_form
from conformance.exchange import ABSENT, Exchange, find, is_a
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import intent, looked_at, status
from conformance.judge.mistakes import examined, refused
from conformance.judge.objects import OBJECTS, misfits
from conformance.judge.refusals import own_words
from conformance.judge.relations import accepted
from conformance.wire.jsontext import show

LARGEST = "https://github.com/chidiwilliams/buzz/issues/381 (the answer of OpenAI)"

LEAST = 3
"""Of the five words that are said: voices of programs are not heard well by all models."""


@response("with logprobs")
def has_logprobs(x: Exchange) -> bool:
    return any(find(value, "logprobs") not in (ABSENT, None) for value in _told(x))


@response("with languages")
def has_languages(x: Exchange) -> bool:
    return any(find(value, "languages") is not ABSENT for value in _told(x))


def _told(x: Exchange) -> list[Any]:
    """The objects that may tell of a whole transcript."""
    return [value for _, value in x.messages] if x.streaming else [x.answer]


@check(
    "transcription.heard", SHOULD, when=heard & ours, source=JSON, breaks="transcription-of-another", covers="AUDIO-018"
)
def the_words_are_heard(x: Exchange) -> Problems:
    """Of the five words of the spoken sentence three or more are in the text.

    A transcript of something else, or of nothing, was not made of the file.
    """
    found = set(words(said(x)))
    if sum(word in found for word in SPOKEN) < LEAST:
        yield differs("the text", said(x), '"Good morning. Tea is ready.", or much of it')


@check("transcription.files", SHOULD, when=asked_for & ours & ~intent("form") & ~intent("edge") & ~status(404, 405, 501),
       source=REQUEST, breaks="transcription-wav-only", covers="AUDIO-009")  # fmt: skip
def every_file_is_taken(x: Exchange) -> Problems:
    """WAV, MP3, Ogg and FLAC are taken.

    Phones and browsers record in one form each, and cannot convert.
    """
    if x.failed and not names_form(x) and find(x.json, "error.param") in ("file", None, ABSENT):
        yield differs("the status for a file that is sound", x.status, f"200; it says {show(own_words(x), 100)}")


@check("transcription.form-ways", MUST, when=looked_at, source=(TRANSCRIPTION_PATH, "https://www.rfc-editor.org/rfc/rfc7578"),
       together=accepted("transcriptions.hello", "transcriptions.quoted"),
       breaks="transcription-quotes-refused", covers="AUDIO-009")  # fmt: skip
def forms_are_read_as_written(_: Exchange, x: Exchange) -> Problems:
    """A form is read with its file first, its boundary in quotes, and names without.

    So OpenAI's own client for .NET writes it (20 of 20 recorded).
    """
    yield from _taken(x)


@check("transcription.file-names", SHOULD, when=looked_at, source=(REQUEST, "https://www.rfc-editor.org/rfc/rfc7578"),
       together=accepted("transcriptions.hello", "transcriptions.named"),
       breaks="transcription-names-refused", covers="AUDIO-009")  # fmt: skip
def file_names_may_be_any(_: Exchange, x: Exchange) -> Problems:
    """A file may be called anything that ends as its form does, and said to be bytes of any kind.

    Names come from users: with letters of their language, spaces and quotes.
    """
    yield from _taken(x)


@check("transcription.recovers", MUST, when=looked_at, together=accepted("transcriptions.hello", "transcriptions.again"),
       source=TRANSCRIPTION_PATH, breaks="transcription-stays-broken", covers="AUDIO-011")  # fmt: skip
def a_bad_file_breaks_nothing(_: Exchange, x: Exchange) -> Problems:
    """The request after a file that is no sound is served as the one before it was.

    One user's broken upload must not take the service from the others.
    """
    yield from _taken(x)


def _taken(x: Exchange) -> Problems:
    if not x.ok:
        yield differs("the status", x.status, f"200; it says {show(own_words(x), 100)}")


@check("transcription.refused", SHOULD, when=AUDIO & intent("unhearable") & examined, source=REQUEST,
       breaks=("transcription-noise-heard", "transcription-empty-heard", "transcription-missing-heard", "transcription-format-bent",
               "transcription-language-bent"), covers="AUDIO-011")  # fmt: skip
def the_unhearable_is_refused(x: Exchange) -> Problems:
    """A file that is no sound, an empty one and none at all are refused, and so are a form and a language that do not exist.

    An empty transcript under 200 is kept as if nothing had been said.
    """
    if x.status < 400:
        plain = {name: value for name, value in x.asked.items() if name != "model"}
        yield differs(f"the status for {show(plain, 60)} and {len(x.form)} fields", x.status, "a refusal (400)")


@check("transcription.too-large", SHOULD, when=AUDIO & intent("padded") & refused, source=(LARGEST, rfc(9110, "15.5.14")),
       breaks="transcription-large-unprocessable", covers="AUDIO-010")  # fmt: skip
def too_large_a_file_is_called_so(x: Exchange) -> Problems:
    """A file of 26 MiB that is refused is refused with 413, or with 400.

    Clients cut a recording in pieces at a 413, and take any other refusal for one of the sound.
    """
    if x.status not in (400, 413):
        yield differs("the status for a file of 26 MiB", x.status, "413 (400 at the least)")


@check("transcription.logprobs", MUST, when=structured & has_logprobs, source=JSON,
       breaks=("transcription-logprob-text", "transcription-logprob-above", "transcription-logprobs-by-token"),
       covers="AUDIO-019")  # fmt: skip
def logprobs_are_whole(x: Exchange) -> Problems:
    """`logprobs` is an array, and each in it has its token, a logprob of 0 at most, and its bytes."""
    for value in _told(x):
        if (given := find(value, "logprobs")) not in (ABSENT, None) and not isinstance(given, list):
            yield differs("logprobs", given, "an array")
    if next(iter(OBJECTS["transcription-logprob"](x)), None) is not None:
        yield from misfits(x, "transcription-logprob", "", "token", "logprob", "bytes")


@check("transcription.logprob-bytes", SHOULD, when=structured & has_logprobs & ~response("that came as events")(lambda x: x.streaming),
       source=JSON, breaks=("transcription-logprob-lost", "transcription-logprobs-by-token"),
       covers="AUDIO-019")  # fmt: skip
def logprobs_are_those_of_the_text(x: Exchange) -> Problems:
    """The bytes of all tokens with a logprob are the text."""
    parts = [find(each, "bytes") for _, each in OBJECTS["transcription-logprob"](x)]
    if all(isinstance(part, list) and all(is_a(byte, int) and 0 <= byte < 256 for byte in part) for part in parts):
        text = b"".join(map(bytes, parts)).decode("utf-8", "replace")
        if text.strip() != said(x).strip():
            yield differs("the bytes of the tokens", text, f"the text, {said(x)!r}")


@check("transcription.languages", MUST, when=structured & has_languages, source=(JSON, LANGUAGE), breaks="transcription-languages-bare",
       covers="AUDIO-020")  # fmt: skip
def languages_have_codes(x: Exchange) -> Problems:
    """`languages`, where it is there, is an array of objects with a `code`, a string.

    The typed clients read `code` of each.
    """
    for value in _told(x):
        told = find(value, "languages")
        if told is not ABSENT and not (
            isinstance(told, list) and all(isinstance(find(each, "code"), str) for each in told)
        ):
            yield differs("languages", told, "an array of objects with a code")
