"""AUDIO: that a transcript comes in the form asked for: JSON, bare text or subtitles."""

from __future__ import annotations

import re

from conformance.areas.transcriptions.conditions import (
    AUDIO,
    FORMATS,
    JSON,
    PYTHON_TEXT,
    REQUEST,
    VERBOSE,
    cues,
    form,
    in_json,
    in_text,
    is_json,
    plain_text,
    wants,
    whole,
)
from conformance.exchange import Exchange, Unreadable
from conformance.judge import MUST, SHOULD, Problems, check, differs, header_differs
from conformance.judge.condition import request
from conformance.judge.conditions import headers_known, intent, post, streaming
from conformance.judge.mistakes import examined, mistaken
from conformance.judge.objects import misfits
from conformance.judge.refusals import lacking, own_words
from conformance.wire.jsontext import show

LATE = 0.001
"""Seconds: one is the next's beginning, rounded."""
_ABOUT_FORM = re.compile(r"response.?format|\bsrt\b|\bvtt\b|verbose|\btext\b", re.IGNORECASE)


@request("without a mistake of the suite, plain")
def sensible(x: Exchange) -> bool:
    return mistaken(x) is not True and not x.intent & {"no-key", "wrong-key"}


asked_for = AUDIO & post & ~streaming & sensible & examined


def names_form(x: Exchange) -> bool:
    """The refusal speaks of the form of the answer, not of the file."""
    return x.failed and bool(_ABOUT_FORM.search(own_words(x)))


@check("transcription.text", MUST, when=in_json, source=(JSON, VERBOSE), breaks=("transcription-no-text", "transcription-text-list"),
       covers="AUDIO-001")  # fmt: skip
def json_has_the_text(x: Exchange) -> Problems:
    """A transcript in JSON has `text`, a string.

    openai-python hands on None where it is missing.
    """
    yield from misfits(x, "transcription", "text")


@check("transcription.bare", MUST, when=in_text, source=(FORMATS, PYTHON_TEXT), breaks="transcription-always-json",
       covers="AUDIO-002")  # fmt: skip
def text_is_bare(x: Exchange) -> Problems:
    """A transcript asked for as text, srt or vtt is that text itself, not JSON around it.

    The SDKs hand the body on as it is: JSON is shown as a subtitle.
    """
    if is_json(x):
        yield differs(f"the body for {form(x)}", x.json, "bare text")


@check("transcription.text-type", SHOULD, when=in_text & headers_known, source=FORMATS, breaks="transcription-text-called-json",
       covers="AUDIO-002")  # fmt: skip
def text_is_called_text(x: Exchange) -> Problems:
    """A transcript as text, srt or vtt is called text in Content-Type, not JSON.

    openai-node parses by Content-Type: what is called JSON and is none raises SyntaxError.
    """
    if not is_json(x) and not x.media_type.startswith(("text/", "application/x-subrip")):
        yield header_differs(x, "content-type", "text/plain")


@check("transcription.srt", MUST, when=whole & wants("srt"), source=FORMATS, breaks=("transcription-srt-bare", "transcription-srt-dots"),
       covers="AUDIO-002")  # fmt: skip
def srt_is_subrip(x: Exchange) -> Problems:
    """SRT is numbered cues, their times with a comma: `00:00:00,000 --> 00:00:02,000`.

    Players show nothing of a file in another grammar.
    """
    yield from _grammar(x)


@check("transcription.vtt", MUST, when=whole & wants("vtt"), source=FORMATS,
       breaks=("transcription-vtt-headless", "transcription-vtt-commas"),
       covers="AUDIO-002")  # fmt: skip
def vtt_is_webvtt(x: Exchange) -> Problems:
    """VTT begins with WEBVTT, and its cues have times with a point: `00:00:00.000 --> 00:00:02.000`.

    Browsers drop the whole track where the first line is missing.
    """
    yield from _grammar(x)


def _grammar(x: Exchange) -> Problems:
    plain_text(x)  # raises where it is no text at all: of that transcription.bare speaks
    try:
        cues(x)
    except Unreadable as reason:
        yield str(reason)


@check("transcription.cues", SHOULD, when=whole & wants("srt", "vtt"), source=FORMATS, breaks="transcription-cues-back",
       covers="AUDIO-006")  # fmt: skip
def cues_are_in_order(x: Exchange) -> Problems:
    """Each cue ends after it begins, and none begins before the one before it."""
    last = 0.0
    for n, cue in enumerate(cues(x), 1):
        if cue.end < cue.start or cue.start < last - LATE:
            yield f"the times of cue {n} are {cue.start} to {cue.end}, expected them in order, and not before {last}"
        last = cue.start


@check("transcription.forms", SHOULD, when=asked_for & wants("text", "srt", "vtt", "verbose_json") & ~intent("mistake"),
       source=(FORMATS, REQUEST), breaks=("transcription-srt-refused", "transcription-verbose-refused"), covers="AUDIO-002")  # fmt: skip
def every_form_is_taken(x: Exchange) -> Problems:
    """text, srt, vtt and verbose_json are served, unless this model lacks them by its own words.

    Tools that write subtitles (Bazarr, WhisperSubs) ask for nothing else.
    """
    if names_form(x) and not lacking(x):
        yield differs(f"the status for {form(x)}", x.status, f"200; it says {show(own_words(x), 100)}")
