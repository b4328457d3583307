"""What the laws of transcriptions ask first, and what they read: the form asked for, the text however it came, the file sent."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import Any

from conformance.areas.citations import oas, python
from conformance.exchange import Exchange, Unreadable, find, need
from conformance.exchange.shipped import place
from conformance.judge.condition import Condition, request, response
from conformance.judge.conditions import broken_on_mistake, ok, post, route, streaming
from conformance.wire.sound import Sound, look
from conformance.wire.subtitles import Cue, Malformed, srt, vtt

REQUEST = oas("CreateTranscriptionRequest", 36956)
TRANSCRIPTION_PATH = oas("POST /audio/transcriptions", 726)
FORMATS = oas("AudioResponseFormat", 29162)
JSON = oas("CreateTranscriptionResponseJson", 37191)
VERBOSE = oas("CreateTranscriptionResponseVerboseJson", 37263)
TRANSLATION = oas("CreateTranslationResponseVerboseJson", 37389)
SEGMENT = oas("TranscriptionSegment", 64027)
WORD = oas("TranscriptionWord", 64083)
TOKENS_USED = oas("TranscriptTextUsageTokens", 63916)
SECONDS_USED = oas("TranscriptTextUsageDuration", 63898)
LANGUAGE = oas("TranscriptionLanguage", 64018)
DELTA = oas("TranscriptTextDeltaEvent", 63718)
DONE = oas("TranscriptTextDoneEvent", 63775)
PYTHON_TEXT = python("openai/lib/_parsing/_audio.py", 30)

SPOKEN = ("good", "morning", "tea", "is", "ready")
"""What is said in the files that the suite ships."""
EVENTS = "text/event-stream"
PIECE, END = "transcript.text.delta", "transcript.text.done"

AUDIO = route("transcriptions", "translations")
heard = Condition("of sound written down", (AUDIO & post & ~broken_on_mistake & ok).test)


def form(x: Exchange) -> str:
    """The form of the answer that the request asks for."""
    return x.asked.get("response_format") or "json"


@cache
def wants(*forms: str) -> Condition:
    return request(f"for {' or '.join(forms)}")(lambda x: form(x) in forms)


@response("that came as events")
def as_events(x: Exchange) -> bool:
    return x.media_type == EVENTS or x.body.lstrip()[:5] == b"data:"


in_events = heard & streaming & as_events
whole = heard & ~(streaming & as_events)
"""Where a stream was asked for, it may still come as one answer: whisper-1 does not stream, as the specification says."""
in_json = whole & wants("json", "verbose_json")
structured = in_json | in_events
verbose = whole & wants("verbose_json")
in_text = whole & wants("text", "srt", "vtt")


@request("whose file is the sentence that the suite ships")
def ours(x: Exchange) -> bool:
    file = sent_file(x)
    return file is not None and hashlib.sha256(file).digest() in _digests()


@cache
def _digests() -> frozenset[bytes]:
    files = (place(f"fixtures/audio/morning.{form}") for form in ("wav", "mp3", "ogg", "flac"))
    return frozenset(hashlib.sha256(file.read_bytes()).digest() for file in files)


def sent_file(x: Exchange) -> bytes | None:
    """The file of the form."""
    return next((each.content for each in x.form if each.name == "file"), None)


def sent_sound(x: Exchange) -> Sound | None:
    """What the file of the form is."""
    key = "sound sent"
    if key not in x.memo:
        x.memo[key] = look(sent_file(x) or b"")
    return x.memo[key]


def cues(x: Exchange) -> list[Cue]:
    """The subtitles of an answer. Raises Unreadable."""
    try:
        return (srt if form(x) == "srt" else vtt)(plain_text(x))
    except Malformed as reason:
        raise Unreadable(str(reason)) from None


def plain_text(x: Exchange) -> str:
    """An answer that is bare text. Raises Unreadable."""
    if is_json(x):
        raise Unreadable("the body is a JSON object, expected bare text")
    try:
        return x.body.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("the body is not UTF-8, expected text") from None


def is_json(x: Exchange) -> bool:
    """The body is a JSON object, or a text in quotes: no transcript is that."""
    return x.not_json is None and isinstance(x.json, (dict, str))


def said(x: Exchange) -> str:
    """What was heard, in whatever form it came. Raises Unreadable."""
    if in_events(x):
        return _streamed(x)
    if form(x) == "text":
        return plain_text(x)
    if form(x) in ("srt", "vtt"):
        return " ".join(cue.text for cue in cues(x))
    return need(x.answer, "text", str)


def kind(event: Any) -> str | None:
    """The type of an event; None where it has none that is a text."""
    found = find(event, "type")
    return found if isinstance(found, str) else None


def _streamed(x: Exchange) -> str:
    """The deltas together; where there are none, the text at the end."""
    pieces = [need(value, "delta", str) for _, value in x.messages if kind(value) == PIECE]
    ends = [need(value, "text", str) for _, value in x.messages if kind(value) == END]
    if not pieces and not ends:
        raise Unreadable("no event is of a transcript, expected deltas")
    return "".join(pieces) if pieces else ends[0]


def words(text: str) -> list[str]:
    """The words of a text, loosely: in lower case, without marks."""
    return re.findall(r"\w+", text.lower())
