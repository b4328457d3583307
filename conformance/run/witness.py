"""The official client at a run: replays what came back, judges by the checks of the area SDK, and says where it broke.

What is live is replayed in a process beside this one while more is on its way (clients/replaying.py), recordings here. The client is
imported only once there is something to replay. Without it, and with `--sdk off`, the witness sees nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from conformance.clients import losses, outcomes
from conformance.clients.replaying import Broken, Replaying
from conformance.exchange import Exchange, NotRecorded
from conformance.judge.judge import RECORDED, Judge
from conformance.judge.verdicts import Check, Verdict
from conformance.run.options import Options
from conformance.run.user_error import UserError

AREA = "sdk"
SAMPLE = 200
"""Exchanges of recordings that are replayed unless `--sdk on` asks for all: that takes ten times as long as judging them."""

Record = dict[str, Any]


class Witness:
    """`with Witness(checks, options) as witness`: `look` at recordings as they come, or `begin` with what is live, `keep` it in the order
    in which it is judged, and `finish`."""

    def __init__(self, checks: Sequence[Check], options: Options) -> None:
        if options.sdk == "on" and not outcomes.installed():
            raise UserError(f"--sdk on needs the official client: pip install '{outcomes.REQUIREMENT}'")
        self._present = options.sdk != "off" and outcomes.installed()
        self._checks = [check for check in checks if check.area == AREA]
        if self._checks and len(self._checks) == len(checks) and not self._present:
            without = "--sdk off leaves it out" if options.sdk == "off" else f"pip install '{outcomes.REQUIREMENT}'"
            raise UserError(f"the area {AREA} is about the official client: {without}")
        self._court = Judge(self._checks, RECORDED if options.by_others else None)
        self._kept: list[Exchange] = []
        self._looked: set[str] = set()
        self._room = SAMPLE if options.by_others and options.sdk == "auto" else sys.maxsize
        self._client = Replaying()
        self.seen = self.tried = 0

    def __enter__(self) -> Witness:
        return self

    def __exit__(self, *raised: object) -> None:
        self._client.__exit__(*raised)
        self._kept.clear()

    def begin(self, x: Exchange) -> None:
        """Something live, as it comes: what will be needed of it is begun."""
        if self._present and self._checks:
            self._client.begin(x)

    def keep(self, x: Exchange) -> None:
        """Something live, in the order in which it is judged, for `finish`."""
        self._kept.append(x)

    def look(self, x: Exchange, *, shown: bool = False) -> tuple[Record | None, list[Exchange]]:
        """Replay an exchange at once, unless there were enough and no report shows it. Gives what the run file says of it, and what
        a report should show."""
        self.seen += not shown
        wanted = shown or (bool(self._checks) and self.tried < self._room)
        return self._replay(x) if self._present and wanted and x.id not in self._looked else (None, [])

    @property
    def wants_more(self) -> bool:
        """It replays what it is shown, and has not seen enough yet."""
        return self._present and bool(self._checks) and self.tried < self._room

    def finish(self, verdicts: Sequence[Verdict]) -> tuple[list[Verdict], list[Record]]:
        """The verdicts of the area SDK, and what the run file says: of all that was kept, or, where none of these checks was
        chosen, of what the other verdicts hold against the endpoint."""
        named = {
            id for verdict in verdicts for ids, _ in verdict.problems for joined in ids for id in joined.split(" + ")
        }
        records = []
        for x in self._kept:
            self.seen += 1
            if self._present and (self._checks or x.id in named):
                records.append(self._replay(x)[0])
        return self._court.finish(), [record for record in records if record is not None]

    def _replay(self, x: Exchange) -> tuple[Record | None, list[Exchange]]:
        self._looked.add(x.id)
        try:
            found = self._client.outcomes(x)
            outcomes.remember(x, found)
            breaks = losses.breaks(x)
        except NotRecorded:
            found = ()
        except Exception as fault:  # ours: the checks break on this exchange, and the run goes on
            outcomes.remember(x, fault)
            named = str(fault).partition(":")[0] if isinstance(fault, Broken) else type(fault).__name__
            found, breaks = (), [f"the suite itself failed here, please report it: {named}"]
        if x.memo.get(outcomes.OUTCOMES, ()) == ():
            return None, []
        self.tried += 1
        record = {
            "type": "sdk",
            "client": outcomes.client(),
            "exchange": x.id,
            "outcomes": [{"way": outcome.name, "raised": outcome.raised} for outcome in found],
            "breaks": breaks,
        }
        shown = self._court.add(x)
        x.memo.pop(outcomes.OUTCOMES, None)
        return record, shown
