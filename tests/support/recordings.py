"""Recordings for the tests and the benchmark, made of the reference's own answers: HAR entries, interactions, whole files."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.exchange import Exchange
from conformance.record import recognition
from conformance.record.entries import Skipped
from conformance.send.inprocess import exchanges
from conformance.wire.redact import Redactor

Json = dict[str, Any]

HONEST = {x.id: x.redacted(Redactor()) for x in exchanges() if "too-long" not in x.intent}
"""The honest reference's answers by id, as a recorder may have kept them."""


def read(path: Path, **options: Any) -> list[Exchange | Skipped]:
    """What comes of a recording, which must be recognised."""
    (recording,), amiss, _ = recognition.find([str(path)])
    assert amiss == []
    return list(recognition.exchanges(recording, **options))


def har_entry(x: Exchange, *, encoding: str | None = None, **more: Any) -> Json:
    """What a browser's recorder would write of this exchange."""
    if encoding is None and (x.media_type.startswith(("audio/", "image/")) or b"\x00" in x.body):
        encoding = "base64"
    text = base64.b64encode(x.body).decode() if encoding == "base64" else x.body.decode("utf-8", "surrogateescape")
    content: Json = {"size": len(x.body), "mimeType": x.header("content-type") or "", "text": text}
    request: Json = {"method": x.method, "url": x.url, "httpVersion": "HTTP/1.1", "cookies": [], "queryString": []}
    request |= {"headers": _named(x.request_headers), "headersSize": -1, "bodySize": len(x.request_body)}
    if x.request_body:
        request["postData"] = {"mimeType": "application/json", "text": x.request_body.decode("utf-8", "replace")}
    started = datetime.datetime.fromtimestamp(x.started or 0, datetime.UTC)
    return {
        "startedDateTime": started.isoformat().replace("+00:00", "Z"),
        "time": 12.5,
        "request": request,
        "response": {
            "status": x.status,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _named(x.headers),
            "content": content | ({"encoding": encoding} if encoding else {}),
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(x.body),
        },
        "cache": {},
        "timings": {"send": 0.1, "wait": 12.0, "receive": 0.4},
        **more,
    }


def har_connection(*turns: Exchange) -> Json:
    """What Chromium would write of a WebSocket that carried these turns, one after the other."""
    messages: list[Json] = []
    for x in turns:
        sent = x.request_body.decode().split("\n")
        messages += [{"type": "send", "time": x.started, "opcode": 1, "data": text} for text in sent]
        for event in x.sse[1]:
            if event.data is not None:
                messages.append({"type": "receive", "time": x.started, "opcode": 1, "data": event.data})
    entry = har_entry(replace(turns[0], request_body=b"", body=b""))
    return entry | {"_resourceType": "websocket", "_webSocketMessages": messages}


def _named(headers: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in headers]


def har(entries: Sequence[Json]) -> Json:
    return {
        "log": {"version": "1.2", "creator": {"name": "tests", "version": "1"}, "pages": [], "entries": list(entries)}
    }


def interaction(x: Exchange) -> Json:
    """What vcrpy would write of this exchange."""
    return {
        "request": {
            "body": x.request_body.decode("utf-8", "replace") or None,
            "headers": {name: [value] for name, value in x.request_headers},
            "method": x.method,
            "uri": x.url,
        },
        "response": {
            "body": {"string": x.body.decode("utf-8")},
            "headers": _listed(x.headers),
            "status": {"code": x.status, "message": "OK"},
        },
    }


def _listed(headers: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for name, value in headers:
        listed.setdefault(name, []).append(value)
    return listed


def write_large_har(path: Path, entries: Sequence[Json], size: int) -> int:
    """Write these entries over and over until the file has that many bytes; how many there are."""
    texts, number, written = [json.dumps(entry) for entry in entries], 0, 0
    with path.open("w", encoding="ascii") as file:
        file.write('{"log": {"version": "1.2", "creator": {"name": "tests", "version": "1"}, "entries": [')
        while written < size:
            text = texts[number % len(texts)]
            written += file.write(f",{text}" if number else text)
            number += 1
        file.write("]}}")
    return number
