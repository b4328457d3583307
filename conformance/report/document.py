"""A run as one JSON document, for programs: the verdict, the causes, every check and feature. docs/json.md says what each member holds.

It says what the other views say, and nothing else. What an endpoint said stands in strings, printable and cut as elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from conformance.report.causes.cause import Cause, causes
from conformance.report.decision import Decision
from conformance.report.production_said import production_document
from conformance.report.rows import (
    FeatureRow,
    Row,
    counts,
    feature_rows,
    gate,
    number_of_exchanges,
    remarks,
    rows,
    unsent,
)
from conformance.report.trial_table import ClientRow, clients
from conformance.report.verdict import verdict
from conformance.run.run_file import Run

FORMAT = 1
"""Raised when a program that reads the document would read it wrongly."""
NOT_JUDGED = "NOT JUDGED"


def text(document: Mapping[str, Any]) -> str:
    """The document in lines of pure ASCII, none of which GitHub takes for a command."""
    return json.dumps(document, indent=2, allow_nan=False).replace("##[", "#\\u0023[")


def of_run(run: Run, kind: str, code: int, files: Sequence[Path]) -> dict[str, Any]:
    """The document of a run of the checks; `kind` is the sub-command, `code` its exit code, `files` the run file and the reports."""
    word, why = verdict(run)
    table, footer = rows(run), run.footer or {}
    return {
        "format": FORMAT,
        "kind": kind,
        "version": run.header["version"],
        "verdict": word,
        "why": why,
        "conforms": bool(gate(run).get("conforms")),
        "exit_code": code,
        "target": run.header["target"],
        "started": run.header["started"],
        "seconds": footer.get("seconds"),
        "exchanges": number_of_exchanges(run),
        "cost": footer.get("cost"),
        "counts": counts(table),
        "scope": footer.get("scope"),
        "gate": gate(run),
        "causes": [_cause(each) for each in causes(run)],
        "checks": [_check(row) for row in table],
        "features": [_feature(row) for row in feature_rows(run)],
        **({"clients": [_of_client(row) for row in clients(run)]} if run.trials else {}),
        **({"lies": run.lies} if run.lies else {}),
        **({"load": footer["load"]} if footer.get("load") else {}),
        **({"times_added": footer["times_added"]} if footer.get("times_added") else {}),
        **({"production": said} if (said := production_document(run)) else {}),
        "remarks": remarks(run),
        "not_sent": {reason: list(ids) for reason, ids in unsent(run).items()},
        "files": [path.as_posix() for path in files],
    }


def _of_client(row: ClientRow) -> dict[str, Any]:
    cells = [{"scenario": cell["scenario"], **{name: cell[name] for name in ("state", "why", "exchanges", "checks")}}
             for cell in row.cells]  # fmt: skip
    return {
        "client": row.name,
        "versions": row.versions,
        "required": row.required,
        "left_out": row.why or None,
        "scenarios": cells,
    }


def not_judged(kind: str, version: str, why: str, code: int) -> dict[str, Any]:
    """The document where nothing came of a run."""
    said = {"verdict": NOT_JUDGED, "why": why, "conforms": False, "exit_code": code}
    return {"format": FORMAT, "kind": kind, "version": version, **said}


def of_parity(run: Run, code: int, files: Sequence[Path]) -> dict[str, Any]:
    """The document of a parity run: the decision, its gates, both sides, and every prompt."""
    decision, footer = Decision(run), run.footer or {}
    return {
        "format": FORMAT,
        "kind": "parity",
        "version": run.header["version"],
        "verdict": {0: "PARITY", 1: "NO PARITY"}.get(code, NOT_JUDGED),
        "why": decision.answer,
        "exit_code": code,
        "target": run.header["target"],
        "baseline": run.header["baseline"],
        "started": run.header["started"],
        "seconds": footer.get("seconds"),
        "gates": list(footer.get("gates", ())),
        "totals": footer.get("totals"),
        "latency": run.latency,
        "times": footer.get("times"),
        "bill": footer.get("bill"),
        "same_model": run.same_model,
        "prompts": run.golden,
        "remarks": list(footer.get("remarks", ())),
        "files": [path.as_posix() for path in files],
    }


def of_migration(found: Mapping[str, Any], files: Sequence[Path]) -> dict[str, Any]:
    """The document of a migration's checklist; `files` are migration.json and the page."""
    lines = [{name: line[name] for name in ("name", "verdict", "why", "evidence", "page")} for line in found["lines"]]
    return {
        "format": FORMAT,
        "kind": found["kind"],
        "version": found["version"],
        "verdict": {0: "CUT OVER", 1: "DO NOT CUT OVER"}.get(found["exit_code"], NOT_JUDGED),
        "why": found["answer"],
        "exit_code": found["exit_code"],
        "from": found["from"],
        "to": found["to"],
        "started": found["started"],
        "lines": lines,
        "files": [path.as_posix() for path in files],
    }


def of_matrix(
    targets: Sequence[tuple[str, Run | None, str, int, Path]],
    code: int,
    version: str,
    page: Path | None,
    trials: Sequence[Run | None] = (),
) -> dict[str, Any]:
    """The document of a matrix: of each target its name, its run or why there is none, its exit code, its folder; and in the same order
    the runs of real clients at them."""
    found = []
    for (name, run, said, ended, folder), asked in zip_longest(targets, trials):
        word, why = verdict(run) if run is not None else (NOT_JUDGED, said)
        conforms = run is not None and bool(gate(run).get("conforms"))
        numbers = {"counts": counts(rows(run)), "scope": (run.footer or {}).get("scope")} if run is not None else {}
        target = {"name": name, "verdict": word, "why": why, "conforms": conforms, "exit_code": ended}
        tried = {"clients": [_of_client(row) for row in clients(asked)]} if asked is not None else {}
        found.append(target | numbers | tried | {"folder": folder.as_posix()})
    files = [page.as_posix()] if page else []
    return {"format": FORMAT, "kind": "matrix", "version": version, "exit_code": code, "targets": found, "files": files}


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "check": cause.root.id,
        "level": cause.root.level,
        "red": cause.red,
        "sentence": cause.sentence,
        "unlocks": [row.id for row in cause.rows],
        "exchanges": list(cause.ids),
        "touched": cause.touched,
        "of": cause.of,
        "breaks": cause.breaks,
        "said": cause.said,
        "as_if": list(cause.as_if),
    }


def _check(row: Row) -> dict[str, Any]:
    problems = [{"message": each.message, "exchanges": list(each.ids), "count": each.count} for each in row.problems]
    return {
        "id": row.id,
        "area": row.area,
        "level": row.level,
        "outcome": row.state,
        "red": row.red,
        "requirement": row.requirement,
        "problems": problems,
        "reason": row.reason,
        "known": row.known,
        "complaint": row.complaint,
        "impact": row.impact,
        "client": row.client,
        "source": list(row.source),
        "exchanges": list(row.exchanges),
    }


def _feature(row: FeatureRow) -> dict[str, Any]:
    said = {"name": row.name, "decision": row.decision, "why": row.why, "required": row.required, "red": row.unmet}
    return said | {"exchanges": list(row.exchanges)}
