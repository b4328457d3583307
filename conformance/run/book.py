"""Where the exchanges of a run go: to disk first, the moment each is complete, then to everything that judges them.

What is live is judged in the order of the probes, not in that in which answers happened to come: so two runs of one endpoint name the
same examples. It must not send or decide anything itself.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from conformance.areas.catalogue import probes
from conformance.exchange import Exchange
from conformance.judge.decider import Decided
from conformance.judge.verdicts import Check, Verdict
from conformance.record.remote import shown
from conformance.run.last_run import is_part
from conformance.run.ledger import SHOWN_BYTES, Ledger, Sum
from conformance.run.options import Options
from conformance.run.run_file import RunWriter
from conformance.run.witness import AREA, Record, Witness
from conformance.send.requests import requests
from conformance.wire.redact import Redactor


class Book:
    """Takes each exchange once, the moment it is complete: to disk first, then to the judge."""

    def __init__(
        self,
        writing: Path,
        options: Options,
        checks: Sequence[Check],
        witness: Witness,
        watched: Collection[str] = (),
    ) -> None:
        self._writing, self._options, self._witness = writing, options, witness
        self._part = {"part": True} if is_part(options, checks) else {}
        self.ledger = Ledger(options, [c for c in checks if c.area != AREA], watched)
        self._stack = contextlib.ExitStack()
        self._writers: list[RunWriter] = []
        self._taken: list[Exchange] = []
        self._shown: set[str] = set()
        self._room = SHOWN_BYTES
        self.target: dict[str, Any] = {}
        self.models: dict[str, str | None] = {}
        """The model that answers by each endpoint beside chat that was asked for, None where none does."""
        self.cut_off = False

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()
        self._taken.clear()  # the reports read the run file

    def open(self, target: dict[str, Any], redactor: Redactor | None = None) -> None:
        """Begin the run file, and the recording where one is asked for."""
        self.target = target
        said = asdict(self._options)
        said["header"] = [header.partition("=")[0] for header in self._options.header]  # their values may be secrets
        said["recordings"] = [shown(each) for each in self._options.recordings]
        said["base_url"] = target.get("base_url")
        for path in (self._writing, *([Path(self._options.record)] if self._options.record else [])):
            path.parent.mkdir(parents=True, exist_ok=True)
            writer = self._stack.enter_context(RunWriter(path, redactor))
            whole = {"whole": True} if self._writers and self._options.by_others else {}
            writer.header({"options": said, "target": target | whole} | self._part)
            self._writers.append(writer)

    def take(self, x: Exchange) -> None:
        for writer in self._writers:
            writer.exchange(x)
        self._taken.append(x)
        self._witness.begin(x)

    def take_recorded(self, x: Exchange) -> list[tuple[Check, str, str]]:
        """Take an exchange that others made: to the judge, to the recording, and to the run file if it shows a fault. Gives (check,
        ids, problem) of each check that fails for the first time."""
        for writer in self._writers[1:]:
            writer.exchange(x)
        shown = self.ledger.take(x)
        record, odd = self._witness.look(x)
        self._show([*shown, *odd])
        self._tell(record, x.id)
        return self.ledger.news()

    def record(self, x: Exchange) -> None:
        """Write an exchange that is judged elsewhere to the recording."""
        for writer in self._writers[1:]:
            writer.exchange(x)

    def keep(self, x: Exchange) -> None:
        """Keep an exchange that others made in the run file, whether or not it was judged or found wrong."""
        if self._fits(x):
            self._writers[0].exchange(x)

    def begin_recording(self, piece: int) -> None:
        """What comes next is of this piece of the recordings."""
        self.ledger.begin(piece)

    def end_of_recording(self) -> None:
        self._show(self.ledger.end())

    def take_sum(self, sum: Sum) -> None:
        """Take what was counted of pieces elsewhere."""
        self.ledger.add(sum)

    def show_evidence(self) -> None:
        """Write what a report should show of all that was counted elsewhere."""
        self._show(self.ledger.evidence())

    def sample(self, x: Exchange) -> bool:
        """Let the official client look at an exchange that was judged elsewhere; False where it has seen enough."""
        if not self._witness.wants_more:
            return False
        record, odd = self._witness.look(x)
        self._show(odd)
        self._tell(record, x.id)
        return True

    def failing(self) -> dict[str, int]:
        """How often each check has failed so far."""
        return self.ledger.court.failing()

    def verdicts(self, checks: Sequence[Check]) -> list[Verdict]:
        """One verdict for each of these checks, in their order."""
        for x in sorted(self._taken, key=place):
            self.ledger.take(x)
            self._witness.keep(x)
        found = self.ledger.verdicts()
        seen, records = self._witness.finish(found)
        for record in records:
            self._writers[0].line(record)
        by_id = {verdict.check.id: verdict for verdict in (*found, *seen)}
        return [by_id[check.id] for check in checks]

    def _show(self, exchanges: Sequence[Exchange]) -> None:
        for x in exchanges:
            if self._fits(x):
                self._writers[0].exchange(x)
                self._tell(self._witness.look(x, shown=True)[0], x.id)

    def _fits(self, x: Exchange) -> bool:
        """Whether the run file lacks this exchange and has room for it; then it is counted as shown."""
        size = len(x.body) + len(vars(x)["request_body"])
        if x.id in self._shown or size > self._room:
            return False
        self._shown.add(x.id)
        self._room -= size
        return True

    def _tell(self, record: Record | None, id: str) -> None:
        """What the official client made of an exchange, where the run file holds it."""
        if record is not None and id in self._shown:
            self._writers[0].line(record)

    def close(
        self,
        verdicts: Sequence[Verdict],
        decided: Sequence[tuple[Decided, bool]],
        about: dict[str, Any],
        lines: Sequence[Record] = (),
    ) -> None:
        """End the run file with the verdicts, the features (each, and whether it is required), further lines and the footer,
        and the recording, which holds exchanges only."""
        for verdict in verdicts:
            self._writers[0].verdict(verdict)
        for each, needed in decided:
            self._writers[0].feature(each, required=needed)
        for line in (*self.ledger.traffic.records(), *lines):
            self._writers[0].line(line)
        self._writers[0].footer(about)
        for writer in self._writers[1:]:
            writer.footer({**about, "counts": {}, "red": [], "complaints": []})


@cache
def _places() -> dict[str, int]:
    sent = (request.id for probe in probes() for request in requests(probe, ""))
    return {id: place for place, id in enumerate(sent)}


def place(x: Exchange) -> tuple[Any, ...]:
    """Where an exchange stands in the order of the probes: what was set aside before what was sent in its place, and what no
    probe names, such as a burst, at the end, by its number."""
    base, apart, _ = x.id.partition("~")
    numbers = [int(part) if part.isdigit() else part for part in re.split("([0-9]+)", x.id)]
    return _places().get(base, len(_places())), not apart, numbers
