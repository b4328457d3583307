"""What a report folder holds of the runs before: what was red there, and the last full run, which a run of a part must not replace.

It must not judge or send.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from conformance.areas.catalogue import area_of, catalogue, features
from conformance.judge.verdicts import Check
from conformance.record.run_lines import RunFileError, about
from conformance.run.options import Options
from conformance.run.report_names import RUN
from conformance.run.run_file import Run, read
from conformance.run.selection import chosen
from conformance.run.user_error import UserError

PART = "part"
"""Below the report's folder: the reports of the last run of a part, where the folder has those of a full run."""


def wanted(options: Options) -> list[Check]:
    """The checks that a run is to judge: those of --only without those of --exclude; of them, with --failed, what was red. Raises
    UserError."""
    checks = chosen(options.only, options.exclude)
    if not options.failed:
        return checks
    red = failed(options.report)
    if not red:
        raise UserError(f"--failed: nothing was red in {newest(options.report)}, so there is nothing to ask again")
    left = [check for check in checks if check.id in red]
    if not left:
        raise UserError(f"--failed: what was red in {newest(options.report)} is left out by --only and --exclude")
    return left


def placed(options: Options, checks: Sequence[Check]) -> Options:
    """The options with the folder that the reports go to: that of --report, or one in it where that holds a full run, and this is to
    be none."""
    folder = Path(options.report)
    return replace(options, report=str(folder / PART)) if is_part(options, checks) and _is_full(folder) else options


def is_part(options: Options, checks: Sequence[Check]) -> bool:
    """The run leaves out checks, or the requests of some endpoints."""
    return options.asked_by != "gateway" and (len(checks) < len(catalogue()) or bool(options.endpoints))


def newest(report: str) -> Path:
    """The run file of the last run of a report's folder: a full run takes that of a part away."""
    part = Path(report) / PART / RUN
    return part if os.path.exists(part) else Path(report) / RUN


def failed(report: str) -> set[str]:
    """The checks that were red last time. A run of a part says nothing of the other checks, unless it was of what had been red. Raises
    UserError."""
    last = _read(newest(report))
    full = Path(report) / RUN
    if newest(report) == full or last.header["options"].get("failed"):
        return _red(last)
    return (_red(_read(full)) - {record["check"] for record in last.verdicts}) | _red(last)


def _red(run: Run) -> set[str]:
    """Its red checks; where a feature was lacking that was required, those of its area."""
    lacking = (run.footer or {}).get("gate", {}).get("red_features", ())
    areas = {area_of(features()[name]) for name in lacking if name in features()}
    of_features = {check.id for check in catalogue().values() if area_of(check) in areas}
    return {id for id in (run.footer or {}).get("red", ()) if id in catalogue()} | of_features


def _read(path: Path) -> Run:
    try:
        run = read(path, skip=("exchange", "sdk"))
    except RunFileError as error:
        raise UserError(f"--failed: {error}") from None
    if run.footer is None or run.header.get("kind", "checks") != "checks":
        raise UserError(
            f"--failed: {path} holds no verdicts, expected a run that came to its end: run without --failed"
        )
    return run


def _is_full(folder: Path) -> bool:
    try:
        header, whole = about(folder / RUN)
    except RunFileError:
        return False
    return whole and not header.get("part") and header.get("kind", "checks") == "checks"
