"""What bytes of sound are, and how long they sound: read from the headers of containers and frames. No I/O, nothing is decoded.

Any bytes may be given. Work is a small multiple of their number, and what is damaged is read as far as it makes sense.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

PCM_RATE = 24_000
"""Samples a second of bare samples: 16 bits each, one channel, least byte first (openai guide on text to speech)."""
_OPUS_RATE = 48_000
"""Opus counts time so, whatever was put in: RFC 7845 section 4."""
_CHUNKS, _BLOCKS = 1000, 200
"""Of a WAV file and of the metadata of FLAC: what has more is none that is made to be played."""
_TAIL = 128 * 1024
"""Bytes at the end in which the last page of Ogg, or the last frame of FLAC, is looked for: both are shorter."""


class Sound(NamedTuple):
    """What a file is: `kind` is "wav", "mp3", "opus", "flac" or "aac", or what else is known by its first bytes ("vorbis", "mp4", "webm").

    `seconds` is None where the headers do not tell. `data` are the bytes of sound in a WAV file that came, `said` those that its header
    promises, None where it leaves that open, as who streams must.
    """

    kind: str
    rate: int | None = None
    channels: int | None = None
    seconds: float | None = None
    data: int | None = None
    said: int | None = None


def look(body: bytes) -> Sound | None:
    """What these bytes are; None for what is no sound that is known. Bare samples (PCM) have no header to know them by."""
    if body[:4] in (b"RIFF", b"RF64") and body[8:12] == b"WAVE":
        return _wav(body)
    if body[:4] == b"fLaC":
        return _flac(body)
    if body[:4] == b"OggS":
        return _ogg(body)
    if body[4:8] == b"ftyp":
        return Sound("mp4")
    if body[:4] == b"\x1a\x45\xdf\xa3":
        return Sound("webm")
    start = _after_id3(body)
    return _mp3(body, start) or _aac(body, start)


def pcm_seconds(body: bytes, rate: int = PCM_RATE) -> float:
    return len(body) / 2 / rate


def looks_like_text(body: bytes) -> bool:
    """Nothing but printable ASCII at the beginning: JSON, base64, a page. No sound begins so for long."""
    return bool(body) and all(32 <= byte < 127 or byte in b"\t\r\n" for byte in body[:512])


# ---------------------------------------------------------------------- containers


def _wav(body: bytes) -> Sound:
    """The chunks of RIFF: `fmt ` says how many bytes make a second, `data` holds them."""
    at, a_second, rate, channels = 12, 0, None, None
    for _ in range(_CHUNKS):
        if at + 8 > len(body):
            break
        name, size = body[at : at + 4], struct.unpack_from("<I", body, at + 4)[0]
        if name == b"fmt " and at + 24 <= len(body):
            channels, rate, a_second = struct.unpack_from("<HII", body, at + 10)
        if name == b"data":
            came = len(body) - at - 8
            is_open = size >= 0x7FFF_0000 or (size == 0 and came > 0)  # how those write it that do not know yet
            data = came if is_open else min(size, came)
            return Sound("wav", rate, channels, data / a_second if a_second else None, data, None if is_open else size)
        at += 8 + size + size % 2
    return Sound("wav", rate, channels)


def _ogg(body: bytes) -> Sound | None:
    """The first packet says what is in it; the last page, at which sample it ends. RFC 3533, RFC 7845."""
    if len(body) < 28:
        return None
    head = body[27 + body[26] :][:32]
    last = body.rfind(b"OggS", max(0, len(body) - _TAIL))
    granule = struct.unpack_from("<q", body, last + 6)[0] if 0 <= last <= len(body) - 14 else -1
    if head.startswith(b"OpusHead") and len(head) >= 19:
        skipped = struct.unpack_from("<H", head, 10)[0]
        seconds = (granule - skipped) / _OPUS_RATE if granule >= skipped else None
        return Sound("opus", _OPUS_RATE, head[9], seconds)
    if head.startswith(b"\x01vorbis") and len(head) >= 16:
        rate = struct.unpack_from("<I", head, 12)[0]
        return Sound("vorbis", rate, head[11], granule / rate if rate and granule >= 0 else None)
    return Sound("ogg")


def _flac(body: bytes) -> Sound:
    """STREAMINFO has the number of samples, or 0 where it was not known yet: then the last frame tells. RFC 9639."""
    if len(body) < 42:
        return Sound("flac")
    least, most = struct.unpack_from(">HH", body, 8)
    packed = int.from_bytes(body[18:26], "big")
    rate, channels, samples = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    if not samples:
        samples = _flac_samples(body, most if least == most else 0)
    return Sound("flac", rate or None, channels, samples / rate if rate and samples else None)


def _flac_samples(body: bytes, block: int) -> int:
    """Where the last frame of blocks of one size ends; 0 where that cannot be told."""
    at, end = len(body), max(42, len(body) - _TAIL)
    for _ in range(_BLOCKS if block else 0):
        at = body.rfind(b"\xff\xf8", end, at)
        if at < 0:
            break
        if (number := _flac_frame(body[at : at + 16])) is not None:
            return (number + 1) * block
    return 0


def _flac_frame(head: bytes) -> int | None:
    """The number of a frame, from a header whose check sum (CRC-8) is right."""
    if len(head) < 6:
        return None
    first, more = head[4], 0
    while first & (0x80 >> more):
        more += 1
    extra = max(0, more - 1)
    number = first & (0x7F >> more)
    for byte in head[5 : 5 + extra]:
        number = number << 6 | byte & 0x3F
    size = 5 + extra + {6: 1, 7: 2}.get(head[2] >> 4, 0) + {12: 1, 13: 2, 14: 2}.get(head[2] & 15, 0)
    return number if size < len(head) and _crc8(head[:size]) == head[size] else None


def _crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (0x107 if crc & 0x80 else 0)) & 0x1FF
    return crc


# ---------------------------------------------------------------------- frames without a container


def _after_id3(body: bytes) -> int:
    """Where sound begins behind the tags of ID3, whose length has seven bits a byte."""
    at = 0
    while body[at : at + 3] == b"ID3" and len(body) >= at + 10:
        size = 0
        for byte in body[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size
    return at


_MP3_BITRATES = {  # kbit/s of Layer III by index: MPEG-1, and the lower ones of MPEG-2 and 2.5
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _mp3_frame(body: bytes, at: int) -> tuple[int, int, int, int] | None:
    """(length, samples, rate, channels) of a frame of Layer III; None where there is none."""
    if at + 4 > len(body) or body[at] != 0xFF or body[at + 1] & 0xE6 != 0xE2:
        return None
    version, third = body[at + 1] >> 3 & 3, body[at + 2]
    bitrate, rate, padding = third >> 4, third >> 2 & 3, third >> 1 & 1
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return None
    hertz, samples = _MP3_RATES[version][rate], 1152 if version == 3 else 576
    length = samples // 8 * _MP3_BITRATES[3 if version == 3 else 2][bitrate] * 1000 // hertz + padding
    return length, samples, hertz, 1 if body[at + 3] >> 6 == 3 else 2


def _mp3(body: bytes, start: int) -> Sound | None:
    """Frame behind frame; the first may be none of sound but tell of the others (Xing, Info)."""
    at, samples, rate, channels, frames = start, 0, None, None, 0
    while (frame := _mp3_frame(body, at)) is not None:
        length, count, rate, channels = frame
        tells = not frames and any(mark in body[at : at + 64] for mark in (b"Xing", b"Info"))
        samples += 0 if tells else count
        at, frames = at + length, frames + 1
    if not frames or (frames == 1 and at < len(body)):  # two bytes that look like the beginning of a frame are none
        return None
    return Sound("mp3", rate, channels, samples / rate)


_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def _aac(body: bytes, start: int) -> Sound | None:
    """Frames of ADTS, 1024 samples a block."""
    at, blocks, rate, channels = start, 0, None, None
    while at + 7 <= len(body) and body[at] == 0xFF and body[at + 1] & 0xF6 == 0xF0:
        index, length = body[at + 2] >> 2 & 15, (body[at + 3] & 3) << 11 | body[at + 4] << 3 | body[at + 5] >> 5
        if index >= len(_AAC_RATES) or length < 7:
            break
        rate, channels = _AAC_RATES[index], (body[at + 2] & 1) << 2 | body[at + 3] >> 6
        blocks += (body[at + 6] & 3) + 1
        at += length
    if not blocks or (blocks == 1 and at < len(body)):
        return None
    return Sound("aac", rate, channels, blocks * 1024 / rate)
