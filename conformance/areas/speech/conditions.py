"""What the laws of speech ask first, and what they read: the form asked for, and the sound that came."""

from __future__ import annotations

import base64
import binascii

from conformance.areas.citations import oas
from conformance.exchange import Exchange, Unreadable, find, remembered
from conformance.judge.condition import Condition, request, response
from conformance.judge.conditions import broken_on_mistake, ok, post, route, streaming, timed
from conformance.wire.sound import Sound, look, looks_like_text, pcm_seconds

SPEECH = oas("CreateSpeechRequest", 36537)
SPEECH_PATH = oas("POST /audio/speech", 610)
DELTA = oas("SpeechAudioDeltaEvent", 63103)
DONE = oas("SpeechAudioDoneEvent", 63129)

DEFAULT = "mp3"
EVENTS = "text/event-stream"

spoken = Condition("of speech", (route("speech") & post & ~broken_on_mistake & ok).test)


@response("that came as events")
def as_events(x: Exchange) -> bool:
    return x.media_type == EVENTS or x.body.lstrip()[:5] == b"data:"


@request("that asks for a form of sound that is known")
def known_form(x: Exchange) -> bool:
    return form(x) in ("mp3", "opus", "aac", "flac", "wav", "pcm")


in_bytes = spoken & ~(streaming & as_events)
in_events = spoken & streaming & as_events


def form(x: Exchange) -> str:
    """The form that the request asks for."""
    return x.asked.get("response_format") or DEFAULT


def sound_bytes(x: Exchange) -> bytes:
    """The bytes of sound. Recorders that write text keep them as base64: what came over the wire to us is as it was."""
    if timed(x) or not looks_like_text(x.body):
        return x.body
    try:
        return base64.b64decode(x.body, validate=True)
    except binascii.Error:
        return x.body


def carried(x: Exchange) -> bytes:
    """The bytes of sound in the events of a stream. Raises Unreadable."""
    key = "sound in events"
    if key not in x.memo:
        texts = [find(value, "audio") for _, value in x.messages if find(value, "type") == "speech.audio.delta"]
        try:
            x.memo[key] = b"".join(base64.b64decode(text, validate=True) for text in texts)
        except (binascii.Error, ValueError, TypeError):
            raise Unreadable("audio of an event is no base64, expected sound") from None
    if not x.memo[key]:
        raise Unreadable("no event carries sound, expected some")
    return x.memo[key]


@remembered
def found(x: Exchange) -> Sound | None:
    """What the sound is, whichever way it came; None for what is not known, as bare samples are not. Raises Unreadable."""
    return look(carried(x) if in_events(x) else sound_bytes(x))


def seconds(x: Exchange) -> float:
    """How long it sounds. Raises Unreadable where that is not to be seen."""
    what = found(x)
    if what is None and form(x) == "pcm":
        return pcm_seconds(carried(x) if in_events(x) else sound_bytes(x))
    if what is None or what.seconds is None:
        raise Unreadable("the length of the sound is not to be read from its headers, expected one to compare")
    return what.seconds
