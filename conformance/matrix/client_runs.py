"""What real clients are asked for at each target of a matrix: a second run beside that of the target, by the sub-command `clients`.

It must not run anything: it says how the run is called, and whether one that is there is what was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.matrix.targets import Job
from conformance.record.run_lines import RunFileError
from conformance.run.commands_options import LOAD
from conformance.run.report_names import RUN
from conformance.run.run_file import Run, read

FOLDER = "clients"
"""Where the run of the clients is, in the folder of its target."""
NOT_THEIRS = ("budget_requests", "budget_tokens", "require", "profile", "only", "exclude")
"""Options of the runs that have no meaning for what clients ask."""


@dataclass(frozen=True)
class Asking:
    """Names of clients, none where nothing is asked of them; of the scenarios, all where none is named; and the clients that must work."""

    clients: Sequence[str] = ()
    scenarios: Sequence[str] = ()
    required: Sequence[str] = ()

    def options(self, job: Job, place: Path) -> dict[str, Any]:
        """The options of the run of the clients of this target, whose folder is `place`."""
        own = {name: value for name, value in job.given.items() if name in LOAD and name not in NOT_THEIRS}
        asked = {"client": self.clients, "scenario": self.scenarios, "require_client": self.required}
        return own | asked | {"report": str(place / FOLDER)}

    def of(self, place: Path) -> Run | None:
        """The run that is there, if it came to its end and is of these clients and scenarios."""
        try:
            run = read(place / FOLDER / RUN, skip=("exchange", "sdk"))
        except RunFileError:
            return None
        about = (run.footer or {}).get("clients") or {}
        met = {cell["client"] for cell in run.trials}
        tried = {cell["scenario"] for cell in run.trials}
        same = (met | about.get("absent", {}).keys(), about.get("required")) == ({*self.clients}, [*self.required])
        return run if same and (not self.scenarios or tried == {*self.scenarios}) else None


NOTHING = Asking()
