"""GitLab's code quality report of a run: an entry for each check that fails and was not known to.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from conformance.report.place import is_finding, place, told
from conformance.report.rows import Row, rows
from conformance.run.run_file import Run
from conformance.run.whole_file import write_whole
from conformance.wire.jsontext import printable

SEVERITIES = {"must": "critical", "should": "minor", "may": "info"}


def write_quality(run: Run, path: Path) -> None:
    """Write it. Raises OSError."""
    write_whole(path, json.dumps(quality(run, path.parent), indent=1))


def quality(run: Run, folder: Path) -> list[dict[str, Any]]:
    """The entries of a run whose reports are in this folder."""
    where = place(run, folder)
    return [_entry(row, where) for row in rows(run) if is_finding(row) and (row.red or row.state != "known")]


def _entry(row: Row, where: str) -> dict[str, Any]:
    """One check. What tells it from others is its name and where it stands, so that two endpoints of a pipeline have two."""
    severity = "blocker" if row.state == "broken" else SEVERITIES["must" if row.red else row.level]
    return {
        "description": printable(f"{row.id} ({row.level.upper()}): {told(row)}"),
        "check_name": row.id,
        "fingerprint": hashlib.sha256(f"{where} {row.id}".encode()).hexdigest(),
        "severity": severity,
        "location": {"path": where, "lines": {"begin": 1}},
    }
