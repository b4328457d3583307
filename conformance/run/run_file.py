"""The run file: one judging as JSON lines, each on disk the moment it is complete. Reports read it and nothing else.

One line is a header, an exchange, what was made of them (verdict, feature, gap; golden, latency and same-model of parity; finding of an
exploration; trial of a client; lie to a gateway; traffic of a day and a model) or the footer: record/run.json says what each holds. A file
without a footer is a run that was cut off, and readable; it may be gzipped. It must not judge, and holds no secret: what comes in has been
redacted, and `redactor` is a second net. Lines are pure ASCII, so that nothing an endpoint said reaches a terminal that shows the file.
"""

from __future__ import annotations

import json
import os
import platform
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from conformance import __version__
from conformance.clients.breaks import breaks, versions
from conformance.exchange import Exchange
from conformance.record.run_lines import FORMAT, Record, RunFileError, exchange_of, exchange_record, records, why
from conformance.wire.redact import Redactor

if TYPE_CHECKING:
    from conformance.judge.decider import Decided
    from conformance.judge.verdicts import Verdict


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
    findings: list[Record] = field(default_factory=list)
    trials: list[Record] = field(default_factory=list)
    traffic: list[Record] = field(default_factory=list)
    lies: list[Record] = field(default_factory=list)
    footer: Record | None = None
    remark: str | None = None


class RunWriter:
    """Writes a run file: `with RunWriter(path) as run: run.header(...); run.exchange(x)`. Raises RunFileError.

    Every call hands its whole line to the operating system before it returns, so that killing the process then loses nothing.
    """

    def __init__(self, path: str | Path, redactor: Redactor | None = None) -> None:
        self.path = Path(path)
        self._redactor = redactor or Redactor()
        self._whole_line = threading.Lock()
        try:
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
        except (OSError, ValueError) as error:
            raise RunFileError(f"{self.path} cannot be written: {why(error)}") from None

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
        """A line made elsewhere: sdk (witness.py), gap, golden, latency, same-model (parity/), finding (explore/), trial (watch/),
        traffic (traffic.py), lie (gateway/)."""
        self._write(self._redactor.value(record))

    def footer(self, about: Record) -> None:
        """The last line. `about` holds `counts`, `exit_code` and `skipped`; the time is added where it has none."""
        self._write({"type": "footer", "finished": _now(), **self._redactor.value(about)})

    def _write(self, record: Record) -> None:
        line = self._redactor.bytes(json.dumps(record, allow_nan=False).encode("ascii")) + b"\n"
        try:
            with self._whole_line:
                while line:
                    line = line[os.write(self._file, line) :]
        except OSError as error:
            raise RunFileError(f"{self.path} cannot be written: {why(error)}") from None


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
    if v.outcome == "fail" and (broken := breaks(v.check.breaks)):
        record["breaks"] = {f"{name} {versions(name)}": lines[0] for name, lines in broken.items()}
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


def read(path: str | Path, skip: Sequence[str] = (), known: dict[bytes, Record] | None = None) -> Run:
    """The whole run, or all of it but lines of the types `skip`, which are not parsed; `known` is for who reads many that say the same
    (run_lines.py). Raises RunFileError."""
    run = None
    for record in records(path, skip, known=known):
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
            case "finding":
                run.findings.append(record)
            case "trial":
                run.trials.append(record)
            case "traffic":
                run.traffic.append(record)
            case "lie":
                run.lies.append(record)
            case "half":
                run.remark = f"{run.remark}, and its last line is half written and was left out"
    return run


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
