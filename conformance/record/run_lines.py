"""The lines of a run file (run.json says what each holds), and the exchanges in them: what `--replay` judges, and reports read.

It must not judge or repair: the bytes are those that were recorded, so the verdicts are those of the live run.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from conformance.exchange import Exchange
from conformance.exchange.fragment import without
from conformance.record.jsonarray import Broken, bounded
from conformance.record.packed import GZIP, opened
from conformance.record.remote import Remote, Unreachable
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON, show
from conformance.wire.redact import without_keys

FORMAT = 1
"""Raised when a line of an older file would be read wrongly."""
MAX_LINE, MAX_VALUES = 100 * 1024 * 1024, 1_000_000
"""Bytes of one line: a body of `Limits.body_bytes`, each byte escaped, and some room; and the values in it beside the body."""
SMALL = 1024 * 1024
"""Bytes of a line that is parsed without a look at what it holds."""

Record = dict[str, Any]
_OF_LOGS = ("took", "session")
"""Fields that stand in the line of an exchange only where there is something in them."""


class RunFileError(Exception):
    """The file cannot be written, or is not a run file; one line that names it and the line in it."""


def exchange_record(x: Exchange) -> Record:
    """The line of an exchange; `exchange_of` is its inverse."""
    held = vars(x)  # also what a Fragment lets nobody read
    record = {"type": "exchange"} | {
        f.name: held[f.name] for f in fields(Exchange) if f.name not in ("memo", *_OF_LOGS)
    }
    record |= {name: held[name] for name in _OF_LOGS if held[name] is not None}
    record |= {"missing": sorted(x.missing)} if x.missing else {}
    return record | {
        "request_body": _text(held["request_body"]),
        "body": _text(x.body),
        "intent": sorted(x.intent),
    }


def exchange_of(record: Record) -> Exchange:
    """The exchange of a line that holds to the schema."""
    values = {f.name: record[f.name] for f in fields(Exchange) if f.name not in ("memo", *_OF_LOGS)}
    values |= {name: record.get(name) for name in _OF_LOGS}
    for name in ("request_headers", "headers", "arrivals"):
        values[name] = tuple(tuple(pair) for pair in values[name])
    for name in ("request_body", "body"):
        values[name] = _bytes(values[name])
    return without(Exchange(**values | {"intent": frozenset(record["intent"])}), *record.get("missing", ()))


def records(
    path: str | Path | Remote,
    skip: Sequence[str] = (),
    span: tuple[int, int | None] = (0, None),
    known: dict[bytes, Record] | None = None,
) -> Iterator[Record]:
    """The lines of a run file, each checked against the schema, the header first. A last line that was cut off comes as
    {"type": "half"}. Lines that begin as this module writes those of the types `skip` are passed over unread; `span` limits them to
    those that begin from one byte on and before another, each the first of a line. `known` holds lines that were read before, for who reads
    many files that say the same. Raises RunFileError."""
    number, last, (start, end) = 0, None, span
    beginnings = tuple(b'{"type": "%b"' % kind.encode() for kind in skip)
    try:
        with ExitStack() as stack:
            file = opened(path, stack, start=start)
            at, last = start, "exchange" if start else None
            while (end is None or at < end) and (line := file.readline(MAX_LINE + 1)):
                number, at = number + 1, at + len(line)
                if beginnings and last not in (None, "footer") and line.startswith(beginnings) and line.endswith(b"\n"):
                    continue
                record, wrong = _record(line) if known is None else _known(line, known)
                if last is None and (wrong or record["type"] != "header"):
                    raise RunFileError(f"{path}: line 1 is not the header of a run file ({wrong or 'another line'})")
                if wrong and not line.endswith(b"\n") and not file.read(1) and last != "footer":
                    record, wrong = {"type": "half"}, None
                if last == "footer" or (last is not None and not wrong and record["type"] == "header"):
                    wrong = "a line after the footer" if last == "footer" else "a second header"
                if wrong:
                    raise RunFileError(
                        f"{path}: line {number}{f' from byte {start:,} on' if start else ''} is broken ({wrong})"
                    )
                last = record["type"]
                yield record
    except Unreachable:
        raise
    except (OSError, EOFError, zlib.error, Broken) as error:
        raise RunFileError(f"{path} cannot be read: {why(error)}") from None
    if last is None:
        raise RunFileError(f"{path} is empty, expected a run file")


def is_gzipped(path: str | Path) -> bool:
    """Raises OSError."""
    with open(path, "rb") as file:
        return file.read(2) == GZIP


MOST_KNOWN, LONGEST_KNOWN = 20_000, 8192
"""Lines that are kept to be known again, and the bytes of one."""


def _known(line: bytes, known: dict[bytes, Record]) -> tuple[Record, str | None]:
    """The same as `_record` of a line that may have been read before."""
    if (record := known.get(line)) is not None:
        return dict(record), None
    record, wrong = _record(line)
    if wrong is None and len(known) < MOST_KNOWN and len(line) <= LONGEST_KNOWN:
        known[line] = dict(record)
    return record, wrong


def _record(line: bytes) -> tuple[Record, str | None]:
    """A line's value, and what is wrong with it."""
    if len(line) > MAX_LINE:
        return {}, f"longer than {MAX_LINE:,} bytes"
    try:
        if len(line) > SMALL:
            bounded(line, MAX_VALUES, MAX_LINE)
        record = jsontext.parse(line)
    except (NotJSON, Broken) as reason:
        return {}, f"not JSON: {reason}"
    if isinstance(record, dict) and record.get("type") == "header" and record.get("format") != FORMAT:
        return {}, f"format {show(record.get('format'))}, this version reads format {FORMAT}"
    kind = record.get("type") if isinstance(record, dict) else None
    error = next(_schema(kind if isinstance(kind, str) else None).iter_errors(record), None)
    if error is None:
        return record, None
    place = ".".join(map(str, error.instance_path)) or "the line"
    return {}, f"{place} does not fit the schema: {show(without_keys(error.message), 120)}"


@cache
def _schema(kind: Any) -> Any:
    """The validator of one type of line, of any line where the type is unknown: its errors are short that way."""
    import jsonschema_rs

    schema = json.loads((Path(__file__).parent / "run.json").read_text("utf-8"))
    if kind in {part["$ref"].rpartition("/")[2] for part in schema["oneOf"]}:
        schema = {"$schema": schema["$schema"], "$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]}
    return jsonschema_rs.validator_for(schema)


CONTROL = bytes({*range(0x20), 0x7F} - {*b"\t\n\r"})
"""What no text holds many of, and what is six times as long in JSON."""


def _text(body: bytes) -> str | Record:
    with contextlib.suppress(UnicodeDecodeError):
        if 2 * len(body.translate(None, CONTROL)) >= len(body):
            return body.decode("utf-8")
    return {"base64": base64.b64encode(body).decode("ascii")}


def _bytes(body: str | Record) -> bytes:
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else base64.b64decode(body["base64"])


def why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


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
