"""HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/): what browsers, mitmproxy and other proxies keep.

Read entry by entry, so that a file of any size does. It must not repair or guess: see recorded.py.

Two fields of our own may stand in an entry: `"_headers": "partial"` says that headers were scrubbed, `"_fidelity": "body-only"`
that nothing but the body of the answer is genuine.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from conformance.record import har_sockets, jsonarray
from conformance.record.entries import Entry, LeftOut, attempted

LONG = 300.0
"""Seconds. The time of sending says little about `created` in a call that took longer."""
PORTIONS = 100_000
"""Of a body in base64; what comes after them is no base64."""
AS_HAR = "an entry as HAR 1.2 has them"
NO_API = frozenset(("document", "stylesheet", "script", "image", "font", "media", "preflight", "websocket"))
"""What Chromium calls the resources of a page; an API that somebody opened in the browser answers in JSON."""


def entries(file: BinaryIO) -> Iterator[Entry | LeftOut]:
    """Every entry of a HAR file, in its order; LeftOut where one cannot be read. Raises jsonarray.Broken, OSError."""
    for value in jsonarray.elements(file, "log.entries.item"):
        if isinstance(value, dict) and value.get(har_sockets.MESSAGES):
            turns = attempted(_turns, value, AS_HAR)
            yield from turns if isinstance(turns, list) else [turns]
        else:
            yield attempted(_entry, value, AS_HAR)


def _turns(value: dict[str, Any]) -> list[Entry | LeftOut]:
    return list(har_sockets.calls(value, _kept(value)))


def _entry(value: dict[str, Any]) -> Entry:
    response = value["response"]
    if value.get("_resourceType") in NO_API and not _is_json(response):
        raise LeftOut("not of this API", fault=False)
    if response.get("_error"):
        raise LeftOut("without a whole answer", fault=False)  # the user, or the network on this side, broke off
    return _kept(value)


def _kept(value: dict[str, Any]) -> Entry:
    request, response = value["request"], value["response"]
    return Entry(
        method=request["method"],
        url=request["url"],
        request_headers=_headers(request),
        request_body=_request_body(request),
        status=response["status"],
        headers=_headers(response),
        body=_content(response),
        started=_started(value),
        headers_known=value.get("_headers", "complete") == "complete",
        body_only=value.get("_fidelity") == "body-only",
    )


def _is_json(response: dict[str, Any]) -> bool:
    kind = (response.get("content") or {}).get("mimeType")
    return isinstance(kind, str) and kind.startswith("application/json")


def _headers(message: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [(header["name"], header["value"]) for header in message.get("headers") or ()]


def _request_body(request: dict[str, Any]) -> bytes | None:
    """None where it was not kept."""
    data = request.get("postData") or {}
    text = data.get("text")
    if not text:
        return b"" if request.get("bodySize") == 0 else None
    return base64.b64decode(text) if data.get("encoding") == "base64" else text.encode("utf-8", "surrogatepass")


def _content(response: dict[str, Any]) -> bytes:
    """The body; b"" where it was not kept."""
    content = response.get("content") or {}
    text = content.get("text") or ""
    if content.get("encoding") == "base64":
        return _from_base64(text)
    if not text.isascii() and content.get("size") == len(text) and (raw := _taken_for_characters(text)):
        return raw
    return text.encode("utf-8", "surrogatepass")


def _taken_for_characters(text: str) -> bytes | None:
    """The bytes where a recorder took each byte of UTF-8 for a character, as mitmproxy does without a charset; else None."""
    try:
        raw = text.encode("latin-1")
        raw.decode("utf-8")
    except UnicodeError:
        return None
    return raw


def _from_base64(text: str) -> bytes:
    """Polly.js writes a JSON array of the portions in which the body came."""
    portions = text.strip("[] \r\n\t").split(",", PORTIONS) if text.startswith("[") else [text]
    try:
        return b"".join(base64.b64decode(portion.strip(' \r\n\t"'), validate=True) for portion in portions)
    except (binascii.Error, ValueError, TypeError):
        raise LeftOut("its body is not the base64 that it says it is") from None


def _started(value: dict[str, Any]) -> float | None:
    """Unix time of sending. The epoch is how recorders say that they do not know."""
    stamp, took = value.get("startedDateTime"), value.get("time")
    if not isinstance(stamp, str) or (took is not None and float(took) > LONG * 1000):
        return None
    try:
        return datetime.fromisoformat(stamp).timestamp() or None
    except (ValueError, OverflowError, OSError):
        return None
