"""Images: which of the documented formats some bytes are in, and how many pixels they say that they hold. No I/O.

Only heads are read: no pixel is decoded, so that an answer cannot make work beyond its length.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import NamedTuple

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of JPEG that begin a frame (SOF0 to SOF15): ITU-T T.81, table B.1."""
_BARE = frozenset({0x01, *range(0xD0, 0xDA)})
"""Markers of JPEG without a length."""


class Image(NamedTuple):
    """What an image says of itself: its format ("png", "jpeg", "webp"), its size in pixels; `whole` is whether its end is there."""

    format: str
    width: int
    height: int
    whole: bool


def image(data: bytes) -> Image | None:
    """The image that these bytes are; None where they are none in a documented format, or its head is damaged."""
    for begins, read in _READERS:
        if data.startswith(begins):
            found = read(data)
            return found if found and found.width > 0 and found.height > 0 else None
    return None


def decoded(text: str) -> bytes | None:
    """The bytes of a base64 text as decoders of all languages take it: the plain alphabet, padded, on one line; else None."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _png(data: bytes) -> Image | None:
    """PNG 3rd edition, 11.2.1: the chunk IHDR comes first."""
    if len(data) < 33 or data[8:16] != b"\x00\x00\x00\rIHDR":
        return None
    return Image("png", _big(data, 16, 4), _big(data, 20, 4), data.endswith(_PNG_END))


def _jpeg(data: bytes) -> Image | None:
    """ITU-T T.81, B.1.1: segments, each a marker and mostly a length, until one begins the frame."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            return Image("jpeg", _big(data, at + 7, 2), _big(data, at + 5, 2), data.endswith(b"\xff\xd9"))
        at += 1 if marker == 0xFF else 2 if marker in _BARE else 2 + max(2, _big(data, at + 2, 2))
    return None


def _webp(data: bytes) -> Image | None:
    """RFC 9649, sections 2.5 to 2.7: a RIFF file whose first chunk is lossy (VP8), lossless (VP8L) or extended (VP8X)."""
    if len(data) < 30 or data[8:12] != b"WEBP":
        return None
    whole = len(data) >= 8 + _little(data, 4, 4)
    match data[12:16]:
        case b"VP8 " if data[23:26] == b"\x9d\x01\x2a":
            return Image("webp", _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF, whole)
        case b"VP8L" if data[20] == 0x2F:
            bits = _little(data, 21, 4)
            return Image("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, whole)
        case b"VP8X":
            return Image("webp", _little(data, 24, 3) + 1, _little(data, 27, 3) + 1, whole)
    return None


def _big(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")


def _little(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")


_READERS: tuple[tuple[bytes, Callable[[bytes], Image | None]], ...] = ((_PNG, _png), (_JPEG, _jpeg), (b"RIFF", _webp))
