"""What bytes of sound are: held against files that a library writes, and against bytes that are hostile."""

from __future__ import annotations

import io
import random
import struct
import time

import av
import pytest

from conformance.exchange.shipped import place
from conformance.wire.sound import look, looks_like_text, pcm_seconds

WRITTEN = {
    "wav": ("wav", "pcm_s16le", "wav"),
    "mp3": ("mp3", "libmp3lame", "mp3"),
    "opus": ("ogg", "libopus", "opus"),
    "flac": ("flac", "flac", "flac"),
    "aac": ("adts", "aac", "aac"),
    "m4a": ("mp4", "aac", "mp4"),
    "webm": ("webm", "libopus", "webm"),
}


def written(container: str, codec: str, rate: int, channels: int, seconds: float, *, seekable: bool = True) -> bytes:
    """Noise of so many seconds, as the library writes it; `seekable` is whether it may come back to its header."""

    class Pipe(io.BytesIO):
        seek = tell = property()

    out = io.BytesIO() if seekable else Pipe()
    layout = "mono" if channels == 1 else "stereo"
    noise = random.Random(1).randbytes(2 * channels * int(rate * seconds))
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame(format="s16", layout=layout, samples=len(noise) // 2 // channels)
        frame.planes[0].update(noise)
        frame.sample_rate = rate
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate, frame_size=stream.frame_size or 0)
        for each in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(each))
        file.mux(stream.encode(None))
    return out.getvalue()


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize(("rate", "channels", "seconds"), [(24000, 1, 0.5), (48000, 2, 1.25)])
def test_what_a_library_writes_is_what_it_is(form: str, rate: int, channels: int, seconds: float) -> None:
    container, codec, kind = WRITTEN[form]
    found = look(written(container, codec, rate, channels, seconds))
    assert found.kind == kind
    if kind not in ("mp4", "webm"):
        assert (found.rate, found.channels) == (48000 if kind == "opus" else rate, channels)
        assert found.seconds == pytest.approx(seconds, abs=0.12)  # coders of frames fill the first and the last


@pytest.mark.parametrize("form", ["wav", "flac", "mp3", "opus", "aac"])
def test_what_is_streamed_is_measured_all_the_same(form: str) -> None:
    """Who cannot come back to the header leaves the length open there."""
    container, codec, kind = WRITTEN[form]
    found = look(written(container, codec, 24000, 1, 1.5, seekable=False))
    assert found.kind == kind
    assert found.said is None
    assert found.seconds == pytest.approx(1.5, abs=0.2)


@pytest.mark.parametrize(("name", "kind"), [("wav", "wav"), ("mp3", "mp3"), ("ogg", "opus"), ("flac", "flac")])
def test_our_own_sentence(name: str, kind: str) -> None:
    found = look(place(f"fixtures/audio/morning.{name}").read_bytes())
    assert (found.kind, found.channels) == (kind, 1)
    assert found.seconds == pytest.approx(1.745, abs=0.25)  # MP3 fills its last frame, at 8,000 Hz 0.07 s


def test_a_header_that_promises_more_is_seen() -> None:
    body = bytearray(written("wav", "pcm_s16le", 24000, 1, 0.5))
    at = body.index(b"data") + 4
    struct.pack_into("<I", body, at, 999_999)
    found = look(bytes(body))
    assert (found.said, found.data) == (999_999, 24_000)
    assert found.seconds == 0.5


@pytest.mark.parametrize(
    "body", [b"", b"RIFF", b"ID3", b"\xff\xfb", b'{"error": {}}', b"OggS" + b"\0" * 40, b"\xff" * 99, b"<html>"]
)
def test_what_is_no_sound(body: bytes) -> None:
    found = look(body)
    assert found is None or found == ("ogg", None, None, None, None, None)


def test_text_is_told_from_sound() -> None:
    assert looks_like_text(b'{"audio": "UklGRg=="}')
    assert not looks_like_text(written("wav", "pcm_s16le", 24000, 1, 0.1))
    assert not looks_like_text(b"")


def test_bare_samples_have_a_length() -> None:
    assert pcm_seconds(b"\0" * 48_000) == 1


@pytest.mark.parametrize("form", WRITTEN)
def test_damaged_bytes_raise_nothing(form: str) -> None:
    container, codec, _ = WRITTEN[form]
    whole, drawn = written(container, codec, 24000, 1, 0.2), random.Random(form)
    for _ in range(400):
        body = bytearray(whole[: drawn.randrange(len(whole))])
        for _ in range(drawn.randrange(1, 9)):
            if body:
                body[drawn.randrange(min(len(body), 200))] = drawn.randrange(256)
        found = look(bytes(body))
        assert found is None or found.seconds is None or found.seconds >= 0


@pytest.mark.parametrize(
    "piece", [b"\xff\xf1\x50\x00\x00\xff\xfc", b"\xff\xf3\x14\xc4", b"ID3\x04\0\0\0\0\0\0", b"RIFF\0\0\0\0WAVE", b"\xff\xf8" * 8]
)  # fmt: skip
def test_work_is_bounded_by_what_came(piece: bytes) -> None:
    for head in (b"", b"fLaC" + b"\x10\x00" * 19, b"RIFF....WAVE"):
        began = time.process_time()
        look(head + piece * (1_000_000 // len(piece)))
        assert time.process_time() - began < 2
