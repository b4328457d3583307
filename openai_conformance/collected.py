"""What the tests of a session sent and got: on disk the moment it is complete, one file a process, and judged at the end together."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.exchange import Exchange
from conformance.run.run_file import Run, RunWriter, read

ENDING = ".part"
NAME = "recorded"
"""The file of all, which stands before the # in the names of its exchanges."""


class Collected:
    """Takes exchanges and names them by the test in which they were begun. Several processes may share a folder."""

    def __init__(self, folder: Path, process: str) -> None:
        self.folder, self._file = folder, folder / f"{process}{ENDING}"
        self.test = "session"
        """The test that is running; what fixtures send between two tests belongs to the session."""
        self.number = 0
        self._seen: Counter[str] = Counter()
        self._writer: RunWriter | None = None
        self._alone = threading.Lock()

    def name(self) -> str:
        """The name of the exchange that comes next: its test's, with a number from the second on."""
        test = re.sub(r"[#~]", "-", self.test).replace(" + ", "+")
        self._seen[test] += 1
        return test if self._seen[test] == 1 else f"{test} ({self._seen[test]})"

    def take(self, x: Exchange) -> None:
        with self._alone:  # tests may send from threads
            if self._writer is None:
                self._writer = RunWriter(self._file)
                self._writer.header({"options": {}, "target": {}})
            self._writer.exchange(x)
            self.number += 1

    def close(self) -> None:
        if self._writer is not None:
            self._writer.__exit__(None, None, None)
            self._writer = None

    def put_together(self) -> Path | None:
        """One file of the exchanges of all processes: in their order where there is one process, else in that of their names, which
        does not hang on who ran which test. None where nothing was sent."""
        files = sorted(self.folder.glob(f"*{ENDING}"))
        found = list(self._exchanges(files))
        if not found:
            return None
        if len(files) > 1:
            found.sort(key=lambda x: [int(part) if part.isdigit() else part for part in re.split("([0-9]+)", x.id)])
        with RunWriter(self.folder / NAME) as writer:
            writer.header({"options": {}, "target": {}})
            for x in found:
                writer.exchange(x)
            writer.footer({"counts": {}, "exit_code": 0, "skipped": []})
        return self.folder / NAME

    def _exchanges(self, files: list[Path]) -> Iterator[Exchange]:
        for file in files:
            yield from read(file).exchanges


def judged(recording: Path, given: Mapping[str, Any]) -> Run:
    """The run that judged a recording, by the options given. Raises UserError."""
    from conformance.report.files import write_reports
    from conformance.run import conductor
    from conformance.run.options import Options

    reports: conductor.Reports = write_reports if "report" in given else lambda folder, baseline: []
    options = {"report": str(recording.parent / "judged"), **given, "recordings": (str(recording),)}
    return read(conductor.conduct(Options.make(options), reports=reports).files[0])
