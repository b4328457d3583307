"""Why a check has its level where the measurement of real clients speaks for another: a MUST that breaks none of them, a SHOULD that breaks
several. Reads `levels.toml` of every area's folder; which checks need a reason is said by benchmarks/clients/levels.py."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def reasons() -> dict[str, str]:
    """The reason in a sentence or two, by the id of the check."""
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*/levels.toml"))]
    return {id: why for table in tables for id, why in table.items()}
