"""Verdicts as the rows of a table for a warehouse: Parquet files in folders `day=DATE/provider=HOST`, as Hive has them. Each piece of the
traffic has files of its own, which come to be there when it was judged to its end.

Each judgement that is no pass is a row; passes are counted, a row for all that differ in nothing that a row says. So the sum of `count`
by check and outcome is what the run file says. It must not judge. pyarrow writes, which comes with the extra `logs`.
"""

from __future__ import annotations

import datetime
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from conformance.exchange import Exchange, NotRecorded
from conformance.judge.verdicts import Check
from conformance.run.traffic import host_of, model_of, moment
from conformance.run.user_error import UserError, typed
from conformance.wire.jsontext import printable

INSTALL = "--rows needs pyarrow: install openai-conformance[logs]"
ROWS = 20_000
"""Rows that are kept until they are written."""
PARTITIONS = 200
"""Pairs of day and provider that one file each is written for; what is of more in one go has the provider OTHERS."""
OTHERS = "(others)"
UNKNOWN = "__HIVE_DEFAULT_PARTITION__"
"""What Hive calls the folder of no value."""
LONGEST = 500
"""Characters of a text."""
COLUMNS = {
    "check": "string", "level": "string", "outcome": "string", "count": "int64", "exchange": "string", "route": "string",
    "path": "string", "model": "string", "status": "int32", "started": "timestamp", "message": "string",
}  # fmt: skip
"""The columns of a file, in their order; `day` and `provider` are in the names of its folders. docs/scale.md says what they hold."""


class _Facts(NamedTuple):
    """What a row says of an exchange."""

    day: str
    provider: str
    route: str | None
    model: str | None
    status: int | None


class Rows:
    """Takes what the judge made of exchanges, piece by piece, and writes it below a folder."""

    def __init__(self, folder: str) -> None:
        self._folder, self._piece = Path(folder), 0
        self._last: tuple[Exchange, _Facts] | None = None
        self._clear()

    def _clear(self) -> None:
        self._passed: Counter[tuple[_Facts, str, str]] = Counter()
        self._rows: list[tuple[_Facts, dict[str, Any]]] = []
        self._written: list[tuple[Path, Path]] = []
        self._number = 0

    def begin(self, piece: int) -> None:
        """What comes next is of this piece of the traffic; one that did not come to its end is forgotten."""
        self._clear()
        self._piece = piece

    def note(self, check: Check, group: Sequence[Exchange], outcome: str, messages: Sequence[str]) -> None:
        """A check said this of an exchange, or of several that belong together, of which the last has the other columns."""
        x = group[-1]
        if self._last is None or self._last[0] is not x:
            self._last = x, _facts(x)
        facts = self._last[1]
        if outcome == "pass":
            self._passed[facts, check.id, check.level] += 1
        else:
            at = moment(x)
            row = {
                "check": check.id, "level": check.level, "outcome": outcome, "count": 1,
                "exchange": _cut(" + ".join(each.id for each in group)), "path": _cut(urlsplit(x.url).path),
                "started": None if at is None else round(at * 1e6), "message": _cut("; ".join(messages)),
            }  # fmt: skip
            self._rows.append((facts, row))
        if len(self._rows) + len(self._passed) >= ROWS:
            self._write()

    def end(self) -> None:
        """The piece was judged to its end: its files get their names."""
        self._write()
        for beside, path in self._written:
            os.replace(beside, path)
        self._clear()

    def _write(self) -> None:
        import pyarrow
        from pyarrow.parquet import write_table

        schema = pyarrow.schema(
            (name, pyarrow.timestamp("us", "UTC") if kind == "timestamp" else getattr(pyarrow, kind)())
            for name, kind in COLUMNS.items()
        )
        for place, rows in self._by_place().items():
            folder = self._folder / place
            folder.mkdir(parents=True, exist_ok=True)
            name = f"piece-{self._piece:08}-{self._number:04}.parquet"
            write_table(pyarrow.Table.from_pylist(rows, schema), folder / f".{name}.part", compression="zstd")
            self._written.append((folder / f".{name}.part", folder / name))
        self._number += 1
        self._passed.clear()
        self._rows.clear()

    def _by_place(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of each folder, sorted, so that the same traffic gives the same files."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        passed = [
            (facts, {"check": check, "level": level, "outcome": "pass", "count": count})
            for (facts, check, level), count in self._passed.items()
        ]
        for facts, row in (*self._rows, *passed):
            place = f"day={facts.day}/provider={facts.provider}"
            if place not in found and len(found) >= PARTITIONS:
                place = f"day={UNKNOWN}/provider={quote(OTHERS)}"
            found[place].append(row | {"route": facts.route, "model": facts.model, "status": facts.status})
        for rows in found.values():
            rows.sort(key=lambda row: (row["check"], row["outcome"], row.get("exchange") or "", str(row)))
        return found


def _facts(x: Exchange) -> _Facts:
    at, host = moment(x), host_of(x.url)
    day = UNKNOWN if at is None else datetime.datetime.fromtimestamp(at, datetime.UTC).date().isoformat()
    try:
        status = x.status
    except NotRecorded:
        status = None
    return _Facts(day, quote(host[:60], safe="") or UNKNOWN, x.route, _cut(model_of(x)) or None, status)


def _cut(text: str) -> str:
    return printable(text[:LONGEST])


def prepare(folder: str) -> None:
    """Raises UserError where no rows can be written, or some are there, among which ours would be counted as well."""
    if find_spec("pyarrow") is None:
        raise UserError(INSTALL)
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        if next(Path(folder).rglob("*.parquet"), None) is not None:
            raise UserError(f"--rows {typed(folder, 100)} holds rows of another run, expected an empty folder")
    except OSError as error:
        raise UserError(f"--rows {typed(folder, 100)} cannot be written: {error.strerror}") from None


def tidy(folder: str) -> None:
    """Take away what was left by processes that were ended."""
    for path in Path(folder).rglob(".*.part"):
        path.unlink(missing_ok=True)
