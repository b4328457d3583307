"""Exchanges from HAR 1.2 files, plain or gzipped: what a browser, mitmproxy or another recorder kept.

A recorder has undone content coding; headers may be scrubbed. Nothing is guessed: an entry without a response is left out.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from conformance.exchange import Exchange

Json = dict[str, Any]


def exchanges(path: Path, *, headers_known: bool | None = None) -> Iterator[Exchange]:
    """The exchanges of a HAR file, in order. `headers_known` None: as each entry's `_headers` says, else complete."""
    raw = path.read_bytes()
    har = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    for n, entry in enumerate(har["log"]["entries"]):
        if entry["response"].get("status"):
            yield _exchange(f"{path.name}#{n}", entry, headers_known)


def _exchange(id: str, entry: Json, headers_known: bool | None) -> Exchange:
    request, response = entry["request"], entry["response"]
    content = response.get("content", {})
    text = content.get("text", "")
    body = base64.b64decode(text) if content.get("encoding") == "base64" else text.encode("utf-8", "surrogatepass")
    known = entry.get("_headers", "complete") == "complete" if headers_known is None else headers_known
    return Exchange(
        id=id,
        method=request["method"],
        url=request["url"],
        request_headers=_headers(request),
        request_body=(request.get("postData") or {}).get("text", "").encode("utf-8", "surrogatepass"),
        status=response["status"],
        headers=tuple((k, v) for k, v in _headers(response) if k.lower() != "content-encoding"),
        body=body,
        headers_known=known,
        started=_time(entry.get("startedDateTime")),
    )


def _headers(message: Json) -> tuple[tuple[str, str], ...]:
    return tuple((header["name"], header["value"]) for header in message.get("headers", ()))


def _time(stamp: str | None) -> float | None:
    """Unix time of a HAR date; the epoch itself is how recorders say that they do not know."""
    try:
        return datetime.fromisoformat(stamp).timestamp() or None if stamp else None
    except ValueError:
        return None
