"""What httpmock, in which Rust's tests keep HTTP, records: a YAML document a call, of the request (`when`) and the answer (`then`).

It must not repair or guess: see entries.py. It keeps no host.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import urlencode

import yaml

from conformance.record.entries import Entry, LeftOut, attempted
from conformance.record.jsonarray import ELEMENT_BYTES, Broken
from conformance.record.vcr import Bounded
from conformance.record.yamlnodes import Nodes, Unfit

FIRST = re.compile(rb"(?:---[ \t]*\r?\n)?when:[ \t]*\r?\n[ \t]+(?:path|method|query_param|header)\b")


def entries(file: BinaryIO) -> Iterator[Entry | LeftOut]:
    """Every call, in its order; LeftOut where one cannot be read. Raises Broken, OSError."""
    bounded = Bounded(file)
    nodes = Nodes(bounded, ELEMENT_BYTES)
    if not nodes.at(yaml.StreamStartEvent):
        raise Broken("no YAML")
    while nodes.at(yaml.DocumentStartEvent):
        try:
            value = nodes.value()
        except Unfit as reason:
            yield LeftOut(str(reason))
        else:
            yield attempted(_entry, value, "a call as httpmock keeps it")
        bounded.given = 0
        nodes.at(yaml.DocumentEndEvent)


def _entry(value: dict[str, Any]) -> Entry:
    asked, answer = value["when"], value["then"]
    query = urlencode(_pairs(asked.get("query_param")))
    return Entry(
        method=asked["method"],
        url=f"{asked['path']}{'?' if query else ''}{query}",
        request_headers=_pairs(asked.get("header")),
        request_body=_body(asked),
        status=answer["status"],
        headers=_pairs(answer.get("header")),
        body=_body(answer) or b"",
    )


def _pairs(named: Any) -> list[tuple[Any, Any]]:
    return [(each["name"], each["value"]) for each in named or ()]


def _body(side: dict[str, Any]) -> bytes | None:
    text = side.get("body")
    if text is None:
        return None
    return base64.b64decode(text, validate=True) if side.get("body_encoding") == "base64" else text.encode()
