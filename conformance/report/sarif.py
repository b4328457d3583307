"""SARIF 2.1.0 of a run: a rule for each check that found something, and a result; what was known is suppressed, with its reason.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/ says what it holds, and GitHub's code scanning what it reads of it:
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance.report.place import is_finding, place, told
from conformance.report.rows import Row, link, rows
from conformance.report.verdict import verdict
from conformance.run.run_file import Run
from conformance.run.whole_file import write_whole
from conformance.wire.jsontext import printable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"must": "error", "should": "warning", "may": "note"}


def write_sarif(run: Run, path: Path) -> None:
    """Write it. Raises OSError."""
    write_whole(path, json.dumps(sarif(run, path.parent), indent=1))


def sarif(run: Run, folder: Path) -> dict[str, Any]:
    """The log of a run whose reports are in this folder."""
    found = [row for row in rows(run) if is_finding(row)]
    uri = quote(os.fsencode(place(run, folder)))
    uri = f"file://{uri}" if uri.startswith("/") else uri
    driver = {"name": "openai-conformance", "version": run.header["version"], "rules": [_rule(row) for row in found]}
    code = (run.footer or {}).get("exit_code")
    ended = {"executionSuccessful": code in (0, 1)} | ({"exitCode": code} if code is not None else {})
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "invocations": [ended | {"startTimeUtc": run.header["started"].replace("+00:00", "Z")}],
                "results": [_result(number, row, uri) for number, row in enumerate(found)],
                "columnKind": "unicodeCodePoints",
                "properties": {"verdict": printable(": ".join(verdict(run)))},
            }
        ],
    }


def _rule(row: Row) -> dict[str, Any]:
    said = printable(row.requirement or row.id)
    breaks = [f"Breaks: {row.impact}"] if row.impact else []
    help = "\n".join([said, *breaks, *(f"Source: {source}" for source in row.source)])
    address = link(row.source[0])[0] if row.source else ""
    rule = {
        "id": row.id,
        "shortDescription": {"text": said},
        "help": {"text": printable(help)},
        "defaultConfiguration": {"level": LEVELS[row.level]},
        "properties": {"tags": [row.area, row.level]},
    }
    return rule | ({"helpUri": address} if address.isascii() and address.isprintable() and address else {})


def _result(number: int, row: Row, uri: str) -> dict[str, Any]:
    lines = [told(row), *(each.message for each in row.problems[1:])]
    seen = dict.fromkeys(id for each in row.problems for id in each.ids)
    result = {
        "ruleId": row.id,
        "ruleIndex": number,
        "kind": "fail",
        "level": "error" if row.red else "note" if row.level == "may" else "warning",
        "message": {"text": printable("\n".join(lines))},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}},
                "logicalLocations": [{"fullyQualifiedName": printable(id), "kind": "resource"} for id in seen],
            }
        ],
        "partialFingerprints": {"check/v1": row.id},
    }
    if row.state == "known" and not row.red:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": row.known}]
    return result
