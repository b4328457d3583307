"""The pictures of the reference: a disc on a plain ground, real bytes in PNG, JPEG or WebP, the same for the same words.

PNG is written with zlib alone; JPEG and WebP want Pillow (the extra `media`). Nothing here answers a request.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from functools import lru_cache

from conformance.reference.refusal import Refusal

FORMATS = ("png", "jpeg", "webp")
MOST = 4096 * 4096
"""Pixels of one picture."""


@lru_cache(maxsize=64)
def paint(
    words: str, width: int, height: int, form: str = "png", *, compression: int = 100, transparent: bool = False
) -> bytes:
    """A picture of these words, as the bytes of a file. Raises Refusal where what writes the format is not installed."""
    red, green, blue = (64 + byte // 2 for byte in hashlib.sha256(words.encode("utf-8", "replace")).digest()[:3])
    if form == "png":
        return _png(width, height, (red, green, blue), transparent=transparent)
    try:
        from PIL import Image, ImageDraw
    except ImportError:
        message = f"This server writes no {form}: install openai-conformance[media], or ask for png."
        raise Refusal(400, message, param="output_format", code="unsupported_value") from None
    alpha = transparent and form == "webp"
    ground = (255, 255, 255, 0) if alpha else (255, 255, 255)
    picture = Image.new("RGBA" if alpha else "RGB", (width, height), ground)
    left, top, size = _disc(width, height)
    disc = (left, top, left + size - 1, top + size - 1)
    ImageDraw.Draw(picture).ellipse(disc, fill=(red, green, blue, 255)[: len(ground)])
    file = io.BytesIO()
    picture.save(file, "JPEG" if form == "jpeg" else "WEBP", quality=max(1, compression), **_quickly(form))
    return file.getvalue()


def _quickly(form: str) -> dict[str, int]:
    return {"method": 0} if form == "webp" else {}


def _disc(width: int, height: int) -> tuple[int, int, int]:
    """Left, top and diameter of the disc."""
    size = max(1, min(width, height) // 2)
    return (width - size) // 2, (height - size) // 2, size


def _png(width: int, height: int, colour: tuple[int, int, int], *, transparent: bool) -> bytes:
    """PNG 3rd edition: a palette of two colours, a bit a pixel, no filter."""
    left, top, size = _disc(width, height)
    radius = size / 2
    ground, rows = b"\x00" + bytes(-(-width // 8)), []
    for y in range(height):
        off = y - top + 0.5 - radius
        half = int((radius**2 - off**2) ** 0.5) if abs(off) < radius else 0
        if half == 0:
            rows.append(ground)
            continue
        begin, end = left + int(radius) - half, left + int(radius) + half
        bits = (1 << (end - begin)) - 1 << (8 * (len(ground) - 1) - end)
        rows.append(b"\x00" + bits.to_bytes(len(ground) - 1, "big"))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0))]
    chunks += [(b"PLTE", bytes((255, 255, 255, *colour)))]
    chunks += [(b"tRNS", b"\x00\xff")] if transparent else []
    chunks += [(b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def _chunk(each: tuple[bytes, bytes]) -> bytes:
    kind, data = each
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
