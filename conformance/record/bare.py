"""Streams of events alone, as `curl -N > answer.sse` keeps them, or their data, a line each, as fixtures of SDKs do.

It must not invent: see entries.py. What was asked, the status and the headers are lost; of lines of data the bytes between them, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from conformance.exchange.fragment import FRAMING, REQUEST, STATUS
from conformance.record.entries import NOWHERE, Entry, LeftOut
from conformance.record.jsonarray import ELEMENT_BYTES, Broken
from conformance.record.jsonlines import value_of
from conformance.record.logged import PLACES

_TOLD = {
    PLACES["chat"]: rb'"object": ?"chat\.completion\.chunk"',
    PLACES["completions"]: rb'"object": ?"text_completion"',
    PLACES["responses"]: rb'"type": ?"response\.created"',
    PLACES["images"]: rb'"type": ?"image_generation\.',
    "/v1/images/edits": rb'"type": ?"image_edit\.',
    "/v1/audio/transcriptions": rb'"type": ?"transcript\.text\.',
    "/v1/audio/speech": rb'"type": ?"speech\.audio\.',
}
"""What the events of each path have, and no text in them, whose quotes are escaped."""
_TELLING = re.compile(b"|".join(b"(%b)" % each for each in _TOLD.values()))
_EVENT = re.compile(rb"(?:event|data|id|retry)?:[^\r\n]*(?:\r?\n|\Z)")
_BETWEEN = re.compile(rb"(?<=\n\n)|(?<=\r\n\r\n)")
_FIRST, _LAST = re.compile(rb'"type": ?"response\.created"'), re.compile(rb"(?m)^data: ?\[DONE\]\s*$")
_ENDED = re.compile(
    rb'"finish_reason": ?"|"type": ?"(?:response\.(?:completed|incomplete|failed|cancelled)|error|image_\w+\.completed'
    rb'|transcript\.text\.done|speech\.audio\.done)"|"error": ?\{|(?m:^data: ?\[DONE\])'
)


def is_stream(head: bytes) -> bool:
    """Whether a file that begins so holds streams of this API: events, or a line of JSON for each."""
    if not head.startswith(b"{"):
        return bool(_EVENT.match(head) and _TELLING.search(head))
    first = value_of(head.partition(b"\n")[0])
    told = isinstance(first, dict) and (first.get("object"), first.get("type"))
    return bool(told) and (told[0] == "chat.completion.chunk" or told[1] == "response.created")


def entries(file: BinaryIO) -> Iterator[Entry | LeftOut]:
    """Each stream of a file, in its order; LeftOut where it has no end: who cut it is lost. Raises Broken, OSError."""
    whole = file.read(ELEMENT_BYTES + 1).removeprefix(b"\xef\xbb\xbf")
    if len(whole) > ELEMENT_BYTES:
        raise Broken(f"longer than {ELEMENT_BYTES:,} bytes, which is more than one answer needs")
    lines = whole.lstrip().startswith(b"{")
    if lines:
        whole = b"".join(b"data: %b\n\n" % line for line in whole.splitlines() if line.strip())
    for stream in _apart(whole):
        told = _TELLING.search(stream)
        if told is None or told.lastindex is None:
            yield LeftOut("not of this API", fault=False)
            continue
        if not _ENDED.search(stream):
            yield LeftOut("a stream stops before its end, and who cut it was not kept")
            continue
        yield Entry(
            method="POST",
            url=NOWHERE + list(_TOLD)[told.lastindex - 1],
            request_headers=(),
            request_body=None,
            status=200,
            headers=(),
            body=stream.rstrip() + b"\n\n",  # editors cut and add what ends a file: that was not kept
            headers_known=False,
            missing=(REQUEST, STATUS, FRAMING) if lines else (REQUEST, STATUS),
        )


def _apart(whole: bytes) -> Iterator[bytes]:
    """The streams that a file holds one after another: one begins after the end of another, or as a response does."""
    kept: list[bytes] = []
    for event in _BETWEEN.split(whole):
        if kept and event.strip() and (_LAST.search(kept[-1]) or _FIRST.search(event)):
            yield b"".join(kept)
            kept = []
        kept.append(event)
    yield b"".join(kept)
