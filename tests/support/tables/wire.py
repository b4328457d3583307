"""What is read of bytes in which some are others, gone or doubled: events, JSON, pictures, sounds, forms, subtitles, turns, secrets."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from conformance.wire import image, jsontext, multipart, sound, sse, subtitles, turns, weight
from conformance.wire.coding import Decoder, Undecodable
from conformance.wire.disguises import Finder
from conformance.wire.redact import Redactor, names_a_secret, without_keys
from tests.support import media
from tests.support.digests import Held, digest
from tests.support.tables import outcome, spoilt

ROUNDS = 150
BEGINNING = 100
"""Each beginning of a text is read that has no more bytes: bounds lie there, which chance seldom meets."""
CODINGS = (
    None,
    "",
    "identity",
    "gzip",
    "GZIP",
    "x-gzip",
    "deflate",
    "br",
    "gzip, gzip",
    "identity, gzip",
    "gzip, deflate, br",
    "zstd",
    "a",
)
SECRET = "sk-proj-Ab3dEf6hIjKlMnOp/9+xyz="
FORM = [
    multipart.Field("model", b"m"), multipart.Field("file", b"a,b\r\n--x", "f \"1\".txt", "text/plain"), multipart.Field("a[]", b"1"),
    multipart.Field("a[]", "é".encode()),
]  # fmt: skip
EVENTS = b'\xef\xbb\xbf: hi\r\n\r\nevent: a\nid: 1\ndata: {"a": 1}\ndata:  b\n\n\ndata\n\nretry: 5\rdata: \xff\r\rdata: [DONE]\n\ndata: x'
JSON = b'{"a": [1, -2.5e3, true, null, "\\u00e9\\ud83d\\ude00 \xc3\xa9"], "b": {"a": {}, "c": ""}, "d": [[], {}], "e": "\\n\\"/"}'
SRT = "1\n00:00:00,000 --> 00:00:01,500\nHello\n\n2\n00:00:01,500 --> 01:00:03,250\nthere\nagain\n"
VTT = "WEBVTT\n\n00:00.000 --> 00:01.500\nHello\n\n00:00:01.500 --> 00:00:03.250\nthere\n"
TURN = [
    b'{"type": "response.create"}',
    b'{"type": "response.completed"}',
    b"not json",
    b'{"type": "error", "error": {"code": "x"}}',
]


def made() -> Held:
    """By what reads, how many of the texts gave something else, and what they gave."""
    found: dict[str, list[object]] = defaultdict(list)
    for name, (read, texts) in readers().items():
        for text in texts:
            found[name] += [outcome(lambda read=read, text=text: read(text), ValueError)]
            for end in range(min(len(text), BEGINNING)):
                found[f"{name}-begun"].append(outcome(lambda read=read, begun=text[:end]: read(begun), ValueError))
            for n in range(max(ROUNDS // len(texts), 30)):
                damaged = spoilt(random.Random(f"{name} {len(text)} {n}"), text)
                found[name].append(outcome(lambda read=read, text=damaged: read(text), ValueError))
    for coding in CODINGS:
        found["codings"].append(outcome(lambda coding=coding: Decoder(coding) is None, Undecodable))
    for kind in ("abcdefghijklmnopqrstuvwxyz", "0123456789", "a1b2c3d4e5f6g7h8i9", "Ab-_/+=1", "password"):
        for n in range(1, 40):
            secret = (kind * 40)[:n]
            text = f"x {secret} {secret[:-1]} {secret[1:]} {secret.upper()} x{secret}x {secret[: n // 2]}".encode()
            found["lengths"].append(
                (Redactor([secret]).bytes(text), Redactor([], [secret]).bytes(text), without_keys(text.decode()))
            )
    return {name: f"{len({str(each) for each in all})} {digest(all)}" for name, all in found.items()}


def readers() -> dict[str, tuple[Callable[[bytes], Any], list[bytes]]]:
    """By name, what reads, and what it is given spoilt."""
    kind, form = multipart.form(FORM)
    key = json.dumps({"content": f"Bearer {SECRET} or {SECRET[:14]}", "url": f"http://h/?api_key={SECRET}"}).encode()
    return {
        "sse": (_events, [EVENTS]),
        "sse-in-pieces": (_in_pieces, [EVENTS]),
        "json": (jsontext.parse, [JSON]),
        "doubled": (jsontext.doubled, [JSON, b'{"a": 1, "a": 2}', b'[{"b": {"c": 1, "c": 1}}]']),
        "show": (lambda data: [jsontext.show(data.decode("latin-1"), n) for n in (1, 5, 80)], [JSON]),
        "shown": (lambda data: [jsontext.show(json.loads(data), n) for n in (1, 10, 80)], [JSON]),
        "printable": (lambda data: jsontext.printable(data.decode("utf-8", "replace")), [b"a\x00\x1b[1m\xe2\x80\xae \r\n\x7f\xc2\x85"]),
        "weight": (lambda data: (weight.values(data), weight.lines(data)), [JSON, EVENTS]),
        "image": (lambda data: (image.image(data[:40]), image.image(data)), media.pictures()),
        "sound": (lambda data: (sound.look(data), sound.looks_like_text(data), sound.pcm_seconds(data)), media.sounds()),
        "multipart": (lambda data: [tuple(each) for each in multipart.fields(kind, data)], [form]),
        "form": (lambda data: multipart.texts(multipart.fields(kind, data)), [form]),
        "srt": (lambda data: subtitles.srt(data.decode("latin-1")), [SRT.encode()]),
        "vtt": (lambda data: subtitles.vtt(data.decode("latin-1")), [VTT.encode()]),
        "turns": (_turns, [b"\n".join(TURN)]),
        "gzip": (lambda data: _decoded("gzip", data), [gzip.compress(JSON * 20, mtime=0)]),
        "deflate": (lambda data: _decoded("deflate", data), [zlib.compress(JSON), zlib.compress(JSON)[2:-4]]),
        "redact": (lambda data: Redactor([SECRET]).bytes(data), [key]),
        "redact-cut": (lambda data: Redactor([SECRET]).bytes(data, cut=True), [key[:-20], f"a {SECRET[:12]}".encode()]),
        "spans": (Finder([SECRET, "hunter2hunter2"]).spans, [key, b"hunter2%68unter2 hUNTER2HUNTER2 hunter2\\u0068unter2"]),
        "keys": (lambda data: without_keys(data.decode("latin-1")), [f"x {SECRET} y sk-abcdefghijklmnop1234 z".encode()]),
        "names": (lambda data: [names_a_secret(word) for word in data.decode("latin-1").split()],
                  [b"authorization x-api-key cookie accept user-agent api-token x-secret-id content-type"]),
    }  # fmt: skip


def _events(data: bytes) -> object:
    reader, events = sse.read(data)
    return reader.bom, sorted(reader.line_ends), [(e, e.comments, e.field("data"), e.field("id")) for e in events]


def _in_pieces(data: bytes) -> object:
    reader, found = sse.Reader(), []
    for n in range(0, len(data), 3):
        found += reader.feed(data[n : n + 3])
    return found + reader.close()


def _turns(data: bytes) -> object:
    reading, found = turns.Reading(1), []
    for piece in data.split(b"\n"):
        reading.take(piece)
        found.append((reading.over, turns.type_of(piece), turns.message(piece), turns.declined(turns.message(piece))))
    return found, turns.closing(turns.closed(1000 + len(data) % 12)), turns.sent(data)


def _decoded(coding: str, data: bytes) -> object:
    """In two pieces, with room for all of it and for less."""
    found = []
    for room in (10_000, 50):
        decoder = Decoder(coding)
        try:
            got = decoder.feed(data[:9], room)
            got += decoder.feed(data[9:], room - len(got))
            decoder.close()
            found.append(got)
        except Undecodable as reason:
            found.append(str(reason).partition(":")[0])  # what zlib says is zlib's
    return found
