"""Logs by somebody who means harm, a few of each kind: cut off, a line of a gigabyte, nests, wrong types everywhere, no UTF-8, lengths
that lie. Each is small on disk."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

from conformance.exchange import Exchange
from tests.support import logs

ODD: tuple[Any, ...] = (
    None,
    [[1]],
    {"a": {}},
    True,
    -1e308,
    "",
    "x" * 1000,
    10**400,
    "\ud800",
    {"": None},
    [None],
    "2026-99-99T99:99",
)
HERE = "PUT-IT-HERE"


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all members of a value, four steps deep at most."""
    if way:
        yield way
    if len(way) < 4 and isinstance(value, dict | list):
        for key in list(value)[:9] if isinstance(value, dict) else range(min(2, len(value))):
            yield from _places(value[key], (*way, key))


def _with(value: Any, way: tuple[Any, ...], new: Any) -> Any:
    made = json.loads(json.dumps(value))
    owner = made
    for step in way[:-1]:
        owner = owner[step]
    owner[way[-1]] = new
    return made


def _odd(value: Any) -> list[Any]:
    """The value with each of its parts as what it must not be, in turn."""
    return [_with(value, way, ODD[n % len(ODD)]) for n, way in enumerate(_places(value))]


def hostile(plain: Exchange) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each file; in all but those of one value a good line is among the bad."""
    writers = {**logs.WRITERS, "tap": logs.tap, "tap-streamed": lambda x: next(logs.tapped_as_it_passes(x, 1))}
    for name, write in writers.items():
        value = write(plain)
        line = json.dumps(value).encode() + b"\n"
        yield f"odd {name}.jsonl", line + logs.lines(_odd(value)) + logs.lines(_odd(value)[::-1])
        before = line + line[: len(line) // 2]
        yield f"cut {name}.jsonl", before
        yield f"bytes {name}.jsonl", line + b"\xff\xfe\x00{\n" + line.replace(b'"', b"'") + line
        yield f"nest {name}.jsonl", line + line[:1] + b'"a": ' + b"[" * 100_000 + b"\n" + line
        yield f"number {name}.jsonl", line + line[:-2] + b', "n": ' + b"9" * 5000 + b"}\n" + line
        yield f"lines of 2 MiB {name}.gz", gzip.compress(line + b"{}\n" * 700_000)
    yield (
        "line of 1 GiB.gz",
        gzip.compress(line + line[:-2] + b', "n": "') + gzip.compress(b"x" * (1 << 20), mtime=0) * 1024,
    )
    yield from _segments(plain)
    yield from _flows(logs.flow(plain))
    yield from _parquet(plain)
    yield "zstd.zst", b"\x28\xb5\x2f\xfd" + b"x" * 1000
    yield "cut.zst", _zstd(logs.written("litellm", [plain]) * 50)[:200]
    yield "1 GiB.zst", _zstd(logs.written("litellm", [plain]) + b"x" * (1 << 20)) + _zstd(b"x" * (1 << 20)) * 1024


def _segments(plain: Exchange) -> Iterator[tuple[str, bytes]]:
    """Calls that never end, and one that never ends sending."""
    first, *_, last = logs.tapped_as_it_passes(plain, 1)
    text, chunk = json.dumps(first), json.dumps(last).encode() + b"\n"
    yield "calls without an end.jsonl", "\n".join(text.replace('"1"', f'"{n}"') for n in range(3000)).encode()
    yield "a call without an end.jsonl.gz", gzip.compress(text.encode() + b"\n" + chunk * 20_000)


def _flows(flow: bytes) -> Iterator[tuple[str, bytes]]:
    yield "cut.flows", flow + flow[:-20]
    yield "long.flows", flow + b"999999999:" + flow
    yield "longer.flows", flow + b"9" * 40 + b":x"
    yield "negative.flows", flow + b"-5:x,"
    yield "nest.flows", flow + logs.netstring({"type": "http", "request": _nested(2000)})
    yield "many.flows", flow + logs.netstring({"type": "http", "request": [None] * 300_000})
    yield "no end.flows.gz", gzip.compress(flow + b"900000000:") + gzip.compress(b"x" * (1 << 20), mtime=0) * 1024
    for n, odd in enumerate(ODD[:7]):
        made = {
            "websocket": None,
            "type": "http",
            "request": {"method": odd, "path": odd, "headers": odd},
            "response": odd,
            "n": n,
        }
        yield f"odd {n}.flows", logs.netstring(made) + flow
    yield "types.flows", flow.replace(b"]", b"}", 3) + flow.replace(b"3:200#", b"3:2x0#") + flow.replace(b",", b"?", 2)


def _nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = b"%d:%b]" % (len(data), data)
    return data


def _parquet(plain: Exchange) -> Iterator[tuple[str, bytes]]:
    row = logs.databricks(plain)
    content = logs.parquet([row] * 3)
    yield "cut.parquet", content[: len(content) // 2]
    yield "bytes.parquet", content[:40] + b"\xff" * 40 + content[80:]
    yield "foot.parquet", content[:-12] + b"\xff\xff\xff\x7fPAR1"
    yield "empty.parquet", b"PAR1PAR1"
    yield "types.parquet", logs.parquet([{name: [1, 2] for name in row}])
    yield "others.parquet", logs.parquet([{"a": 1}])
    yield "large.parquet", logs.parquet([row | {"response": "x" * (24 << 20)}] * 12)


def _zstd(content: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor().compress(content)
