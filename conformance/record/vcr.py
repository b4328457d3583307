"""Cassettes, as the VCR libraries keep HTTP calls for tests: vcrpy in YAML and JSON (pytest-recording writes the same), and its
relatives: parsed bodies (pydantic-ai), requests and responses in two lists (LangChain), Ruby's VCR, go-vcr.

Read interaction by interaction. It must not repair or guess: see recorded.py.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import yaml

from conformance.record import jsonarray
from conformance.record.entries import Entry, LeftOut, attempted
from conformance.record.jsonarray import ELEMENT_BYTES, Broken, number
from conformance.record.yamlnodes import Nodes, Unfit

LISTS = ("interactions", "http_interactions")
"""Where the interactions stand: vcrpy and go-vcr, Ruby's VCR."""
NAMES = (*LISTS, "requests", "responses")


def entries(file: BinaryIO, *, as_json: bool) -> Iterator[Entry | LeftOut]:
    """Every interaction of a cassette, in its order; LeftOut where one cannot be read. Raises Broken, OSError."""
    for interaction in _of_json(file) if as_json else _of_yaml(file):
        unread = isinstance(interaction, LeftOut)
        yield interaction if unread else attempted(_entry, interaction, "an interaction as cassettes have them")


def _of_json(file: BinaryIO) -> Iterator[Any]:
    head = file.read(jsonarray.BLOCK)
    place = next((name for name in LISTS if name in jsonarray.names(head)), LISTS[0])
    yield from jsonarray.elements(jsonarray.Ahead(head, file), f"{place}.item")


class Bounded:
    """A file that gives so many bytes for one interaction, and no more."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.given = 0

    def read(self, size: int) -> bytes:
        self.given += size
        if self.given > ELEMENT_BYTES:
            raise Broken(f"longer than {ELEMENT_BYTES:,} bytes, which is more than one call needs")
        return self._file.read(size)


def _of_yaml(file: BinaryIO) -> Iterator[Any]:
    bounded = Bounded(file)
    nodes = Nodes(bounded, ELEMENT_BYTES)
    requests: list[Any] = []
    if not (nodes.at(yaml.StreamStartEvent) and nodes.at(yaml.DocumentStartEvent) and nodes.at(yaml.MappingStartEvent)):
        raise Broken("not a cassette: no mapping at the top")
    while not nodes.at(yaml.MappingEndEvent):
        name = _read(nodes)
        if not isinstance(name, str) or name not in NAMES or not nodes.at(yaml.SequenceStartEvent):
            _read(nodes)
            continue
        position = 0
        while not nodes.at(yaml.SequenceEndEvent):
            value = _read(nodes)
            if name == "requests":
                requests.append(value)
            else:
                bounded.given = 0
                yield value if name in LISTS else _joined(requests, position, value)
            position += 1


def _read(nodes: Nodes) -> Any:
    """The value of the next node; LeftOut where none can be made of it. Raises Broken."""
    try:
        return nodes.value()
    except Unfit as reason:
        return LeftOut(str(reason))


def _joined(requests: list[Any], position: int, response: Any) -> Any:
    """The interaction of a response and the request at the same place of the other list."""
    if isinstance(response, LeftOut):
        return response
    if position >= len(requests):
        return LeftOut("its request is missing")
    request = requests[position]
    return request if isinstance(request, LeftOut) else {"request": request, "response": response}


# ---------------------------------------------------------------------- one interaction


def _entry(interaction: dict[str, Any]) -> Entry:
    if interaction.keys() >= {"direction", "data"}:  # pydantic-ai's, of realtime sessions
        raise LeftOut("a message of a WebSocket alone", fault=False)
    request, response = interaction["request"], interaction["response"]
    body, scrubbed = _response_body(response)
    return Entry(
        method=request["method"],
        url=request["uri"] if "uri" in request else request["url"],
        request_headers=_headers(request.get("headers")),
        request_body=_request_body(request),
        status=_status(response),
        headers=_headers(response.get("headers")),
        body=body,
        headers_known=not scrubbed,
    )


def _request_body(request: dict[str, Any]) -> bytes | None:
    if request.get("parsed_body") is not None:
        return _dumped(request["parsed_body"])
    return _bytes(request.get("body"))


def _response_body(response: dict[str, Any]) -> tuple[bytes, bool]:
    """The body, and whether it shows that the recorder scrubbed headers: who parses bodies leaves headers out, too."""
    if "parsed_body" in response:
        return _dumped(response["parsed_body"]), True
    if "body" not in response and "content" in response:  # vcrpy before 6, for httpx
        return _bytes(response["content"]) or b"", False
    return _bytes(response.get("body")) or b"", False


def _bytes(body: Any) -> bytes | None:
    """A body as the libraries write one: text, bytes, or an object that holds either."""
    if isinstance(body, dict):
        if body.get("base64_string") is not None:
            return _from_base64(body["base64_string"])
        text = body.get("string")
        if isinstance(text, str) and str(body.get("encoding", "")).lower() == "base64":
            return _from_base64(text)
        return _bytes(text)
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if body is None or isinstance(body, bytes):
        return body
    raise LeftOut(f"its body is of the type {type(body).__name__}")


def _from_base64(text: Any) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError, TypeError):
        raise LeftOut("its body is not the base64 that it says it is") from None


def _dumped(value: Any) -> bytes:
    """A parsed body as JSON text."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=number).encode("utf-8", "surrogatepass")


def _status(response: dict[str, Any]) -> Any:
    """vcrpy: `status: {code, message}`, R's vcr: `status: {status_code}`, vcrpy for httpx of old: `status_code`; go-vcr: `status: 200 OK`
    and `code`."""
    status = response.get("status")
    if isinstance(status, dict):
        return status.get("code", status.get("status_code"))
    return next((response[name] for name in ("status_code", "code") if name in response), status)


def _headers(headers: Any) -> list[tuple[Any, Any]]:
    """Names with one value or a list of them; some write a list of pairs or of objects."""
    if isinstance(headers, dict):
        pairs = list(headers.items())
    else:
        pairs = [(h["name"], h["value"]) if isinstance(h, dict) else tuple(h) for h in headers or ()]
    return [(name, one) for name, value in pairs for one in (value if isinstance(value, list) else [value])]
