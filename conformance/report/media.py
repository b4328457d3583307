"""The images and sounds of an answer, to be shown as what they are: inert, from the run file alone, and bounded.

Their type is what their bytes say, never what the answer says; nothing but PNG, JPEG, WebP and kinds of sound is shown. It must not
judge.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from markupsafe import Markup

from conformance.exchange import Exchange, Unreadable
from conformance.exchange.reading import NotRecorded
from conformance.wire import sound
from conformance.wire.image import decoded, image

ONE, MOST = 400 * 1024, 4
"""Bytes of one image or sound that is shown, and how many of one answer."""
PAGE = 6 * 1024 * 1024
"""Bytes of all that a page shows."""
LEAST = 60
"""Characters of a text below which it is no image and no sound."""
TEXTS = 2000
"""Values of an answer that are looked at."""
WIDEST = 4096
"""Pixels of a side: a small file may say that it is huge, and a browser would make room for it."""
SOUNDS = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "vorbis": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
}


class Shown(NamedTuple):
    """One image or sound: `kind` is "image" or "audio", `uri` a data: URL of base64 alone, `words` what it is; the size of an
    image in pixels."""

    kind: str
    uri: Markup
    words: str
    width: int = 0
    height: int = 0


def media(x: Exchange) -> list[Shown]:
    """What an answer holds that can be seen or heard, the first few; none where it was not read to its end or is of another kind."""
    return list(islice(_found(x), MOST))


def within(some: Iterable[Shown], room: int) -> tuple[list[Shown], int]:
    """Those for which there is room, and what is left of it."""
    kept = []
    for each in some:
        if len(each.uri) <= room:
            kept.append(each)
            room -= len(each.uri)
    return kept, room


def _found(x: Exchange) -> Iterator[Shown]:
    if not x.ok or "framing" in x.missing:
        return
    if x.not_json is not None and not x.streaming:
        shown = _shown(x.body)
        yield from [shown] if shown else []
        return
    for text in islice(_texts(x), TEXTS):
        if LEAST <= len(text) <= ONE * 4 // 3 + 4 and (data := decoded(text)) and (shown := _shown(data)):
            yield shown


def _texts(x: Exchange) -> Iterator[str]:
    """Every text of the JSON of an answer, or of the events of its stream."""
    try:
        waiting: list[Any] = [value for _, value in x.messages] if x.streaming else [x.json]
    except (Unreadable, NotRecorded):
        return
    waiting.reverse()
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            waiting += reversed(list(value.values() if isinstance(value, dict) else value))


def _shown(data: bytes) -> Shown | None:
    if not LEAST // 2 <= len(data) <= ONE:
        return None
    if (found := image(data)) is not None:
        if max(found.width, found.height) > WIDEST:
            return None
        words = f"{found.format.upper()}, {found.width} × {found.height}, {len(data):,} bytes"
        return Shown("image", _uri(f"image/{found.format}", data), words, found.width, found.height)
    if (heard := sound.look(data)) is not None and heard.kind in SOUNDS:
        length = "" if heard.seconds is None else f", {heard.seconds:.1f} s"
        return Shown("audio", _uri(SOUNDS[heard.kind], data), f"{heard.kind.upper()}{length}, {len(data):,} bytes")
    return None


def _uri(kind: str, data: bytes) -> Markup:
    return Markup(f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}")
