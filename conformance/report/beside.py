"""The words of a verdict where a run is gated beside another one: by --against, or against a baseline.

What fails as it did there is not red, and is said all the same, so that nobody takes it for conformance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.report.claim import claim, lacking, where
from conformance.report.rows import LEVELS, Row, gate
from conformance.run.run_file import Run
from conformance.run.words import several
from conformance.wire.jsontext import printable

Gate = Mapping[str, Any]


def worse(said: Gate, why: str) -> tuple[str, str]:
    """The verdict where something is worse that counts."""
    return _word(said), f"{why}, worse than in {_other(said)}"


def not_worse(run: Run, table: Sequence[Row]) -> tuple[str, str]:
    """The verdict where nothing is."""
    said = gate(run)
    failing = [(level, sum(row.state == "fail" and row.level == level for row in table)) for level in LEVELS]
    numbers = [f"{number} {level.upper()}" for level, number in failing if number]
    still = f"; {', '.join(numbers)} fail there, too, or do not count" if numbers else ""
    same = f"nothing that counts is worse than in {_other(said)}{still}"
    word = claim(run) if said["conforms"] else f"NO {_word(said)}{where(run).upper()}"
    return word, "; ".join([*lacking(run), same])


def compared(run: Run) -> list[str]:
    """One line on what is better and worse than in the other run, and on what could not be compared; none without one."""
    said = gate(run)
    if "against" not in said or said["fail_on"] == "gap":
        return _gap(run)
    parts = [f"{which} {several(tuple(said[which]), 3)}" for which in ("worse", "better") if said[which]]
    parts += [f"{len(said['not_compared'])} checks not judged in both"] if said["not_compared"] else []
    return [f"Beside {_other(said)}: {'; '.join(parts) or 'the same'}", *_gap(run)]


def _gap(run: Run) -> list[str]:
    """The same of the baseline, and the checks by which only one of them was judged."""
    if not run.gaps:
        return []
    ids = {
        kind: tuple(row["check"] for row in run.gaps if row["gap"] == kind)
        for kind in ("worse", "better", "not-compared")
    }
    parts = [f"{len(ids[kind])} {kind}: {several(ids[kind], 3)}" for kind in ("worse", "better") if ids[kind]]
    parts += [f"{len(ids['not-compared'])} checks not compared"] if ids["not-compared"] else []
    about = (run.footer or {}).get("baseline") or {}
    where = printable(about.get("base_url") or about.get("file") or "")
    lines = [f"Beside the baseline {where}: {'; '.join(parts) or 'the same'}"]
    if versions := (run.footer or {}).get("versions"):
        names = {"added": "only the target", "removed": "only the baseline", "changed": "in other words"}
        which = [f"{names[kind]} {several(tuple(versions[kind]), 5)}" for kind in names if versions[kind]]
        lines.append(
            f"The baseline is of version {versions['baseline']}, this is {versions['target']}; judged by: {', '.join(which)}"
        )
    return lines


def too_many(run: Run) -> str:
    """Where the target is worse than the baseline on more checks than --max-gap allows: in words."""
    missed = [each for each in (run.footer or {}).get("gates", ()) if each["holds"] is False]
    return ", ".join(f"{each['seen']} than the baseline, {each['wanted']} wanted" for each in missed)


def _word(said: Gate) -> str:
    return "GAP" if said["fail_on"] == "gap" else "REGRESSION"


def _other(said: Gate) -> str:
    return printable(said["against"])
