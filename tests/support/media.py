"""Heads of sounds and pictures, written by hand, so that no version of a codec changes a byte."""

from __future__ import annotations

import struct


def pictures() -> list[bytes]:
    """300 x 20 in every format: JPEG with a comment before its frame, WebP lossy, lossless and extended."""
    png = (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I4sIIBBBBBI", 13, b"IHDR", 300, 20, 8, 2, 0, 0, 0, 0)
        + b"\0\0\0\0IEND\xaeB`\x82"
    )
    frame = struct.pack(">HHBHHB", 0xFFC2, 11, 8, 20, 300, 1) + b"\x01\x11\x00"
    jpeg = b"\xff\xd8\xff\xff\xfe" + struct.pack(">H", 6) + b"made" + b"\xff\x01" + frame + b"\xff\xd9"
    lossy = b"VP8 " + struct.pack("<I", 10) + b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", 300 | 0x4000, 20)
    lossless = b"VP8L" + struct.pack("<I", 10) + b"\x2f" + struct.pack("<I", 299 | 19 << 14) + bytes(5)
    extended = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (299).to_bytes(3, "little") + (19).to_bytes(3, "little")
    webp = [b"RIFF" + struct.pack("<I", 4 + len(each)) + b"WEBP" + each for each in (lossy, lossless, extended)]
    return [png, jpeg, *webp]


def sounds() -> list[bytes]:
    """Half a second or so in every format that is known."""
    fmt = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 2, 24000, 96000, 4, 16)
    data = struct.pack("<I", 4800) + bytes(4800)
    odd = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    wavs = [
        b"RIFF\xff\xff\xff\xffWAVE" + fmt + odd + b"data" + each
        for each in (data, b"\0\0\0\0" + bytes(960), b"\xff" * 4 + bytes(96))
    ]
    opus = b"OpusHead\x01\x02" + struct.pack("<HIHB", 312, 24000, 0, 0)
    vorbis = b"\x01vorbis" + struct.pack("<IBI", 0, 1, 16000) + bytes(14)
    oggs = [_page(each, 0) + _page(bytes(9), 24312) for each in (opus, vorbis, b"Speex   " + bytes(30))]
    flacs = [_flac(samples=12000), _flac(samples=0)]
    mp3 = [
        b"\xff" + head + bytes(size - 4)
        for head, size in ((b"\xfb\x90\x00", 417), (b"\xf3\x44\xc0", 96), (b"\xe3\x18\xc0", 72))
    ]
    tag = b"ID3\x04\0\0\0\0\x01\x02" + bytes(130)
    xing = mp3[0][:36] + b"Xing" + mp3[0][40:]
    aac = b"".join(
        b"\xff\xf1" + bytes([0x5C, 0x40 | size >> 11, size >> 3 & 255, (size & 7) << 5, 1]) + bytes(size - 7)
        for size in (30, 41)
    )
    return [*wavs, *oggs, *flacs, *(each * 5 for each in mp3), tag + xing + mp3[0] * 3, mp3[0] + b"x", aac, b"\0\0\0\x18ftypmp42",
            b"\x1a\x45\xdf\xa3webm", b'{"a": 1}']  # fmt: skip


def _page(packet: bytes, granule: int) -> bytes:
    return b"OggS\0\0" + struct.pack("<qIIIB", granule, 1, 0, 0, 1) + bytes([len(packet)]) + packet


def _flac(samples: int) -> bytes:
    """STREAMINFO of blocks of 4096, and one frame, the third."""
    packed = 24000 << 44 | 0 << 41 | 15 << 36 | samples
    info = struct.pack(">HH6s", 4096, 4096, bytes(6)) + packed.to_bytes(8, "big") + bytes(16)
    head = b"\xff\xf8\xc9\x08\x02"
    return b"fLaC\x80\0\0\x22" + info + head + bytes([_crc8(head)]) + bytes(20)


def _crc8(data: bytes) -> int:
    """CRC-8 with the polynomial x^8 + x^2 + x + 1."""
    crc = 0
    for byte in data:
        for bit in range(7, -1, -1):
            carry = crc >> 7 ^ byte >> bit & 1
            crc = (crc << 1 & 255) ^ (7 if carry else 0)
    return crc
