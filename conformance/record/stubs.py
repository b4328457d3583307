"""JSON in which tools that stand in for a server keep its answers: one exchange a file, WireMock's mappings, nock's arrays, the
entries of Azure's test proxy.

It must not repair or guess: see entries.py. What a tool does not keep (most keep no host, WireMock no request) is left out or missing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from conformance.record import jsonarray
from conformance.record.entries import Entry, LeftOut, attempted

SINGLE, MAPPINGS, NOCK, PROXY = "exchange", "WireMock mappings", "nock recording", "test-proxy recording"
_BYTES = ("audio/", "image/", "video/", "application/octet-stream")
_PLACES = {SINGLE: "", MAPPINGS: "mappings.item", NOCK: "item", PROXY: "Entries.item"}


def kind_of(head: bytes) -> str | None:
    """Which of these a file is, by its beginning; None for another."""
    if head.startswith(b"["):
        return NOCK if {"scope", "path"} <= set(jsonarray.names(head, "item")) else None
    names = set(jsonarray.names(head))
    if "mappings" in names or "Entries" in names:
        return MAPPINGS if "mappings" in names else PROXY
    return SINGLE if {"request", "response"} <= names else None


def entries(file: BinaryIO, kind: str, path: Path) -> Iterator[Entry | LeftOut]:
    """Every entry of a file of this kind, which lies at `path`, in its order; LeftOut where one cannot be read. Raises Broken, OSError."""
    read = {NOCK: _nock, PROXY: _proxy}.get(kind, partial(_pair, path=path))
    for value in jsonarray.elements(file, _PLACES[kind]):
        yield attempted(read, value, "an exchange as these files have them")


def _pair(value: dict[str, Any], path: Path) -> Entry:
    """A `request` and a `response`: of a test agent with all of both, of WireMock with what the request must look like."""
    request, response = value["request"], value["response"]
    places = ("url", "uri", "urlPath", "urlPathTemplate", "path")
    status = response.get("status", response.get("statusCode", response.get("status_code")))
    if isinstance(status, dict):
        status = status.get("code", status.get("status_code"))
    url = next((request[name] for name in places if isinstance(request.get(name), str)), None)
    if status in (None, 0) and _is_mapping(url, request, response):
        status = 200  # as WireMock answers where none is named (ResponseDefinition)
    known = "headers" in response
    return Entry(
        method=request.get("method"),
        url=url,
        request_headers=_headers(
            {k: v for k, v in (request.get("headers") or {}).items() if isinstance(v, str | list)}
        ),
        request_body=_body(request["body"]) if request.get("body") is not None else _pattern(request),
        status=status,
        headers=_headers(response.get("headers")),
        body=_answer(response, path),
        headers_known=known,
    )


def _is_mapping(url: str | None, request: dict[str, Any], response: dict[str, Any]) -> bool:
    """As WireMock has it: a path, no body of a request but patterns, and an answer as text or under its own names."""
    return str(url).startswith("/") and "body" not in request and isinstance(response.get("body", ""), str)


def _pattern(request: dict[str, Any]) -> bytes | None:
    """The body that WireMock waits for, where it says the whole of it."""
    for pattern in request.get("bodyPatterns") or ():
        if "equalToJson" in pattern:
            return _body(pattern["equalToJson"])
    return None


def _answer(response: dict[str, Any], path: Path) -> bytes:
    if isinstance(name := response.get("bodyFileName"), str):
        return _from_file(name, path)
    if response.get("base64Body") is not None:
        return _decoded(response["base64Body"])
    return _body(response["jsonBody"] if "jsonBody" in response else response.get("body")) or b""


def _from_file(name: str, path: Path) -> bytes:
    """What WireMock's recorder keeps of an answer in a file of its own: in `__files`, beside the folder `mappings`, and in no other."""
    folder = next((each.parent / "__files" for each in path.resolve().parents if each.name == "mappings"), None)
    try:
        place = folder and (folder / name).resolve()
        if not (folder and place and place.is_relative_to(folder) and place.is_file()):
            return b""
        with place.open("rb") as file:
            return file.read(jsonarray.STRING_BYTES + 1)
    except (OSError, ValueError):
        return b""


def _nock(value: dict[str, Any]) -> Entry:
    """What nock's recorder writes of one call: an answer that is not plain text as hexadecimal portions."""
    answer = value.get("response")
    coded = isinstance(answer, list) and bool(answer) and all(isinstance(each, str) for each in answer)
    return Entry(
        method=value.get("method"),
        url=f"{str(value['scope']).removesuffix(':443').removesuffix(':80')}{value['path']}",
        request_headers=_headers(value.get("reqheaders")),
        request_body=_body(value.get("body") or None),
        status=value.get("status"),
        headers=_headers(value.get("rawHeaders") or value.get("headers")),
        body=b"".join(bytes.fromhex(each) for each in answer) if coded else _body(answer) or b"",
    )


def _proxy(value: dict[str, Any]) -> Entry:
    return Entry(
        method=value.get("RequestMethod"),
        url=value.get("RequestUri"),
        request_headers=_headers(value.get("RequestHeaders")),
        request_body=_kept(value, "Request"),
        status=value.get("StatusCode"),
        headers=_headers(value.get("ResponseHeaders")),
        body=_kept(value, "Response") or b"",
    )


def _kept(value: dict[str, Any], side: str) -> bytes | None:
    """A body as the test proxy keeps it by its type: JSON as the value that it is, other text whole or in its lines, bytes as base64."""
    body, headers = value.get(f"{side}Body"), value.get(f"{side}Headers") or {}
    kind = str(next((headers[name] for name in headers if name.lower() == "content-type"), "")).lower()
    if isinstance(body, list) and "json" not in kind and all(isinstance(line, str) for line in body):
        return _body("".join(body))
    return _decoded(body) if isinstance(body, str) and kind.startswith(_BYTES) else _body(body)


def _body(body: Any) -> bytes | None:
    """Text as it is, anything else as the JSON that it was."""
    if body is None or isinstance(body, str):
        return body if body is None else body.encode("utf-8", "surrogatepass")
    return json.dumps(body, ensure_ascii=False, default=jsonarray.number).encode("utf-8", "surrogatepass")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise LeftOut("its body is not the base64 that it says it is") from None


def _headers(headers: Any) -> list[tuple[Any, Any]]:
    """Names with one value or several, or names and values in turn."""
    if isinstance(headers, list):
        return list(zip(headers[::2], headers[1::2], strict=False))
    several = [(name, value if isinstance(value, list) else [value]) for name, value in (headers or {}).items()]
    return [(name, one) for name, values in several for one in values]
