"""Recordings by somebody who means harm: what no YAML can construct, numbers that no Python reads, aliases and gzip that hold more
than any memory, and every part of an entry as what it must not be. Each is small on disk; none is to cost the others anything."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import yaml

from conformance.record.run_lines import exchange_record
from tests.support import logged_bombs
from tests.support.recordings import HONEST, har, har_entry, interaction

PLAIN = HONEST["chat.hello"]
SCALARS = {
    "a date that is none": "2024-99-99",
    "a time that is none": "2024-13-40 99:99:99",
    "an int that is none": "!!int abc",
    "a float that is none": "!!float abc",
    "a bool that is none": "!!bool perhaps",
    "a null that is none": "!!null x",
    "a timestamp that is none": "!!timestamp soon",
    "a binary that is none": "!!binary '@@@@'",
    "base 60": "190:20:30",
    "base 60 of many": ":".join(["59"] * 3000),
    "base 60 of a float": "190:20:30.15",
    "an integer of 5,000 digits": "9" * 5000,
    "a negative integer of 5,000 digits": "-" + "9" * 5000,
    "a float of 5,000 digits": "9" * 5000 + ".0",
    "an exponent": "1.0e999999999",
    "hexadecimal of 100,000 digits": "0x" + "f" * 100_000,
    "octal": "0o777",
    "binary of 100,000 digits": "0b" + "1" * 100_000,
    "not a number": ".nan",
    "infinity": "-.inf",
    "a python object": "!!python/object/apply:os.system ['true']",
    "a python name": "!!python/name:os.system",
    "a ruby object": "!ruby/object:Gem::Requirement {x: 1}",
    "a set": "!!set {a, b}",
    "an ordered map": "!!omap [a: 1, b]",
    "pairs": "!!pairs [a: 1, b]",
    "a merge": "{<<: [{a: 1}, 7]}",
    "a merge of itself": "&m {<<: *m}",
    "itself": "&i [*i]",
    "nobody": "*nobody",
    "a list as a name": "{? [a] : 1}",
    "a mapping as a name": "{? {a: 1} : 1}",
    "a nest": "[" * 500 + "]" * 500,
    "a nest without an end": "[" * 50_000,
    "a nest of mappings": "{a: " * 500 + "}" * 500,
    "a long tag": "!" + "x" * 10_000 + " a",
    "a long anchor": "&" + "x" * 10_000 + " a",
    "an empty value": "",
    "a control character": '"\\0"',
    "half a pair": '"\\ud800"',
}
PLACES = ("request.headers.x", "request.uri", "request.method", "request.body", "response.status.code", "response.body.string",
          "response.headers.x", "response.headers")  # fmt: skip
HERE = "PUT-IT-HERE"
ODD: dict[str, Any] = {
    "null": None, "a list": [[1]], "an object": {"a": {}}, "true": True, "a number": 1e308, "nothing": "",
    "a long text": "*" * 300_000, "many": list(range(20_000)),
}  # fmt: skip
ENTRY_PLACES = ("request", "response", "request.url", "request.method", "request.headers", "request.postData", "response.status",
                "response.headers", "response.content", "response.content.text", "response.content.encoding", "startedDateTime",
                "time")  # fmt: skip


def hostile() -> Iterator[tuple[str, bytes]]:
    """(name, content) of each file."""
    for n, (name, scalar) in enumerate(SCALARS.items()):
        place = PLACES[n % len(PLACES)]
        yield f"{name} as {place}.yaml", _cassette(place, scalar)
        yield (
            f"{name} at the top.yaml",
            f"version: {scalar}\n".encode() + yaml.safe_dump({"interactions": [interaction(PLAIN)]}).encode(),
        )
    for n, (name, value) in enumerate(ODD.items()):
        for place in ENTRY_PLACES[n % 2 :: 2]:
            yield (
                f"{name} as {place}.har",
                json.dumps(har([_changed(har_entry(PLAIN), place, value), har_entry(PLAIN)])).encode(),
            )
    for name, raw in NUMBERS.items():
        yield f"{name}.har", json.dumps(har([har_entry(PLAIN) | {"time": HERE}])).replace(f'"{HERE}"', raw).encode()
        yield (
            f"{name} as a status.har",
            json.dumps(har([_changed(har_entry(PLAIN), "response.status", HERE)])).replace(f'"{HERE}"', raw).encode(),
        )
    yield from _bombs()
    yield from _packed()
    yield from _others()
    yield from logged_bombs.hostile(PLAIN)


NUMBERS = {"5,000 digits": "9" * 5000, "a great exponent": "1e999999999", "a great negative exponent": "1e-999999999",
           "a million digits": "9" * 1_000_000, "a fraction of 5,000 digits": "0." + "3" * 5000, "not a number": "NaN"}  # fmt: skip


def _cassette(place: str, scalar: str) -> bytes:
    made = _changed(interaction(PLAIN), place, HERE)
    text = yaml.safe_dump({"interactions": [made, interaction(PLAIN)]}, width=1 << 30, default_flow_style=False)
    return text.replace(HERE, scalar).encode()


def _changed(made: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    *way, last = place.split(".")
    owner = made
    for step in way:
        owner = owner.setdefault(step, {})
    owner[last] = value
    return made


def _aliases(levels: int, first: str, each: str) -> str:
    """A list in flow style whose last element stands for each ** levels of the first."""
    lines = [f"&a0 {first}"] + [f"&a{n} {each.replace('X', f'*a{n - 1}')}" for n in range(1, levels)]
    return "[" + ", ".join(lines) + "]"


def _bombs() -> Iterator[tuple[str, bytes]]:
    lists, texts = _aliases(40, "[lol, lol]", "[X, X, X]"), _aliases(30, "lollollollollol", "[X, X, X, X, X, X, X, X]")
    maps = _aliases(40, "{a: lol}", "{a: X, b: X}")
    for name, bomb in {"lists": lists, "texts": texts, "mappings": maps}.items():
        for place in (
            "request.headers.x",
            "request.body",
            "response.body.string",
            "response.status",
            "response.headers",
        ):
            yield f"a bomb of {name} as {place}.yaml", _cassette(place, bomb)
    head = "interactions:\n- x: " + _aliases(30, "[lol, lol]", "[X, X, X]")
    yield (
        "a bomb in the name of a header.yaml",
        (
            f"{head}\n  request: {{method: POST, uri: '{PLAIN.url}', headers: {{? *a29 : x}}}}\n  response: {{status: {{code: 200}}, "
            f"headers: {{? *a29 : [x]}}, body: {{string: '{{}}'}}}}\n"
        ).encode(),
    )
    merges = ", ".join(f"&m{n} {{<<: [*m{n - 1}, *m{n - 1}, *m{n - 1}]}}" for n in range(1, 40))
    yield "a bomb of merges.yaml", f"interactions:\n- [&m0 {{a: 1}}, {merges}]\n".encode()
    yield "a bomb at the top.yaml", f"x: {lists}\ninteractions: []\n".encode()
    yield "many anchors.yaml", ("interactions:\n" + "".join(f"- &b{n} [{'x' * 50}]\n" for n in range(20_000))).encode()
    yield "many headers.yaml", _cassette("response.headers", "{" + ", ".join(f"h{n}: x" for n in range(50_000)) + "}")


def _much(what: bytes, times: int) -> bytes:
    """Gzip of so many times a megabyte of this: members one after the other are one file (RFC 1952 section 2.2)."""
    return gzip.compress(what * ((1 << 20) // len(what)), mtime=0) * times


def _packed() -> Iterator[tuple[str, bytes]]:
    entry = json.dumps(har([_changed(har_entry(PLAIN), "response.content.text", HERE)]))
    before, after = entry.split(HERE)
    yield "a string of 2 GiB.har.gz", gzip.compress(before.encode()) + _much(b"x", 2048) + gzip.compress(after.encode())
    yield "a name of 1 GiB.har.gz", gzip.compress(b'{"log": {"entries": [{"') + _much(b"n", 1024)
    yield "blanks of 1 GiB.har.gz", gzip.compress(b'{"log": {"entries": [') + _much(b" ", 1024)
    yield "lists of 512 MiB.har.gz", gzip.compress(b'{"log": {"entries": [{"request": [') + _much(b"[],", 512)
    yield "entries of 256 MiB.har.gz", gzip.compress(b'{"log": {"entries": [') + _much(b"{},", 256)
    yield "a nest of 64 MiB.har.gz", gzip.compress(b'{"log": {"entries": [') + _much(b"[", 64)
    yield "a line of 1 GiB.gz", gzip.compress(_header() + b'{"type": "exchange", "id": "') + _much(b"x", 1024)
    yield (
        "lists in a line.gz",
        gzip.compress(_header() + b'{"type": "exchange", "x": [') + _much(b"[],", 90) + gzip.compress(b"1]}\n"),
    )
    yield "a scalar of 1 GiB.yaml.gz", gzip.compress(b"interactions:\n- x: ") + _much(b"x", 1024)
    yield "dashes of 1 GiB.yaml.gz", gzip.compress(b"interactions:\n") + _much(b"- 1\n", 64)
    yield "half of a gzip.gz", _much(b"x", 2)[:500]
    yield "no gzip.gz", b"\x1f\x8b" + b"x" * 1000
    yield "a name without an end.gz", b"\x1f\x8b\x08\x08" + b"x" * 500_000


def _header() -> bytes:
    return json.dumps({"type": "header", "format": 1, "version": "0", "python": "3", "started": "2026-01-01T00:00:00+00:00",
                       "options": {}, "target": {"base_url": "http://h/v1", "model": "m"}}).encode() + b"\n"  # fmt: skip


def _others() -> Iterator[tuple[str, bytes]]:
    line = json.dumps(exchange_record(PLAIN)).encode() + b"\n"
    yield "a run with odd lines", _header() + line + b'{"type": "exchange"}\n' + line
    yield "a run with a number", _header() + b'{"type": "footer", "exit_code": ' + b"9" * 5000 + b"}\n"
    yield "a run that nests", _header() + b"[" * 100_000 + b"\n"
    request = b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n\r\n{}"
    for name, response in {
        "chunks of one byte": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1\r\nx\r\n" * 500_000
        + b"0\r\n\r\n",
        "a chunk of great length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 100_000 + b"\r\nx",
        "a chunk of negative length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nxxxxx\r\n",
        "many headers": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500_000 + b"\r\n{}",
        "no status": b"HTTP/1.1\r\n\r\n{}",
    }.items():
        yield f"a trace with {name}", b"httprr trace v1\n%d %d\n" % (len(request), len(response)) + request + response
    yield "a trace that is longer than it is", b"httprr trace v1\n10 999999999\n" + b"x" * 100
    yield "portions that nest.har", _content("[" * 100_000)
    yield "portions, many.har", _content("[" + ",".join(['""'] * 400_000) + "]")
    yield (
        "values, many.har",
        json.dumps(
            har([_changed(har_entry(PLAIN), "response.content", {"text": "[" + "[]," * 2_000_000 + "1]"})])
        ).encode(),
    )
    yield (
        "a request of many values.har",
        json.dumps(
            har([_changed(har_entry(PLAIN), "request.postData", {"text": "[" + "[]," * 2_000_000 + "1]"})])
        ).encode(),
    )
    yield "a url of stars.har", json.dumps(har([_changed(har_entry(PLAIN), "request.url", "*" * 2_000_000)])).encode()
    yield (
        "nock.json",
        json.dumps([{"scope": "http://h:80", "path": "/v1/models", "response": ["zz"], "status": 200}]).encode(),
    )
    yield (
        "mappings.json",
        json.dumps({"mappings": [{"request": {"url": 1}, "response": {"jsonBody": {"a": 1.5}}}, 7, None]}).encode(),
    )
    yield (
        "a pair.json",
        json.dumps({"request": {"url": PLAIN.url, "body": {"a": 0.1}}, "response": {"status": {"code": []}}}).encode(),
    )


def _content(text: str) -> bytes:
    return json.dumps(
        har([_changed(har_entry(PLAIN), "response.content", {"text": text, "encoding": "base64"})])
    ).encode()


def good() -> bytes:
    """A recording that is judged, whatever stands beside it."""
    return json.dumps(har([har_entry(PLAIN), har_entry(HONEST["models.list"])])).encode()
