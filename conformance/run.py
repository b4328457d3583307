"""The run file: one judging as JSON lines, each on disk the moment it is complete. Reports read it and nothing else.

One line is a header, an exchange, what was made of them (verdict, feature, gap; golden, latency and same-model of parity) or the
footer: schemas/run.json says what each holds. A file without a footer is a run
that was cut off, and readable; it may be gzipped. It must not judge, and holds no secret: what comes in has been redacted, and
`redactor` is a second net. Lines are pure ASCII, so that nothing an endpoint said reaches a terminal that shows the file.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import platform
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from conformance import __version__
from conformance.exchange import Exchange
from conformance.fragment import without
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON, show
from conformance.wire.redact import Redactor

if TYPE_CHECKING:
    from conformance.catalogue import Verdict
    from conformance.features.deciding import Decided

FORMAT = 1
"""Raised when a line of an older file would be read wrongly."""
REFUSED = "~refused"
"""Ends the id of an exchange whose request was sent once more, without what it was refused for (sources/leaner.py)."""
MAX_LINE = 128 * 1024 * 1024
"""Bytes of one line: a body of `Limits.body_bytes`, each byte escaped, and some room."""

Record = dict[str, Any]


class RunFileError(Exception):
    """The file cannot be written, or is not a run file; one line that names it and the line in it."""


@dataclass
class Run:
    """What a run file holds. `footer` is None where the run was cut off; `remark` then says so, or what was dropped."""

    header: Record
    exchanges: list[Exchange] = field(default_factory=list)
    verdicts: list[Record] = field(default_factory=list)
    features: list[Record] = field(default_factory=list)
    sdk: dict[str, Record] = field(default_factory=dict)
    gaps: list[Record] = field(default_factory=list)
    golden: list[Record] = field(default_factory=list)
    latency: dict[str, Record] = field(default_factory=dict)
    same_model: Record | None = None
    footer: Record | None = None
    remark: str | None = None


class RunWriter:
    """Writes a run file: `with RunWriter(path) as run: run.header(...); run.exchange(x)`. Raises RunFileError.

    Every call hands its whole line to the operating system before it returns, so that killing the process then loses nothing.
    """

    def __init__(self, path: str | Path, redactor: Redactor | None = None) -> None:
        self.path = Path(path)
        self._redactor = redactor or Redactor()
        try:
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
        except (OSError, ValueError) as error:
            raise RunFileError(f"{self.path} cannot be written: {_why(error)}") from None

    def __enter__(self) -> RunWriter:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._file)

    def header(self, about: Record) -> None:
        """The first line. `about` holds at least `options` and `target`; versions are added, and the time where it has none."""
        versions = {"format": FORMAT, "version": __version__, "python": platform.python_version(), "started": _now()}
        self._write({"type": "header", **versions, **self._redactor.value(about)})

    def exchange(self, x: Exchange) -> None:
        self._write(exchange_record(x))

    def verdict(self, v: Verdict) -> None:
        self._write(verdict_record(v))

    def feature(self, each: Decided, *, required: bool) -> None:
        self._write(feature_record(each, required=required))

    def line(self, record: Record) -> None:
        """A line made elsewhere: sdk (witness.py), gap, golden, latency, same-model (parity/)."""
        self._write(self._redactor.value(record))

    def footer(self, about: Record) -> None:
        """The last line. `about` holds `counts`, `exit_code` and `skipped`; the time is added where it has none."""
        self._write({"type": "footer", "finished": _now(), **self._redactor.value(about)})

    def _write(self, record: Record) -> None:
        line = self._redactor.bytes(json.dumps(record, allow_nan=False).encode("ascii")) + b"\n"
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError as error:
            raise RunFileError(f"{self.path} cannot be written: {_why(error)}") from None


def exchange_record(x: Exchange) -> Record:
    """The line of an exchange; `exchange_of` is its inverse."""
    held = vars(x)  # also what a Fragment lets nobody read
    record = {"type": "exchange"} | {f.name: held[f.name] for f in fields(Exchange) if f.name != "memo"}
    record |= {"missing": sorted(x.missing)} if x.missing else {}
    return record | {
        "request_body": _text(held["request_body"]),
        "body": _text(x.body),
        "intent": sorted(x.intent),
    }


def exchange_of(record: Record) -> Exchange:
    """The exchange of a line that holds to the schema."""
    values = {f.name: record[f.name] for f in fields(Exchange) if f.name != "memo"}
    for name in ("request_headers", "headers", "arrivals"):
        values[name] = tuple(tuple(pair) for pair in values[name])
    for name in ("request_body", "body"):
        values[name] = _bytes(values[name])
    return without(Exchange(**values | {"intent": frozenset(record["intent"])}), *record.get("missing", ()))


def verdict_record(v: Verdict) -> Record:
    """The line of a verdict, with what a report says about its check."""
    record = {
        "type": "verdict",
        "check": v.check.id,
        "level": v.check.level,
        "outcome": v.outcome,
        "exchanges": list(v.exchanges),
        "problems": [_problem(*problem, count) for problem, count in zip_longest(v.problems, v.counts, fillvalue=0)],
        "judged": v.judged,
        "failed": v.failed,
        "requirement": v.check.requirement,
        "impact": v.check.impact,
        "source": list(v.check.source),
    }
    record |= {"left_out": v.left_out} if v.left_out else {}
    return record | {name: getattr(v, name) for name in ("reason", "known") if getattr(v, name) is not None}


def _problem(ids: Sequence[str], message: str, count: int) -> Record:
    return {"exchanges": list(ids), "message": message} | ({"count": count} if count > len(ids) else {})


def feature_record(each: Decided, *, required: bool) -> Record:
    """The line of a feature, and how an answer that honours it differs."""
    return {
        "type": "feature",
        "feature": each.feature.name,
        "decision": each.decision,
        "why": each.why,
        "exchanges": list(each.exchanges),
        "answers": each.counts,
        "required": required,
        "what": each.feature.what,
    }


def read(path: str | Path, skip: Sequence[str] = ()) -> Run:
    """The whole run, or all of it but lines of the types `skip`, which are not parsed. Raises RunFileError."""
    run = None
    for record in records(path, skip):
        match record.pop("type"):
            case "header":
                run = Run(record, remark="the run was cut off: its file has no footer")
            case "exchange":
                run.exchanges.append(exchange_of(record))
            case "verdict":
                run.verdicts.append(record)
            case "feature":
                run.features.append(record)
            case "sdk":
                run.sdk[record["exchange"]] = record
            case "footer":
                run.footer, run.remark = record, None
            case "gap":
                run.gaps.append(record)
            case "golden":
                run.golden.append(record)
            case "latency":
                run.latency[record["side"]] = record
            case "same-model":
                run.same_model = record
            case "half":
                run.remark = f"{run.remark}, and its last line is half written and was left out"
    return run


def records(path: str | Path, skip: Sequence[str] = ()) -> Iterator[Record]:
    """The lines of a run file, each checked against the schema, the header first. A last line that was cut off comes as
    {"type": "half"}. Lines that begin as this module writes those of the types `skip` are passed over unread. Raises
    RunFileError."""
    number, last = 0, None
    beginnings = tuple(b'{"type": "%b"' % kind.encode() for kind in skip)
    try:
        with gzip.open(path) if is_gzipped(path) else open(path, "rb") as file:
            while line := file.readline(MAX_LINE + 1):
                number += 1
                if beginnings and last not in (None, "footer") and line.startswith(beginnings) and line.endswith(b"\n"):
                    continue
                record, wrong = _record(line)
                if last is None and (wrong or record["type"] != "header"):
                    raise RunFileError(f"{path}: line 1 is not the header of a run file ({wrong or 'another line'})")
                if wrong and not line.endswith(b"\n") and not file.read(1) and last != "footer":
                    record, wrong = {"type": "half"}, None
                if last == "footer" or (last is not None and not wrong and record["type"] == "header"):
                    wrong = "a line after the footer" if last == "footer" else "a second header"
                if wrong:
                    raise RunFileError(f"{path}: line {number} is broken ({wrong})")
                last = record["type"]
                yield record
    except (OSError, EOFError, zlib.error) as error:
        raise RunFileError(f"{path} cannot be read: {_why(error)}") from None
    if last is None:
        raise RunFileError(f"{path} is empty, expected a run file")


def is_gzipped(path: str | Path) -> bool:
    """Raises OSError."""
    with open(path, "rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _record(line: bytes) -> tuple[Record, str | None]:
    """A line's value, and what is wrong with it."""
    if len(line) > MAX_LINE:
        return {}, f"longer than {MAX_LINE:,} bytes"
    try:
        record = jsontext.parse(line)
    except NotJSON as reason:
        return {}, f"not JSON: {reason}"
    if isinstance(record, dict) and record.get("type") == "header" and record.get("format") != FORMAT:
        return {}, f"format {show(record.get('format'))}, this version reads format {FORMAT}"
    error = next(_schema(record.get("type") if isinstance(record, dict) else None).iter_errors(record), None)
    if error is None:
        return record, None
    place = ".".join(map(str, error.instance_path)) or "the line"
    return {}, f"{place} does not fit the schema: {show(error.message, 120)}"


@cache
def _schema(kind: Any) -> Any:
    """The validator of one type of line, of any line where the type is unknown: its errors are short that way."""
    import jsonschema_rs

    schema = json.loads((Path(__file__).parent / "schemas" / "run.json").read_text("utf-8"))
    if kind in {part["$ref"].rpartition("/")[2] for part in schema["oneOf"]}:
        schema = {"$schema": schema["$schema"], "$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]}
    return jsonschema_rs.validator_for(schema)


def _text(body: bytes) -> str | Record:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def _bytes(body: str | Record) -> bytes:
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else base64.b64decode(body["base64"])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
