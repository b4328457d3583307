"""What Envoy's HTTP tap writes (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/tap_filter): a trace a
call, or the segments of a call as they pass; one file each, or many after each other.

It must not guess: see entries.py. Headers and bodies are those of the wire; a body that Envoy cut is left out.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from conformance.exchange.documented import route_of
from conformance.record.entries import NOWHERE, Entry, Kind, LeftOut, attempted
from conformance.record.jsonarray import STRING_BYTES
from conformance.record.jsonlines import any_values
from conformance.record.logged import between, time_of

BUFFERED, STREAMED = "http_buffered_trace", "http_streamed_trace_segment"
NAMES = frozenset((BUFFERED, STREAMED, "httpBufferedTrace", "httpStreamedTraceSegment"))
OPEN = 256
"""Calls whose segments are waited for at once; of more the oldest is given up."""
OPEN_BYTES = 128 * 1024 * 1024
"""Bytes of the segments that are waited for."""
PIECES = 100_000
"""Segments of one call."""
WANTED = "a trace as Envoy's HTTP tap writes it"
_CAPITAL = re.compile("[A-Z]")


def entries(file: BinaryIO) -> Iterator[Entry | LeftOut]:
    """Every call of a file, in the order in which they ended; LeftOut where one cannot be read. Raises Broken, OSError."""
    calls = _Calls()
    for value in any_values(file):
        if isinstance(value, LeftOut):
            yield value
            continue
        wrapped = _names(value) if isinstance(value, dict) else {}
        if isinstance(segment := wrapped.get(STREAMED), dict):
            yield from (attempted(_entry, each, WANTED) for each in calls.take(_names(segment)))
        else:
            yield attempted(_buffered, wrapped, WANTED)
    yield from (attempted(_entry, each, WANTED) for each in calls.rest())


def _names(value: dict[str, Any]) -> dict[str, Any]:
    """Names as the protocol has them, which its JSON may spell in lower camel case."""
    return {_CAPITAL.sub(lambda found: f"_{found.group().lower()}", name): each for name, each in value.items()}


class _Calls:
    """Puts the segments of calls together. Of a call there is what `_entry` reads."""

    def __init__(self) -> None:
        self._open: dict[str, dict[str, Any]] = {}
        self._bytes = 0

    def take(self, segment: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The calls that ended with this segment: its own, by its trailers, or one that is given up for it."""
        key = str(segment.get("trace_id", ""))
        call = self._open.setdefault(key, {"request": {}, "response": {}, "pieces": 0, "bytes": 0})
        call["pieces"] += 1
        for side in ("request", "response"):
            if isinstance(headers := segment.get(f"{side}_headers"), dict):
                call[side] |= {"headers": headers.get("headers")}
                call[side]["time"] = segment.get("received_time") or _names(headers).get("headers_received_time")
            if isinstance(chunk := segment.get(f"{side}_body_chunk"), dict):
                self._append(call, call[side], _names(chunk))
        if "response_trailers" in segment:
            yield self._end(key)
        while len(self._open) > OPEN or self._bytes > OPEN_BYTES:
            yield self._end(next(iter(self._open)))

    def _append(self, call: dict[str, Any], message: dict[str, Any], chunk: dict[str, Any]) -> None:
        data = _bytes(chunk)
        message["truncated"] = message.get("truncated", False) or chunk.get("truncated") is True
        if call["bytes"] + len(data) > 2 * STRING_BYTES or call["pieces"] > PIECES:
            message["truncated"] = True
            return
        call["bytes"] += len(data)
        self._bytes += len(data)
        message.setdefault("data", []).append(data)

    def _end(self, key: str) -> dict[str, Any]:
        call = self._open.pop(key)
        self._bytes -= call["bytes"]
        return call

    def rest(self) -> Iterator[dict[str, Any]]:
        """The calls of which no trailers came, as most have none."""
        while self._open:
            yield self._end(next(iter(self._open)))


def _buffered(value: dict[str, Any]) -> Entry:
    """The entry of a whole trace. Raises LeftOut."""
    trace = value.get(BUFFERED)
    if not isinstance(trace, dict):
        raise LeftOut(f"not {WANTED}")
    return _entry({side: _message(trace.get(side) or {}) for side in ("request", "response")})


def _message(value: dict[str, Any]) -> dict[str, Any]:
    named = _names(value)
    body = _names(named.get("body") or {})
    return {
        "headers": named.get("headers"),
        "data": [_bytes(body)],
        "truncated": body.get("truncated") is True,
        "time": named.get("headers_received_time"),
    }


def _entry(call: dict[str, Any]) -> Entry:
    """The entry of a call of which all came that will. Raises LeftOut."""
    request, response = call["request"], call["response"]
    asked, received = _headers(request.get("headers")), _headers(response.get("headers"))
    pseudo = {name: value for name, value in asked if name.startswith(":")}
    own = {name.lower(): value for name, value in asked}
    host = pseudo.get(":authority") or own.get("host") or NOWHERE.partition("//")[2]
    url = f"{pseudo.get(':scheme', 'http')}://{host}{pseudo.get(':path', '')}"
    status = next((value for name, value in received if name == ":status"), None)
    if status is None:
        raise LeftOut("without an answer", fault=False)
    body = b"".join(response.get("data") or ())
    if response.get("truncated"):
        streamed = any(name.lower() == "content-type" and "event-stream" in value for name, value in received)
        raise LeftOut("its body was cut by Envoy's limit", fault=False, lost=Kind(route_of(url) or "", streamed))
    began = time_of(request.get("time"))
    return Entry(
        method=pseudo.get(":method"),
        url=url,
        request_headers=asked,
        request_body=None if request.get("truncated") else b"".join(request.get("data") or ()),
        status=status,
        headers=received,
        body=body,
        started=began,
        took=between(began, time_of(response.get("time"))),
        exact=True,
    )


def _headers(headers: Any) -> list[tuple[str, str]]:
    """Raises LeftOut where one is no text."""
    found = []
    for each in headers if isinstance(headers, list) else ():
        named = _names(each)
        value = named.get("value")
        if not value and named.get("raw_value"):
            value = _decoded(named["raw_value"]).decode("latin-1")
        if not isinstance(named.get("key"), str) or not isinstance(value or "", str):
            raise LeftOut("a header in it is no text")
        found.append((named["key"], value or ""))
    return found


def _bytes(body: dict[str, Any]) -> bytes:
    if isinstance(text := body.get("as_string"), str):
        return text.encode("utf-8", "surrogatepass")
    return _decoded(body.get("as_bytes") or "")


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise LeftOut("its body is not the base64 that it says it is") from None
