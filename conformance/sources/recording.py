"""Exchanges from a run file or a recording of ours (`--record` writes the same lines): what `--replay` judges.

It must not judge or repair: the bytes are those that were recorded, so the verdicts are those of the live run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from conformance.exchange import Exchange
from conformance.run import Record, exchange_of, is_gzipped, records

TAIL = 1024 * 1024
"""Bytes in which a footer is looked for: it names every request that was not sent, some 20 KB at most."""


def about(path: str | Path) -> tuple[Record, bool]:
    """The header of the file, and whether it was written to its end. Raises RunFileError."""
    header = next(records(path))
    if is_gzipped(path):
        return header, any(record["type"] == "footer" for record in records(path))
    with open(path, "rb") as file:
        file.seek(max(0, file.seek(0, 2) - TAIL))
        last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    return header, re.match(rb'\{\s*"type"\s*:\s*"footer"', last) is not None and last.endswith(b"}")


def exchanges(path: str | Path) -> Iterator[Exchange]:
    """The exchanges of the file, in the order in which they were completed, read one by one; a last line that was cut off
    is left out. Raises RunFileError."""
    for record in records(path):
        if record["type"] == "exchange":
            yield exchange_of(record)
