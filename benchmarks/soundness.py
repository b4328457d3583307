"""Judging the recordings of a folder: is no check wrong about genuine OpenAI traffic, and what is found at the others?

`nox -s soundness -- FOLDER`, or `python -m benchmarks.soundness FOLDER`. Every file of the folder is one provider, named as the file;
those whose name begins with "openai-" are genuine. Recordings belong to others: nothing of them comes with the project, and
nothing that this prints quotes one. Red are a MUST that genuine traffic fails or leaves
untestable, and any verdict `broken`.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from conformance.areas.catalogue import catalogue
from conformance.clients import outcomes
from conformance.clients.replay import Client
from conformance.exchange import Exchange
from conformance.judge.judge import RECORDED, Judge
from conformance.judge.verdicts import MUST, SHOULD, Verdict
from conformance.record.recognition import Recording, exchanges, find

GENUINE = "openai-"
LEVELS = ("must", "should", "may")


@dataclass
class Found:
    """What one recording gave."""

    provider: str
    exchanges: int = 0
    foreign: int = 0
    """Entries that are not of this API, or hold no answer."""
    faults: list[str] = field(default_factory=list)
    """Entries that could not be read."""
    seconds: float = 0.0
    """Of one core, for reading and judging; the replay is left out."""
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    @property
    def genuine(self) -> bool:
        return self.provider.startswith(GENUINE)

    def of(self, *outcomes: str) -> list[Verdict]:
        return [verdict for verdict in self.verdicts.values() if verdict.outcome in outcomes]


def judged(recording: Recording, client: Client) -> Found:
    """One recording, judged by all checks as `openai-conformance judge` does, and replayed through the official client."""
    found, court, began = (
        Found(recording.path.name.partition(".")[0]),
        Judge(catalogue().values(), bounds=RECORDED),
        time.process_time(),
    )
    for x in exchanges(recording):
        if isinstance(x, Exchange):
            found.exchanges += 1
            paused = time.process_time()
            outcomes.remember(x, client.outcomes(x))
            began += time.process_time() - paused
            court.add(x)
        elif x.fault:
            found.faults.append(f"{recording.name}#{x.entry}: {x.reason}")
        else:
            found.foreign += 1
    found.verdicts = {verdict.check.id: verdict for verdict in court.finish()}
    found.seconds = time.process_time() - began
    return found


def table(all_found: list[Found]) -> list[str]:
    """Provider by check: how many of the exchanges (or groups of them) that a check looked at it finds fault with."""
    lines = []
    for found in all_found:
        counts = Counter(verdict.check.level for verdict in found.of("fail"))
        said = ", ".join(f"{counts[level]} {level.upper()}" for level in LEVELS if counts[level]) or "nothing"
        lines.append(f"\n{found.provider}: {found.exchanges} exchanges, {found.foreign} others left out; fails {said}")
        lines += [f"    {fault}" for fault in found.faults]
        for verdict in sorted(found.of("fail", "broken"), key=lambda v: (v.outcome, LEVELS.index(v.check.level))):
            numbers = "BROKEN" if verdict.outcome == "broken" else f"{verdict.failed}/{verdict.judged}"
            lines.append(f"    {verdict.check.level.upper():7}{verdict.check.id:34}{numbers:>10}")
    return lines


def unproven(genuine: list[Found]) -> list[str]:
    """The checks that no genuine exchange exercised, by level."""
    seen = Counter(dict.fromkeys(catalogue(), 0))
    for found in genuine:
        seen.update({id: verdict.judged for id, verdict in found.verdicts.items()})
    lines = []
    for level in LEVELS:
        ids = [check.id for check in catalogue().values() if check.level == level]
        never = [id for id in ids if not seen[id]]
        lines.append(f"{level.upper()}: {len(never)} of {len(ids)} checks met no genuine exchange: {', '.join(never)}")
    return lines


def amiss(all_found: list[Found]) -> list[str]:
    """What is red."""
    return [
        f"{found.provider}: {verdict.check.id} is {verdict.outcome}"
        for found in all_found
        for verdict in found.of("fail", "broken", "untestable")
        if verdict.outcome == "broken" or (found.genuine and verdict.check.level == MUST)
    ]


def main(arguments: list[str]) -> int:
    if not arguments:
        print("No folder of recordings was named, so nothing was judged: `nox -s soundness -- FOLDER`.")
        return 0
    if len(arguments) > 1 or not Path(arguments[0]).is_dir():
        print(f"There is no folder {' '.join(arguments)}: nothing was judged.")
        return 2
    recordings, _, _ = find(arguments)
    with Client() as client:
        all_found = [judged(recording, client) for recording in recordings]
    all_found.sort(key=lambda found: (not found.genuine, found.provider))
    genuine = [found for found in all_found if found.genuine]
    print("\n".join([*table(all_found), "", *unproven(genuine), ""]))
    count, seconds = sum(found.exchanges for found in all_found), sum(found.seconds for found in all_found)
    print(
        f"{count} exchanges of {len(all_found)} files in {seconds:.1f} s: {count / max(seconds, 1e-9):.0f} exchanges/s"
    )
    for level in (MUST, SHOULD):
        failed = sum(
            verdict.failed for found in genuine for verdict in found.of("fail") if verdict.check.level == level
        )
        print(f"{level.upper()} failures on {sum(found.exchanges for found in genuine)} genuine exchanges: {failed}")
    red = amiss(all_found)
    print("\n".join(red) or "No MUST failure on genuine traffic, nothing broken.")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
