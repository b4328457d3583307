"""The requirements of the API that this suite knows, and which check answers each, or why a black box cannot.

Reads the table of every area's folder; checks point to its rows with `covers=`. It must not judge and knows nothing of runs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.judge.verdicts import Check, Level

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Requirement:
    """One row: `id` as in STREAM-003. `unseen` says why a black box cannot see it, None where checks answer it."""

    id: str
    level: Level
    text: str
    unseen: str | None = None

    @property
    def area(self) -> str:
        return self.id.partition("-")[0]


@cache
def requirements() -> dict[str, Requirement]:
    """Every row by id, in the order of the areas."""
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*/requirements.toml"))]
    rows = [Requirement(**row) for table in tables for row in table.get("requirement", [])]
    if len({row.id for row in rows}) != len(rows):
        raise ValueError("two rows of the requirements have one id")
    return {row.id: row for row in rows}


def answered_by(checks: Iterable[Check]) -> dict[str, list[str]]:
    """The ids of the checks that cover each row, in the order of the rows; an empty list where none does."""
    table: dict[str, list[str]] = {id: [] for id in requirements()}
    for check in checks:
        for row in check.covers:
            table.setdefault(row, []).append(check.id)
    return table


def faults(checks: Iterable[Check]) -> list[str]:
    """What is wrong with the table, one line each: a row without an answer, with both, or a check that names no row."""
    rows, wrong = requirements(), []
    for id, ids in answered_by(checks).items():
        if id not in rows:
            wrong.append(f"{', '.join(ids)} covers {id}, which is no row of the requirements")
        elif not ids and not rows[id].unseen:
            wrong.append(f"{id} has neither a check nor a reason why it cannot be seen")
        elif ids and rows[id].unseen:
            wrong.append(f"{id} is covered by {', '.join(ids)} and yet said to be unseen")
    return wrong
