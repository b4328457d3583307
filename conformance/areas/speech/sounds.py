"""SPEECH: that it is sound which comes back, in the form asked for and called what it is."""

from __future__ import annotations

import re

from conformance.areas.speech.conditions import (
    SPEECH,
    SPEECH_PATH,
    carried,
    form,
    found,
    in_bytes,
    in_events,
    known_form,
    sound_bytes,
)
from conformance.exchange import Exchange, Unreadable
from conformance.judge import MUST, SHOULD, Problems, check, differs, header_differs
from conformance.judge.conditions import headers_known
from conformance.wire.sound import looks_like_text

ANY = ("application/octet-stream", "binary/octet-stream")
"""What the specification says of all forms, and what says nothing of them."""
NAMES = {
    "mp3": ("audio/mpeg", "audio/mp3", "audio/mpeg3", "audio/x-mpeg", "audio/mpga"),
    "opus": ("audio/opus", "audio/ogg", "application/ogg", "audio/ogg-opus"),
    "aac": ("audio/aac", "audio/aacp", "audio/x-aac", "audio/x-hx-aac-adts"),
    "flac": ("audio/flac", "audio/x-flac"),
    "wav": ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"),
    "pcm": ("audio/pcm", "audio/x-pcm", "audio/l16", "audio/raw", "audio/x-raw", "audio/basic"),
}
"""What each form is called in Content-Type: by OpenAI first, then by others."""


@check("speech.bytes", MUST, when=in_bytes, source=SPEECH_PATH, breaks=("speech-in-json", "speech-in-base64"),
       covers="AUDIO-013")  # fmt: skip
def the_body_is_sound(x: Exchange) -> Problems:
    """The body is sound itself: no JSON, no base64, no page.

    Both SDKs hand the bytes on untouched: what is saved as speech.mp3 plays nowhere.
    """
    body = sound_bytes(x)
    if not body or looks_like_text(body):
        yield differs("the body", body[:60].decode("ascii", "replace"), "the bytes of sound")


@check("speech.format", MUST, when=in_bytes & known_form, source=(SPEECH, SPEECH_PATH),
       breaks=("speech-always-mp3", "speech-always-wav"), covers="AUDIO-013")  # fmt: skip
def it_has_the_form_asked_for(x: Exchange) -> Problems:
    """The sound has the form that the request asks for, MP3 where it does not say.

    Players go by what was asked for: a WAV file in the name of pcm clicks, an MP3 in the name of wav does not play at all.
    """
    if looks_like_text(sound_bytes(x)):
        raise Unreadable("the body is text, expected sound")
    what, wanted = found(x), form(x)
    kind = what.kind if what else "pcm" if wanted == "pcm" else "nothing that is known"
    if kind != wanted:
        yield differs("the form of the sound", kind, wanted)


@check("speech.event-format", MUST, when=in_events & known_form, source=SPEECH, breaks="speech-events-always-wav",
       covers="AUDIO-015")  # fmt: skip
def events_carry_the_form_asked_for(x: Exchange) -> Problems:
    """The sound in the events of a stream, put together, has the form that the request asks for, MP3 where it does not say."""
    what, wanted = found(x), form(x)
    kind = what.kind if what else "pcm" if wanted == "pcm" and carried(x) else "nothing that is known"
    if kind != wanted:
        yield differs("the form of the sound", kind, wanted)


@check("speech.content-type", MUST, when=in_bytes & known_form & headers_known, source=SPEECH_PATH,
       breaks=("speech-always-mpeg", "speech-called-text"), covers="AUDIO-013")  # fmt: skip
def it_is_called_what_it_is(x: Exchange) -> Problems:
    """Content-Type names the form that was asked for, or says application/octet-stream.

    Browsers and SillyTavern refuse to play what is called text, and FLAC that is called audio/mpeg.
    """
    names = NAMES[form(x)]
    if x.media_type not in (*names, *ANY):
        yield header_differs(x, "content-type", names[0])


@check("speech.wav-length", SHOULD, when=in_bytes & known_form, source=(SPEECH, SPEECH_PATH),
       breaks="speech-wav-length", covers="AUDIO-013")  # fmt: skip
def wav_says_its_length(x: Exchange) -> Problems:
    """The header of a WAV file says how many bytes of sound follow, or leaves it open, as who streams must.

    Players stop where the header ends the sound, and some refuse a file that ends before.
    """
    what = found(x)
    if what and what.kind == "wav" and what.said is not None and what.said != what.data:
        yield differs("the length in the header", what.said, f"{what.data}, the bytes of sound that came")


@check("speech.wav-one", MUST, when=in_bytes & known_form, source=(SPEECH, SPEECH_PATH),
       breaks="speech-wav-in-wav", covers="AUDIO-013")  # fmt: skip
def wav_has_one_header(x: Exchange) -> Problems:
    """A WAV file is one file: no second one begins within its sound.

    Players stop where the first header ends, or click where the next one stands among the samples.
    """
    what, body = found(x), sound_bytes(x)
    if what and what.kind == "wav" and (second := re.search(rb"RIFF.{4}WAVE", body[1:], re.DOTALL)):
        yield f"a second header stands at byte {second.start() + 1:,} of {len(body):,}, expected samples"
