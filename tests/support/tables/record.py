"""What is read of recordings of every kind in which one thing is changed: the exchanges, and why an entry gave none."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from conformance.exchange import Exchange
from conformance.record import recognition
from conformance.record.entries import Skipped
from conformance.record.run_lines import exchange_record
from tests.record.test_httprr import FIRST, call
from tests.record.test_stubs import mapping, nock, proxied, single
from tests.support import logs, variants
from tests.support.digests import Held, digest
from tests.support.recordings import HONEST, har, har_connection, har_entry, interaction
from tests.support.tables import changed, spoilt

ROUNDS = 120
"""Changed files of each kind."""
CHOSEN = [HONEST[id] for id in ("chat.hello", "chat.hello+stream", "models.list", "embeddings.one", "responses.hello", "tool.call")
          if id in HONEST]  # fmt: skip
TURNS = [x for x in HONEST.values() if x.socket and x.answered][:2]
HEADER = variants.records("checks")[0]


def _har(entries: list[Any]) -> bytes:
    return json.dumps(har(entries)).encode()


def _cassette(interactions: list[Any]) -> bytes:
    return json.dumps({"interactions": interactions, "version": 1}).encode()


def _lines(values: list[Any]) -> bytes:
    return logs.lines(values)


FILES: dict[str, Callable[[Exchange], tuple[Any, Callable[[list[Any]], bytes]] | None]] = {
    "har": lambda x: (har_entry(x), _har),
    "har-base64": lambda x: (har_entry(x, encoding="base64"), _har),
    "cassette": lambda x: (interaction(x), _cassette),
    "yaml": lambda x: (interaction(x), lambda values: yaml.safe_dump({"interactions": values, "version": 1}).encode()),
    "run": lambda x: (exchange_record(x), lambda values: _lines([HEADER, *values])),
    "single": lambda x: (single(x), lambda values: json.dumps(values[0]).encode()),
    "mappings": lambda x: (
        None if x.streaming else (mapping(x), lambda values: json.dumps({"mappings": values}).encode())
    ),
    "nock": lambda x: None if x.streaming else (nock(x), lambda values: json.dumps(values).encode()),
    "proxy": lambda x: None if x.streaming else (proxied(x), lambda values: json.dumps({"Entries": values}).encode()),
    "tap": lambda x: (logs.tap(x), _lines),
} | {
    name: (lambda x, write=write: (row, _lines) if (row := write(x)) else None) for name, write in logs.WRITERS.items()
}


def made() -> Held:
    """By kind of file, how many of its changed files gave an exchange, and a digest of all that came of them."""
    found: dict[str, list[object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        for kind, content in files():
            path.write_bytes(content)
            found.setdefault(kind, []).append(read(path))
    return {
        kind: f"{sum('Exchange' in str(each) for each in came)}/{len(came)} {digest(came)}"
        for kind, came in found.items()
    }


def files() -> Iterator[tuple[str, bytes]]:
    for kind, write in FILES.items():
        for x in CHOSEN:
            if (made := write(x)) is None:
                continue
            value, whole = made
            for n in range(ROUNDS // len(CHOSEN)):
                draw = random.Random(f"{kind} {x.id} {n}")
                yield kind, whole([json.loads(changed(draw, json.dumps(value).encode())), value])
    for kind, content in raw().items():
        for n in range(ROUNDS):
            yield kind, spoilt(random.Random(f"{kind} {n}"), content)


def raw() -> dict[str, bytes]:
    """Files that are no JSON, and one whose entries hang together."""
    return {
        "httprr": FIRST + b"\n" + b"".join(map(call, CHOSEN[:3])) + call(CHOSEN[0], chunked=True),
        "flows": logs.written("flows", CHOSEN),
        "tap-streamed": logs.written("tap-streamed", CHOSEN[:2]),
        "har-sockets": _har([har_connection(*TURNS)]) if TURNS else b"",
    }


def read(path: Path) -> object:
    recordings, amiss, others = recognition.find([str(path)])
    found = [_said(each) for recording in recordings for each in recognition.exchanges(recording)]
    return [recording.kind for recording in recordings], len(amiss), others, found


def _said(x: Exchange | Skipped) -> object:
    """All of an exchange; of what gave none whether it is broken, and what kind it would have been: words may be Python's."""
    if isinstance(x, Skipped):
        return "Skipped", x.entry, x.fault, x.lost, x.unreachable
    held = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in vars(x).items()
        if name != "memo"
    }
    return "Exchange", held
