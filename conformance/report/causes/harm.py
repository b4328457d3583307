"""How much a cause hurts and how often: what the causes are ordered by.

The words of what breaks are those of the checks and of what the official client was seen to do; nothing here judges an answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from conformance.report.causes.symptom import FAULT, LOST
from conformance.report.rows import Row

DOWN, WRONG, RAISES, REST = "down", "wrong", "raises", "rest"
"""No answer or a server's fault; data lost or wrong; an SDK raises; anything else."""
WEIGHT = {DOWN: 27.0, WRONG: 9.0, RAISES: 3.0, REST: 1.0}
"""By how much more one request hurts; the share of the requests counts as it is."""
_WRONG = re.compile(
    r"\b(lost|loses?|losing|wrong|silently|drops?|dropped|never sees?|never gets?|missing|empty|twice|corrupt\w*|garbled|cut off|"
    r"unnoticed|forever|hangs?|at zero)\b",
    re.IGNORECASE,
)
_RAISES = re.compile(r"\b(raises?|throws?|exceptions?|\w+Error|crash\w*|fails?|panics?|cannot (?:parse|decode))\b")


def harm(kind: str, rows: Sequence[Row]) -> str:
    """The worst that is known of a cause: by its kind, else by what breaks by the words of its root and of what a client did."""
    if kind in (FAULT, LOST):
        return DOWN
    words = " ".join(row.impact for row in (*rows[:1], *_witnesses(rows)))
    return WRONG if _WRONG.search(words) else RAISES if _witnesses(rows) or _RAISES.search(words) else REST


def breaks(rows: Sequence[Row]) -> str:
    """Whom it breaks: what its strictest check says of it, and what was seen in the official client."""
    said = next((row.impact for row in rows if row.impact and row.state == "fail"), "")
    seen = next((f"Seen in the official client: {row.problems[0].message}" for row in _witnesses(rows)), "")
    return " ".join(part for part in (said, seen) if part)


def _witnesses(rows: Sequence[Row]) -> list[Row]:
    """The failing checks that say what the official client made of the answers."""
    return [row for row in rows if row.area == "sdk" and row.state == "fail"]
