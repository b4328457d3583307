"""The bodies of requests as files beside the report, so that a curl line in a terminal is short and can be run as it is.

It must not hold a secret: what it writes was redacted when the exchange was made.
"""

from __future__ import annotations

import re
from pathlib import Path

from conformance.exchange import Exchange
from conformance.exchange.curl import LOST
from conformance.report.rows import evidence, rows
from conformance.run.run_file import Run

FOLDER = "requests"
SHORT = 80
"""Bytes of a body that stands in a curl line as it is."""
LONGEST, MOST = 4 * 1024 * 1024, 300
"""Bytes of one file, and how many files are written; what is left out stands in the page, cut."""


def write_bodies(run: Run, folder: Path) -> None:
    """Write the body of the first exchange that shows each failure. Raises OSError."""
    shown = {found[0].id: found[0] for row in rows(run) if row.state == "fail" and (found := evidence(row, run))}
    kept = [x for x in shown.values() if LOST.isdisjoint(x.missing)]
    written = [x for x in kept if SHORT < len(x.request_body) <= LONGEST][:MOST]
    if written:
        (folder / FOLDER).mkdir(exist_ok=True)
    for x in written:
        (folder / FOLDER / file_of(x)).write_bytes(x.request_body)


def as_file(x: Exchange, folder: Path) -> str:
    """The path of a file with the body of an exchange, written where it is needed; "" where the body is short text, or unknown. Raises
    OSError."""
    if not LOST.isdisjoint(x.missing) or (len(x.request_body) <= SHORT and _is_text(x.request_body)):
        return ""
    path = folder / FOLDER / file_of(x)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(x.request_body)
    return str(path)


def _is_text(body: bytes) -> bool:
    try:
        return body.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False


def file_of(x: Exchange) -> str:
    """The name of the file with the body of an exchange."""
    return re.sub(r"[^A-Za-z0-9+._~-]", "_", x.id).lstrip(".")[-120:] + ".json"


def body_file(x: Exchange, folder: Path) -> str:
    """The path of the file that holds the body of an exchange, "" where there is none."""
    path = folder / FOLDER / file_of(x)
    if not LOST.isdisjoint(x.missing):
        return ""
    return str(path) if len(x.request_body) > SHORT and path.is_file() else ""
