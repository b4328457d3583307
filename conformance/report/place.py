"""Where findings about an endpoint stand for tools that want a file of the repository: in its file of known deviations, else in its
configuration, else in the run file."""

from __future__ import annotations

import os
from pathlib import Path

from conformance.report.rows import Row
from conformance.run.report_names import RUN
from conformance.run.run_file import Run


def place(run: Run, folder: Path) -> str:
    """The path, from the current folder where it is below that, with `/` between its parts."""
    options = run.header.get("options") or {}
    path = next(
        (options[name] for name in ("known", "config") if options.get(name) not in (None, "none")), folder / RUN
    )
    found = Path(os.path.relpath(path))
    return (Path(path) if found.parts[:1] == ("..",) else found).as_posix()


def told(row: Row) -> str:
    """What is wrong, in a sentence."""
    return row.complaint or (row.problems[0].message if row.problems else row.reason) or row.requirement


def is_finding(row: Row) -> bool:
    """It is worth a line in a list of what is wrong: it fails, known or not, or is red."""
    return row.red or row.warns or row.state in ("known", "broken")
