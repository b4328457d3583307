"""Judges an endpoint several times, so that a first file of known deviations tells what hangs on chance (`--times`).

It must not judge or write anything itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.judge.verdicts import Verdict
from conformance.run.options import Options

FOLDER = "run-{}"
"""Below the report's folder: the reports of each run before the last."""
_OWN = ("times", "write_known", "known_level", "prune", "record", "fail_on", "strict", "against", "baseline", "max_gap")
"""Options that mean nothing to the runs before the last."""


def before(options: Options, conduct: Callable[[Options], Any]) -> list[Sequence[Verdict]]:
    """The verdicts of the runs that come before the one that writes the file. `conduct` does a run of the checks. Raises what it
    raises."""
    defaults = {name: Options.__dataclass_fields__[name].default for name in _OWN}
    folders = (Path(options.report) / FOLDER.format(n) for n in range(1, options.times))
    return [conduct(replace(options, **defaults, report=str(folder))).verdicts for folder in folders]
