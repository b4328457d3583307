"""The voice of the reference: a tone for each letter, and the forms in which sound is sent.

PyAV (extra `media`) writes MP3, Opus, FLAC and AAC: one library for all four, with the encoders of FFmpeg in it. WAV and bare
samples need none.
"""

from __future__ import annotations

import io
import math
import struct
from array import array
from functools import lru_cache

from conformance.reference.refusal import Refusal

RATE = 24_000
"""Samples a second, 16 bits each, one channel: what OpenAI sends as pcm and wav."""
A_LETTER = 0.04
"""Seconds of a letter at speed 1; people take half as long again."""
TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/opus",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
"""The forms, and what each is called in Content-Type."""
_WRITERS = {"mp3": ("mp3", "libmp3lame"), "opus": ("ogg", "libopus"), "aac": ("adts", "aac"), "flac": ("flac", "flac")}
_PORTION = 2048
_OPEN = 0xFFFF_FFFF
"""The length in a header of what is still being made."""


def spoken(text: str, speed: float) -> bytes:
    """A text as bare samples."""
    samples = int(RATE * A_LETTER / speed)
    return b"".join(_letter(letter.lower(), samples) for letter in text)


@lru_cache(maxsize=256)
def _letter(letter: str, samples: int) -> bytes:
    if not letter.isalnum():
        return bytes(2 * samples)
    pitch = 2 * math.pi * (180 + 8 * (ord(letter) % 64)) / RATE
    tone = (9000 * math.sin(math.pi * n / samples) * math.sin(pitch * n) for n in range(samples))
    return array("h", map(int, tone)).tobytes()


@lru_cache(maxsize=64)
def coded(text: str, speed: float, form: str) -> tuple[bytes, ...]:
    """A text as sound of this form, in the portions in which it is sent. Raises Refusal where the library for it is missing."""
    samples = spoken(text, speed)
    whole = {"pcm": lambda: samples, "wav": lambda: _wav(samples)}.get(form, lambda: _written(samples, form))()
    return tuple(whole[at : at + _PORTION] for at in range(0, len(whole), _PORTION))


def _wav(samples: bytes) -> bytes:
    form = struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    return b"RIFF" + struct.pack("<I", _OPEN) + b"WAVEfmt " + form + b"data" + struct.pack("<I", _OPEN) + samples


def _written(samples: bytes, form: str) -> bytes:
    try:
        import av
    except ImportError:
        raise Refusal(501, f"Sound as {form} needs PyAV here: pip install 'openai-conformance[media]'.") from None
    container, codec = _WRITERS[form]
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
    frame.planes[0].update(samples)
    frame.sample_rate = RATE
    out = io.BytesIO()
    with av.open(out, "w", format=container, options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream(codec, rate=RATE, layout="mono")
        if form != "flac":
            stream.bit_rate = 64_000
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=RATE, frame_size=stream.frame_size or 0)
        for each in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(each))
        file.mux(stream.encode(None))
    return out.getvalue()
