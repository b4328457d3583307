"""mitmproxy's flow files (https://docs.mitmproxy.org/stable/concepts/), which are tnetstrings (https://tnetstrings.info/): an object
a flow, the messages of the wire in it.

Read here and not by mitmproxy, which wants other versions of what we stand on and takes whatever length a file says into memory. It
must not guess: see entries.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from conformance.record.entries import NOWHERE, Entry, LeftOut, attempted
from conformance.record.jsonarray import ELEMENT_BYTES, VALUES, Broken
from conformance.record.logged import between

FIRST = re.compile(rb"[1-9][0-9]{0,8}:[1-9][0-9]?:[a-z_]{2,40};[0-9]{1,9}:")
"""How such a file begins: the length of an object, its first name, and the length of what it names."""
LENGTH = 12
"""Digits of a length."""
PORTS = {"http": 80, "https": 443}
DEPTH = 50
SKIPPED = 16 * ELEMENT_BYTES
BLOCK = 64 * 1024


def entries(file: BinaryIO) -> Iterator[Entry | LeftOut]:
    """Every flow of HTTP in a file, in its order; LeftOut where one cannot be read. Raises Broken, OSError."""
    while digits := file.read(1):
        while not digits.endswith(b":") and len(digits) <= LENGTH and (more := file.read(1)):
            digits += more
        if not digits.endswith(b":") or not digits[:-1].isdigit():
            raise Broken("a flow does not begin with its length")
        length = int(digits[:-1])
        if length > ELEMENT_BYTES:
            _pass(file, length + 1)
            yield LeftOut(f"a flow is longer than {ELEMENT_BYTES:,} bytes")
            continue
        data = file.read(length + 1)
        if len(data) <= length:
            raise Broken("a flow stops before its end")
        yield attempted(_flow, data, "a flow as mitmproxy writes it")


def _pass(file: BinaryIO, length: int) -> None:
    if length > SKIPPED:
        raise Broken(f"a flow is longer than {SKIPPED:,} bytes")
    while length > 0 and (data := file.read(min(length, BLOCK))):
        length -= len(data)


def _flow(data: bytes) -> Entry:
    """Raises LeftOut."""
    if data[-1:] != b"}":
        raise LeftOut("a flow is no object")
    flow = _Reader(data).object(0, len(data) - 1, 0)
    if flow.get("type") != "http" or not flow.get("request"):
        raise LeftOut("not of this API", fault=False)
    request, response = flow["request"], flow.get("response")
    if flow.get("error") or not response:
        raise LeftOut("without a whole answer", fault=False)
    if response.get("content") is None:
        raise LeftOut("without a recorded body", fault=False)
    began = _seconds(request.get("timestamp_start"))
    return Entry(
        method=_text(request["method"]),
        url=_url(request),
        request_headers=_headers(request["headers"]),
        request_body=request.get("content"),
        status=response["status_code"],
        headers=_headers(response["headers"]),
        body=response["content"],
        started=began,
        took=between(began, _seconds(response.get("timestamp_end"))),
        exact=True,
    )


def _url(request: dict[str, Any]) -> str:
    host = next((_text(value) for name, value in request["headers"] if _text(name).lower() == "host"), "")
    place = _text(request.get("authority") or b"") or host
    scheme, path, port = _text(request["scheme"]), _text(request["path"]), request.get("port")
    if not place and (place := _text(request.get("host") or "")) and port != PORTS.get(scheme):
        place = f"{place}:{port}"
    return f"{scheme}://{place}{path}" if place else f"{NOWHERE}{path}"


def _headers(pairs: Any) -> list[tuple[str, str]]:
    return [(_text(name), _text(value)) for name, value in pairs]


def _text(value: Any) -> str:
    return (
        value.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
        if isinstance(value, bytes)
        else str(value)
    )


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class _Reader:
    """One tnetstring in memory. Raises LeftOut where it is none."""

    def __init__(self, data: bytes) -> None:
        self._data, self._values = data, 0

    def object(self, at: int, end: int, depth: int) -> dict[str, Any]:
        found = {}
        while at < end:
            name, at = self._value(at, end, depth + 1)
            found[_text(name)], at = self._value(at, end, depth + 1)
        return found

    def _list(self, at: int, end: int, depth: int) -> list[Any]:
        found = []
        while at < end:
            value, at = self._value(at, end, depth + 1)
            found.append(value)
        return found

    def _value(self, at: int, end: int, depth: int) -> tuple[Any, int]:
        self._values += 1
        colon = self._data.find(b":", at, min(end, at + LENGTH))
        if colon < 0 or not self._data[at:colon].isdigit() or depth > DEPTH or self._values > VALUES:
            raise LeftOut("a flow is not made of tnetstrings")
        first, last = colon + 1, colon + 1 + int(self._data[at:colon])
        if last >= end:
            raise LeftOut("a part of a flow is longer than the flow")
        return self._read(self._data[last : last + 1], first, last, depth), last + 1

    def _read(self, kind: bytes, first: int, last: int, depth: int) -> Any:
        match kind:
            case b"}":
                return self.object(first, last, depth)
            case b"]":
                return self._list(first, last, depth)
            case b",":
                return self._data[first:last]
            case b";":
                return self._data[first:last].decode("utf-8", "replace")
            case b"~":
                return None
            case b"!":
                return self._data[first:last] == b"true"
            case b"#":
                return int(self._data[first : min(last, first + 20)])
            case b"^":
                return float(self._data[first : min(last, first + 40)])
        raise LeftOut("a part of a flow is of no known type")
